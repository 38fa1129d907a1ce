// Visualisation: each word's attention weights as the forward pass used them, drawn over the picture and in the terminal.
//     dotnet run samples/visualise.cs -c Release
// prints
//     'red' attends to row 3 column 2 (0.14), row 3 column 3 (0.14), row 4 column 2 (0.14)
//     'blue' attends to row 4 column 8 (0.22), row 4 column 9 (0.22), row 5 column 8 (0.22)
//     'red': 88 % of its attention lies on the cup, 12.9 times chance
//
//
//
//         @@@@..
//         @@@@
//         @@@@
//
//
//     drawn: artifacts/visualise.png
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Layers;

// A table with a red cup (left) and a blue box (right), 96 × 64 pixels, cut into patches of 8 × 8.
var photo = new RgbImage(96, 64);
photo.Fill(new Rgb(120, 110, 100));
Drawing.Rectangle(photo, 16, 24, 16, 24, new Rgb(210, 40, 40));
Drawing.Rectangle(photo, 32, 28, 8, 4, new Rgb(210, 40, 40));
Drawing.Rectangle(photo, 64, 32, 16, 16, new Rgb(40, 60, 200));
var grid = new TokenGrid(Rows: 8, Columns: 12);

// A patch's token is its mean colour, around grey; a word's token is the colour it means.
var vision = Tensor.Zeros([1, grid.Count, 4]);
var redness = new float[grid.Count];    // share of each patch that is red: the truth to compare with
for (var y = 0; y < photo.Height; y++)
for (var x = 0; x < photo.Width; x++)
{
    var (patch, pixel) = (y / 8 * grid.Columns + x / 8, photo[x, y]);
    vision[0, patch, 0] += (pixel.R - 110) / (64f * 25);
    vision[0, patch, 1] += (pixel.G - 110) / (64f * 25);
    vision[0, patch, 2] += (pixel.B - 110) / (64f * 25);
    redness[patch] += pixel.R > 200 ? 1 / 64f : 0;
}

string[] words = ["red", "blue"];
var language = Tensor.From([1.5f, -0.75f, -0.75f, 0, -0.75f, -0.75f, 1.5f, 0], [1, 2, 4]);

var attention = new CrossModalAttention(new FusionOptions(4, Heads: 1), new RandomSource(1));
foreach (var (name, parameter) in attention.Parameters().Where(p => p.Key.EndsWith("_proj.weight", StringComparison.Ordinal)))
    for (var i = 0; i < 16; i++) parameter.Span[i] = i % 5 == 0 ? 1 : 0;    // identity instead of training

var trace = new AttentionTrace();
using var pass = Pass.Evaluation(trace);
attention.Forward(new Tokens(language), new Tokens(vision), pass);
var map = WordMap.Read(trace, sample: 0, words: 2, grid)[0];

for (var word = 0; word < words.Length; word++)
{
    var best = TopPatches.Of(map.Head(0, word), 3);
    Console.WriteLine($"'{words[word]}' attends to {string.Join(", ", best.Select(b => $"row {b.Patch / 12} column {b.Patch % 12} ({b.Weight:F2})"))}");
}

var grounding = Grounding.Measure(map.Head(0, 0), redness);
Console.WriteLine($"'red': {grounding.Mass:P0} of its attention lies on the cup, {grounding.Lift:F1} times chance");

Directory.CreateDirectory("artifacts");
var options = new HeatMapOptions { Enlarge = 4, Map = ColorMap.Inferno };
Png.Write("artifacts/visualise.png", HeatMap.Figure(photo, map.Head(0, 0), grid.Rows, grid.Columns, "red", options));

// The same weights as brightness, for a terminal.
var picture = new RgbImage(grid.Columns, grid.Rows);
for (var patch = 0; patch < grid.Count; patch++)
{
    var level = (byte)Math.Min(255, 2500 * map.Head(0, 0)[patch]);
    picture[patch % 12, patch / 12] = new Rgb(level, level, level);
}

Console.Write(TerminalImage.Render(picture, 24, TerminalColors.None));
Console.WriteLine("drawn: artifacts/visualise.png");
