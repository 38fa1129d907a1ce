// Co-attention: words attend to patches and patches to words, each to what the other was before the layer.
//     dotnet run samples/co_attention.cs -c Release
// prints
//     words [1,5,16], patches [1,9,16]
//     layers.0.language.cross_attn: weights [1,2,5,9]
//     layers.0.vision.cross_attn: weights [1,2,9,5]
//     1 layer(s): new weights in the vision stream do not change the words
//     2 layer(s): new weights in the vision stream change the words
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

var random = new RandomSource(7);
var words = new Tokens(Tensor.Normal([1, 5, 16], random));       // [B, Nl, d]
var patches = new Tokens(Tensor.Normal([1, 9, 16], random));     // [B, Nv, d]

var trace = new AttentionTrace();
using (var pass = Pass.Evaluation(trace))
{
    var output = new CoAttentionTransformer(new FusionOptions(16, Heads: 2), new RandomSource(1)).Forward(words, patches, pass);
    Console.WriteLine($"words {output.Fused.Values.Shape}, patches {output.Named["vision"].Shape}");
}

foreach (var (name, weights) in trace.Entries) Console.WriteLine($"{name}: weights {weights.Shape}");

// Both directions use the states before the layer. So with one layer the words do not depend on the new states of the patches ...
foreach (var layers in new[] { 1, 2 })
{
    var strategy = new CoAttentionTransformer(new FusionOptions(16, Heads: 2, layers), new RandomSource(1));
    var before = Words(strategy);
    var learned = strategy.Parameters().Single(p => p.Key == "layers.0.vision.feed_forward.fc2.weight").Value;
    foreach (ref var weight in learned.Span) weight += 0.5f;
    // ... with two they do: the patches' states after the first layer are keys and values in the second.
    Console.WriteLine($"{layers} layer(s): new weights in the vision stream {(before.SequenceEqual(Words(strategy)) ? "do not change the words" : "change the words")}");
}

float[] Words(FusionStrategy strategy)
{
    using var pass = Pass.Evaluation();
    return strategy.Forward(words, patches, pass).Fused.Values.ToArray();
}
