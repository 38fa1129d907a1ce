// The block and the network: what one residual too many does, and why words must attend to each other.
//     dotnet run samples/block.cs -c Release
// prints
//     word : attended  one residual 1.0 : 1   textbook 2.0 : 1
//     textbook-network               9024 parameters   'cup' depends on its colour: no
//     cross-attention-words-apart    8928 parameters   'cup' depends on its colour: no
//     cross-attention               13408 parameters   'cup' depends on its colour: yes
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

// 1. The word is in the first two features, the result of attention in the last two; both are equally strong.
using (var pass = Pass.Evaluation())
{
    var word = Tensor.From([1, -1, 0, 0], [1, 4]);
    var attended = Tensor.From([0, 0, 1, -1], [1, 4]);
    var once = pass.LayerNorm(pass.Add(word, attended));   // the corrected block: one residual
    var twice = pass.LayerNorm(pass.Add(word, once));      // the textbook's block adds the word again
    Console.WriteLine($"word : attended  one residual {once[0, 0] / once[0, 2]:F1} : 1   textbook {twice[0, 0] / twice[0, 2]:F1} : 1");
}

// 2. "red cup" becomes "blue cup". Does the token of "cup" change?
var options = new FusionOptions(16, Heads: 2, Layers: 4);
var vision = new Tokens(Tensor.Normal([1, 9, 16], new RandomSource(3)));
var (red, blue, cup) = (Word(10), Word(11), Word(12));
foreach (var name in new[] { "textbook-network", "cross-attention-words-apart", "cross-attention" })
{
    var network = FusionStrategies.Create(name, options, new RandomSource(1));
    var same = Cup(network, red).SequenceEqual(Cup(network, blue));
    Console.WriteLine($"{name,-28}{network.ParameterCount,7} parameters   'cup' depends on its colour: {(same ? "no" : "yes")}");
}

float[] Word(ulong seed) => Tensor.Normal([16], new RandomSource(seed)).ToArray();

float[] Cup(FusionStrategy network, float[] colour)
{
    using var pass = Pass.Evaluation();
    var language = new Tokens(Tensor.From([.. colour, .. cup], [1, 2, 16]));    // [B, Nl, d]
    return network.Forward(language, vision, pass).Fused.Values.ToArray()[16..];
}
