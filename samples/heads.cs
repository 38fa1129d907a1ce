// Multi-head attention: one token has several sets of weights; and why a map computed without the heads is none of them.
//     dotnet run samples/heads.cs -c Release
// prints
//                              red cup  blue cup  red ball     table
//     1 head                      0.67      0.15      0.15      0.03
//     2 heads, head 0             0.45      0.05      0.45      0.05
//     2 heads, head 1             0.45      0.45      0.05      0.05
//     textbook's map              0.80      0.10      0.10      0.01
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

string[] patches = ["red cup", "blue cup", "red ball", "table"];

// Features red, blue | cup, ball: with two heads, head 0 has the first two, head 1 the last two.
var word = Tensor.From([3, 0, 3, 0], [1, 1, 4]);    // one token for "the red cup"
var vision = Tensor.From([1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0], [1, 4, 4]);

Console.WriteLine($"{"",-22}{string.Join("", patches.Select(p => $"{p,10}"))}");
Show("1 head", Heads(1).Of("attention"), 0);
var (attention, weightsOf) = Heads(2);
Show("2 heads, head 0", weightsOf("attention"), 0);
Show("2 heads, head 1", weightsOf("attention"), 1);

// The textbook's getAttentionWeights: never splits into heads, divides by √(head width) all the same.
using var pass = Pass.Evaluation();
var literal = attention.TextbookWeights(new Tokens(word), new Tokens(vision), pass);
Console.WriteLine($"{"textbook's map",-22}{string.Join("", patches.Select((_, j) => $"{literal[0, 0, j],10:F2}"))}");

(CrossModalAttention Layer, Func<string, Tensor> Of) Heads(int heads)
{
    var layer = new CrossModalAttention(new FusionOptions(4, heads), new RandomSource(1));
    foreach (var (name, parameter) in layer.Parameters().Where(p => p.Key.EndsWith("_proj.weight", StringComparison.Ordinal)))
        for (var i = 0; i < 16; i++) parameter.Span[i] = i % 5 == 0 ? 1 : 0;    // the identity

    // A pass with a trace receives the weights the forward pass really used, of every head: [B, H, Nl, Nv].
    var trace = new AttentionTrace();
    using var forward = Pass.Evaluation(trace);
    layer.Forward(new Tokens(word), new Tokens(vision), forward);
    return (layer, name => trace[name]);
}

void Show(string title, Tensor weights, int head) =>
    Console.WriteLine($"{title,-22}{string.Join("", patches.Select((_, j) => $"{weights[0, head, 0, j],10:F2}"))}");
