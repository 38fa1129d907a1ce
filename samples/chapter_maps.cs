// The chapter's AttentionVisualizer in its own form: visualize prints the patches with the largest weights, generateHeatmap fills pixels.
//     dotnet run samples/chapter_maps.cs -c Release
// prints
//     token 'pick' → patch 0 (weight 0.042)
//       top 5 patches: 0(0.04) 1(0.04) 2(0.04) 3(0.04) 4(0.04)
//     token 'red' → patch 8 (weight 0.416)
//       top 5 patches: 8(0.42) 14(0.42) 0(0.01) 1(0.01) 2(0.01)
//     token 'cup' → patch 8 (weight 0.416)
//       top 5 patches: 8(0.42) 14(0.42) 0(0.01) 1(0.01) 2(0.01)
//     heat map of 'red': 66 × 98 pixels, 512 above 0.4, 324 at the edges are 0
//       row 20, column 40, the red cup: 0.416
//       row 40, column 70, the blue box: 0.008
//       row  0, column  0, the table: 0.008
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Imaging;

// 4 × 6 patches with features red, blue, cup, box: a red cup on patches 8 and 14, a blue box on 16, a table elsewhere.
const int Rows = 4, Columns = 6, Patch = 16;
var vision = Tensor.Zeros([1, Rows * Columns, 4]);
foreach (var patch in (int[])[8, 14]) vision[0, patch, 0] = vision[0, patch, 2] = 1;
vision[0, 16, 1] = vision[0, 16, 3] = 1;
string[] words = ["pick", "red", "cup"];
var language = Tensor.From([0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 8, 0], [1, 3, 4]);

var attention = new CrossModalAttention(new FusionOptions(4, Heads: 1), new RandomSource(1));
foreach (var (_, parameter) in attention.Parameters().Where(p => p.Key.EndsWith("_proj.weight", StringComparison.Ordinal)))
    for (var i = 0; i < 16; i++) parameter.Span[i] = i % 5 == 0 ? 1 : 0;    // the identity instead of training

// With one head, getAttentionWeights gives the weights that the forward pass uses: [B, Nl, Nv].
using var pass = Pass.Evaluation();
var weights = attention.TextbookWeights(new Tokens(language), new Tokens(vision), pass);

// visualize: the patch with the largest weight of each word, then the five largest.
for (var word = 0; word < words.Length; word++)
{
    var top = TopPatches.Of(Of(word), 5);
    Console.WriteLine($"token '{words[word]}' → patch {top[0].Patch} (weight {top[0].Weight:F3})");
    Console.WriteLine($"  top 5 patches: {string.Join(" ", top.Select(t => $"{t.Patch}({t.Weight:F2})"))}");
}

// generateHeatmap: every pixel has the weight of its patch; of 66 × 98 pixels, those beyond the last whole patch stay 0.
var heatmap = HeatMap.FillPixels(Of(1), Rows, Columns, imageHeight: 66, imageWidth: 98, Patch);
Console.WriteLine($"heat map of 'red': {heatmap.Length / 98} × 98 pixels, {heatmap.Count(w => w > 0.4)} above 0.4, {heatmap.Count(w => w == 0)} at the edges are 0");
foreach (var (what, row, column) in new[] { ("the red cup", 20, 40), ("the blue box", 40, 70), ("the table", 0, 0) })
    Console.WriteLine($"  row {row,2}, column {column,2}, {what}: {heatmap[row * 98 + column]:F3}");

ReadOnlySpan<float> Of(int word) => weights.Span.Slice(word * Rows * Columns, Rows * Columns);
