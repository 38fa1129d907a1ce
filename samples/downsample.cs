// Downsampling: fewer visual tokens; why the grid must not be forgotten on the way.
//     dotnet run samples/downsample.cs -c Release
// prints
//     patches [1,16,4]
//        0.0 0.0 1.0 1.0
//        0.0 0.0 1.0 1.0
//        0.0 0.0 1.0 1.0
//        0.0 0.0 1.0 1.0
//     along the sequence [1,4,4]
//        0.5
//        0.5
//        0.5
//        0.5
//     on the grid [1,4,4]
//        0.0 1.0
//        0.0 1.0
//     strided convolution  [1,16,4] -> [1,4,4]
//     strided convolution  [1,36,4] -> [1,9,4]
//     strided convolution  [1,64,4] -> [1,16,4]
//     textbook's           [1,16,4] -> [1,4,4]
//     textbook's           [1,36,4] -> Linear: widths differ: x[1,4,36] has 36, weight[4,16] takes 16
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;

// 4 × 4 patches: the left half of the picture is 0, the right half 1.
var vision = Tensor.Zeros([1, 16, 4]);
for (var patch = 0; patch < 16; patch++)
for (var c = 0; c < 4; c++) vision[0, patch, c] = patch % 4 < 2 ? 0 : 1;

using var pass = Pass.Evaluation();
Print("patches", vision, 4);

// The textbook pools along the sequence: four patches in a row become one, and left and right are mixed.
var sequence = pass.AvgPool1d(vision, 4);
Print("along the sequence", sequence, 1);

// On the grid, squares of 2 × 2 become one.
var sampler = new TokenDownsampler(new FusionOptions(4), new RandomSource(1));
Print("on the grid", sampler.Reduce(new Tokens(vision), pass).Values, 2);

// A learned version with the same aim is a strided convolution; it serves a picture of any size.
var learned = new TokenDownsampler(new FusionOptions(4), new RandomSource(1), Downsampling.StridedConvolution);
foreach (var side in new[] { 4, 6, 8 })
    Console.WriteLine($"strided convolution  [1,{side * side},4] -> {learned.Reduce(new Tokens(Tensor.Zeros([1, side * side, 4])), pass).Values.Shape}");

// The textbook's exchanges tokens for channels, so that it fits one number of patches only.
var literal = new TextbookTokenConvolution(tokens: 16, targets: 4, new RandomSource(1));
Console.WriteLine($"textbook's           [1,16,4] -> {literal.Forward(vision, pass).Shape}");
try
{
    literal.Forward(Tensor.Zeros([1, 36, 4]), pass);
}
catch (ShapeException error)
{
    Console.WriteLine($"textbook's           [1,36,4] -> {error.Message}");
}

void Print(string title, Tensor tokens, int columns)
{
    Console.WriteLine($"{title} {tokens.Shape}");
    for (var row = 0; row < tokens.Shape[1] / columns; row++)
        Console.WriteLine("   " + string.Join(" ", Enumerable.Range(0, columns).Select(c => $"{tokens[0, row * columns + c, 0]:F1}")));
}
