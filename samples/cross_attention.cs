// Cross-attention: the result of a word is a sum of the patches, weighted by how well they match it.
//     dotnet run samples/cross_attention.cs -c Release
// prints
//     weights      red cup  blue cup  red ball     table
//     red             0.44      0.06      0.44      0.06
//     cup             0.44      0.44      0.06      0.06
//     result           red      blue       cup      ball
//     red             0.88      0.06      0.50      0.44
//     cup             0.50      0.44      0.88      0.06
//     L [1,2,4], V [1,4,4] -> F [1,2,4]; one operation gives the same: True
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

string[] words = ["red", "cup"];
string[] patches = ["red cup", "blue cup", "red ball", "table"];

// Four features: red, blue, cup, ball. A real model learns them; here they are written down, so that every number can be followed.
var language = Tensor.From([4, 0, 0, 0, 0, 0, 4, 0], [1, 2, 4]);                                // L  [B, Nl, d]
var vision = Tensor.From([1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0], [1, 4, 4]);          // V  [B, Nv, d]

using var pass = Pass.Evaluation();

// The equation, step by step (Wq, Wk and Wv are the identity here): softmax(Q Kᵀ / √d) V.
var scores = pass.Scale(pass.MatMul(language, vision, transposeB: true), 1 / MathF.Sqrt(4));    // [B, Nl, Nv]
var weights = pass.Softmax(scores);                                                             // rows sum to 1
var attended = pass.MatMul(weights, vision);                                                    // [B, Nl, d]

Console.WriteLine($"weights   {string.Join("", patches.Select(p => $"{p,10}"))}");
for (var i = 0; i < words.Length; i++)
    Console.WriteLine($"{words[i],-10}{string.Join("", patches.Select((_, j) => $"{weights[0, i, j],10:F2}"))}");

Console.WriteLine($"{"result",-10}{string.Join("", new[] { "red", "blue", "cup", "ball" }.Select(f => $"{f,10}"))}");
for (var i = 0; i < words.Length; i++)
    Console.WriteLine($"{words[i],-10}{string.Join("", Enumerable.Range(0, 4).Select(c => $"{attended[0, i, c],10:F2}"))}");

// The library does the three steps in one operation, which never writes the scores to memory.
var (result, _) = pass.Attention(language, vision, vision, heads: 1);
var same = attended.ToArray().Zip(result.ToArray()).All(p => MathF.Abs(p.First - p.Second) < 1e-5f);
Console.WriteLine($"L {language.Shape}, V {vision.Shape} -> F {result.Shape}; one operation gives the same: {same}");
