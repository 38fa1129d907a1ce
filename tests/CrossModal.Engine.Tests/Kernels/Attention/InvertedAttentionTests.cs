using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Attention in which queries compete, against its own definition in double; gradients against differences of that
/// definition.</summary>
[Trait("Category", "Kernel")]
public sealed class InvertedAttentionTests
{
    [Fact]
    public void Ragged_sizes_agree_with_the_reference()
    {
        foreach (var (queries, keys, width, valueWidth) in new[] { (1, 1, 1, 1), (3, 7, 5, 9), (17, 33, 8, 8), (6, 129, 11, 3),
            (40, 5, 7, 24) })
            foreach (var kind in new[] { 0, 1, 2 })
                Check(new(2, queries, keys, 3, width, valueWidth), queries + kind, kind switch
                {
                    0 => default,
                    1 => new MaskShape(2, 1, 1, keys),
                    _ => new MaskShape(1, 3, queries, keys),
                });
    }

    [Fact]
    public void What_may_not_be_attended_gives_zeros_whatever_stands_there()
    {
        var s = new AttentionShape(1, 3, 5, 2, 4, 4);
        var mask = Enumerable.Repeat(float.NegativeInfinity, 5).ToArray();
        var (output, dq, dk, dv, dMask) = (new float[24], new float[24], new float[40], new float[40], new float[5]);
        var k = Numbers.Random(2, 40);
        k[3] = 1e30f;
        InvertedAttention.Forward(s, 0.5f, Numbers.Random(1, 24), k, Numbers.Random(3, 40), mask, new(1, 1, 1, 5), output, default,
            Workers.Single);
        InvertedAttention.Backward(s, 0.5f, Numbers.Random(1, 24), k, Numbers.Random(3, 40), mask, new(1, 1, 1, 5), Numbers.Random(4, 24),
            new SparseGradients { Q = dq, K = dk, V = dv, Mask = dMask }, Workers.Single);
        foreach (var result in new[] { output, dq, dk, dv, dMask }) Assert.All(result, x => Assert.Equal(0, x));
    }

    private static void Check(AttentionShape s, int seed, MaskShape m)
    {
        const float Scale = 0.4f;
        var q = Numbers.Random(seed, s.Batch * s.Queries * s.Heads * s.HeadDim, 2);
        var k = Numbers.Random(seed + 1, s.Batch * s.Keys * s.Heads * s.HeadDim, 2);
        var (v, dy) = (Numbers.Random(seed + 2, s.Batch * s.Keys * s.Heads * s.ValueDim),
            Numbers.Random(seed + 3, s.Batch * s.Queries * s.Heads * s.ValueDim));
        var mask = Numbers.Random(seed + 4, m.Batch * m.Heads * m.Queries * m.Keys);
        for (var i = 0; i < mask.Length; i += 3) mask[i] = float.NegativeInfinity;
        using var output = new GuardedMemory(dy.Length);
        using var weights = new GuardedMemory(s.Batch * s.Heads * s.Queries * s.Keys);
        using var dq = new GuardedMemory(q.Length, atEnd: false);
        using var dk = new GuardedMemory(k.Length);
        using var dv = new GuardedMemory(v.Length, atEnd: false);
        using var dMask = new GuardedMemory(mask.Length);
        using var gq = new GuardedMemory(q);
        using var gk = new GuardedMemory(k);
        using var gv = new GuardedMemory(v);
        InvertedAttention.Forward(s, Scale, gq, gk, gv, mask, m, output, weights, Workers.Single);
        InvertedAttention.Backward(s, Scale, gq, gk, gv, mask, m, dy, new SparseGradients { Q = dq, K = dk, V = dv, Mask = dMask },
            Workers.Single);
        var (y, a) = Reference(s, Scale, Double(q), Double(k), Double(v), Double(mask), m);
        Numbers.Close(Single(y), output, 1e-5, $"output of {s}");
        Numbers.Close(Single(a), weights, 1e-5, $"weights of {s}");

        foreach (var (name, values, gradient, at) in new[] { ("q", q, dq, 0), ("k", k, dk, 1), ("v", v, dv, 2), ("mask", mask, dMask, 3) })
        {
            for (var i = 0; i < values.Length; i += Math.Max(1, values.Length / 5))
            {
                if (float.IsNegativeInfinity(values[i])) continue;
                var difference = (Loss(i, at, 1e-5) - Loss(i, at, -1e-5)) / 2e-5;
                Assert.True(Math.Abs(difference - gradient.Span[i]) <= 2e-4 * Math.Max(1, Math.Abs(difference)),
                    $"d{name}[{i}] of {s}: {gradient.Span[i]}, expected {difference}");
            }
        }

        double Loss(int i, int which, double step)
        {
            double[][] inputs = [Double(q), Double(k), Double(v), Double(mask)];
            inputs[which][i] += step;
            return Reference(s, Scale, inputs[0], inputs[1], inputs[2], inputs[3], m).Output.Zip(dy, (x, g) => x * g).Sum();
        }
    }

    private static (double[] Output, double[] Weights) Reference(AttentionShape s, double scale, double[] q, double[] k, double[] v,
        double[] mask, MaskShape m)
    {
        var (y, weights) = (new double[s.Batch * s.Queries * s.Heads * s.ValueDim], new double[s.Batch * s.Heads * s.Queries * s.Keys]);
        for (var b = 0; b < s.Batch; b++)
            for (var h = 0; h < s.Heads; h++)
            {
                var p = new double[s.Queries, s.Keys];
                for (var j = 0; j < s.Keys; j++)
                {
                    var raised = Enumerable.Range(0, s.Queries).Select(i => Math.Exp(Allowed(i, j) + scale * Enumerable.Range(0, s.HeadDim)
                        .Sum(d => q[((b * s.Queries + i) * s.Heads + h) * s.HeadDim + d] * k[((b * s.Keys + j) * s.Heads + h) * s.HeadDim
                            + d]))).ToArray();
                    for (var i = 0; i < s.Queries && raised.Sum() > 0; i++) p[i, j] = raised[i] / raised.Sum();
                }

                for (var i = 0; i < s.Queries; i++)
                {
                    var sum = Math.Max(Enumerable.Range(0, s.Keys).Sum(j => p[i, j]), 1e-12);
                    for (var j = 0; j < s.Keys; j++)
                    {
                        weights[((b * s.Heads + h) * s.Queries + i) * s.Keys + j] = p[i, j] / sum;
                        for (var d = 0; d < s.ValueDim; d++)
                            y[((b * s.Queries + i) * s.Heads + h) * s.ValueDim + d] += p[i,
                                j] / sum * v[((b * s.Keys + j) * s.Heads + h) * s.ValueDim + d];
                    }
                }

                double Allowed(int i, int j) => mask.Length == 0 ? 0
                    : mask[((b % m.Batch * m.Heads + h % m.Heads) * m.Queries + i % m.Queries) * m.Keys + j];
            }

        return (y, weights);
    }

    private static double[] Double(float[] values) => Array.ConvertAll(values, x => (double)x);

    private static float[] Single(double[] values) => Array.ConvertAll(values, x => (float)x);
}
