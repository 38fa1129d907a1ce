// Fewer tokens: four ways to leave 16 of 64 patches, and the way back: attention to the few as attention to the patches.
//     dotnet run samples/fewer_tokens.cs -c Release
// prints
//     pool:16      weights [1,4,3,16], source [1,16,64], map of a word over 64 patches, sum 1.000, cup apart: False
//     conv:16      weights [1,4,3,16], source [1,16,64], map of a word over 64 patches, sum 1.000, cup apart: False
//     learner:16   weights [1,4,3,16], source [1,16,64], map of a word over 64 patches, sum 1.000, cup apart: False
//     merge:16     weights [1,4,3,16], source [1,16,64], map of a word over 64 patches, sum 1.000, cup apart: True
//     resampler:16 weights [1,4,3,16], source [1,16,64], map of a word over 64 patches, sum 1.000, cup apart: False
//     sizes after merging sum to 64: 9 3 1 8 1 2 1 1 9 1 7 1 1 9 9 1
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Layers;

// 8 × 8 patches of an empty table with a cup on it: two patches differ from all others.
const int Width = 32, Cup = 3 * 8 + 4;
var grid = new TokenGrid(8, 8);
var (table, cup) = (Tensor.Normal([Width], new RandomSource(1)), Tensor.Normal([Width], new RandomSource(2)));
var vision = Tensor.Zeros([1, 64, Width]);
for (var patch = 0; patch < 64; patch++)
for (var c = 0; c < Width; c++) vision[0, patch, c] = patch is Cup or Cup + 8 ? cup[c] : table[c] + 0.01f * ((patch + c) % 7);
var words = new Tokens(Tensor.Normal([1, 3, Width], new RandomSource(3)));

foreach (var method in new[] { "pool:16", "conv:16", "learner:16", "merge:16", "resampler:16" })
{
    var options = new FusionOptions(Width) { Vision = new VisionOptions { Grid = grid, Tokens = VisualTokens.Parse(method) } };
    var strategy = FusionStrategies.Create("cross-attention", options, new RandomSource(4));
    var trace = new AttentionTrace();
    using var pass = Pass.Evaluation(trace);
    strategy.Forward(words, new Tokens(vision), pass);

    // The weights are over 16 tokens. Where these came from is in the trace too, and the maps of the words are over the patches again.
    var few = trace["fusion.layers.0.cross_attn"];
    var map = WordMap.Read(trace, 0, 3, grid).Single();
    var source = new TokenSource(trace.Sources.Single().Value);
    Console.WriteLine($"{method,-12} weights {few.Shape}, source {source.Map.Shape}, map of a word over {map.Mean(0).Length} patches, "
        + $"sum {map.Mean(0).Sum():F3}, cup apart: {Apart(source)}");
}

// Merging keeps apart what is different; the table becomes a few tokens of many patches, and how many is remembered.
var merged = new TokenMerging(16);
using (var pass = Pass.Evaluation())
{
    var sizes = merged.Reduce(new Tokens(vision), pass).Mask!.Presence(pass).ToArray();
    Console.WriteLine($"sizes after merging sum to {sizes.Sum():F0}: {string.Join(" ", sizes.Select(s => s.ToString("F0")))}");
}

// A token is apart when all of it comes from the cup.
static bool Apart(TokenSource source) => Enumerable.Range(0, source.Tokens).Any(m => source.Map[0, m, Cup] + source.Map[0, m, Cup + 8] > 0.99f);
