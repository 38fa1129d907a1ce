// Masks: true = may be attended. Padding never changes a result, and a row with nothing to attend gives zeros.
//     dotnet run samples/masks.cs -c Release
// prints
//     without a mask  the padded instruction gives something else
//     with a mask     the padded instruction gives what it gives alone
//     from PyTorch's  the padded instruction gives what it gives alone
//     query 0: 0.69  0.31  0.00  0.00
//     query 1: 0.00  0.00  0.00  0.00
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

// Two instructions of 2 and 3 words in one batch: the shorter one is padded with rubbish.
var network = new CrossModalTransformer(new FusionOptions(8, Heads: 2), new RandomSource(1));
var vision = Tensor.Normal([1, 4, 8], new RandomSource(2));
var shortOne = Tensor.Normal([1, 2, 8], new RandomSource(3));
var longOne = Tensor.Normal([1, 3, 8], new RandomSource(4));
using var pass = Pass.Evaluation();
var rubbish = Tensor.Full([1, 1, 8], 99);
var batch = pass.Concat(0, pass.Concat(1, shortOne, rubbish), longOne);    // [2, 3, 8]
var both = pass.Concat(0, vision, vision);

var alone = network.Forward(new Tokens(shortOne), new Tokens(vision), pass).Fused.Values;
Compare("without a mask", null);
Compare("with a mask", Mask.Lengths([2, 3], keys: 3));

// PyTorch's key_padding_mask says the opposite: true = ignore.
Compare("from PyTorch's", Mask.FromIgnored(new[,] { { false, false, true }, { false, false, false } }));

// Query 1 may attend to nothing. PyTorch gives NaN here, Hugging Face the mean over all; this gives zeros.
var weights = pass.Attention(shortOne, vision, vision, heads: 1, options: new AttendingOptions { WithWeights = true },
    mask: Mask.Allowed(new[,] { { true, true, false, false }, { false, false, false, false } }).Scores).Weights!;
for (var query = 0; query < 2; query++)
    Console.WriteLine($"query {query}: {string.Join("  ", Enumerable.Range(0, 4).Select(key => $"{weights[0, 0, query, key]:F2}"))}");

void Compare(string title, Mask? mask)
{
    var padded = network.Forward(new Tokens(batch, mask), new Tokens(both), pass).Fused.Values;
    var change = Enumerable.Range(0, 16).Max(i => MathF.Abs(padded.Span[i] - alone.Span[i]));
    Console.WriteLine($"{title,-15} the padded instruction {(change < 1e-5f ? "gives what it gives alone" : "gives something else")}");
}
