// Cost: attention itself is O(Nl·Nv·d); the projections around it, O((Nl + Nv)·d²), are what a robot pays for.
//     dotnet run samples/cost.cs -c Release
// prints
//        Nl    Nv    d   attention  projections   share of projections
//         8    64  128       0.3 M        4.7 M           94 %
//        16   256  512       8.5 M      285.2 M           97 %
//        16  1024  512      34.1 M     1090.5 M           97 %
//       256  1024   64      75.5 M       21.0 M           22 %
//     projected 285 M, absorbed 92 M, same result: True
#:project ../src/CrossModal/CrossModal.csproj
using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

Console.WriteLine("   Nl    Nv    d   attention  projections   share of projections");
foreach (var (words, patches, width) in new[] { (8, 64, 128), (16, 256, 512), (16, 1024, 512), (256, 1024, 64) })
{
    var layer = new MultiHeadAttention(width, heads: 8, new RandomSource(1));
    using var pass = Pass.Recording();
    layer.Forward(Tensor.Zeros([1, words, width]), Tensor.Zeros([1, patches, width]), Tensor.Zeros([1, patches, width]), null, pass);
    var attention = Flops(pass, "Attention");
    var projections = Flops(pass, "Linear");
    Console.WriteLine($"{words,5}{patches,6}{width,5}{attention,10:F1} M{projections,11:F1} M{projections / pass.Cost().Flops * 1e6,15:P0}");
}

// The projections need not be paid: (L Wq)(V Wk)ᵀ = (L Wq Wkᵀ) Vᵀ, and A (V Wv) = (A V) Wv. Few words carry the weights, many patches none.
const int Nl = 16, Nv = 256, D = 512, Heads = 8, Size = D / Heads;
var random = new RandomSource(1);
var (l, v) = (Tensor.Normal([Nl, D], random), Tensor.Normal([Nv, D], random));
var (wq, wk, wv) = (Weight(), Weight(), Weight());
var (plain, absorbed) = (new Tensor[Heads], new Tensor[Heads]);
using var first = Pass.Recording();
using var second = Pass.Recording();
for (var h = 0; h < Heads; h++)
{
    var scores = first.MatMul(first.MatMul(l, wq[h]), first.MatMul(v, wk[h]), transposeB: true);
    plain[h] = first.MatMul(first.Softmax(first.Scale(scores, 1 / MathF.Sqrt(Size))), first.MatMul(v, wv[h]));

    scores = second.MatMul(second.MatMul(second.MatMul(l, wq[h]), wk[h], transposeB: true), v, transposeB: true);
    absorbed[h] = second.MatMul(second.MatMul(second.Softmax(second.Scale(scores, 1 / MathF.Sqrt(Size))), v), wv[h]);
}

var difference = plain.Zip(absorbed).Max(p => p.First.ToArray().Zip(p.Second.ToArray()).Max(x => MathF.Abs(x.First - x.Second)));
Console.WriteLine($"projected {first.Cost().Flops / 1e6:F0} M, absorbed {second.Cost().Flops / 1e6:F0} M, same result: {difference < 1e-3f}");

static double Flops(Pass pass, string operation) =>
    pass.Record.Where(node => node.Operation.Name == operation)
        .Sum(node => node.Operation.Cost(node.Inputs.Select(t => t.Shape).ToArray()).Flops) / 1e6;

Tensor[] Weight() => [.. Enumerable.Range(0, Heads).Select(_ => Tensor.Normal([D, Size], random, 1 / MathF.Sqrt(D)))];
