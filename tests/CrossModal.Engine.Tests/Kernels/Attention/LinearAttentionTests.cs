using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Linear attention against its own definition in double, with every weight written out.</summary>
[Trait("Category", "Kernel")]
public sealed class LinearAttentionTests
{
    [Fact]
    public void Ragged_sizes_agree_with_the_reference()
    {
        foreach (var (queries, keys, width, valueWidth) in new[] { (1, 1, 1, 1), (3, 7, 5, 9), (17, 33, 8, 8), (130, 260, 16, 16),
            (2, 129, 11, 3), (300, 5, 7, 24) })
            foreach (var masked in new[] { false, true })
                Check(new(2, queries, keys, 3, width, valueWidth), queries, masked);
    }

    [Fact]
    public void A_query_with_nothing_to_attend_gives_zeros_and_zero_gradients()
    {
        var s = new AttentionShape(1, 3, 5, 2, 4, 4);
        var mask = Enumerable.Repeat(float.NegativeInfinity, 5).ToArray();
        var (output, dq, dk, dv, dMask) = (new float[24], new float[24], new float[40], new float[40], new float[5]);
        LinearAttention.Forward(s, Numbers.Random(1, 24), Numbers.Random(2, 40), Numbers.Random(3, 40), mask, new(1, 1, 1, 5), output,
            default, Workers.Single);
        LinearAttention.Backward(s, Numbers.Random(1, 24), Numbers.Random(2, 40), Numbers.Random(3, 40), mask, new(1, 1, 1, 5),
            Numbers.Random(4, 24),
            new SparseGradients { Q = dq, K = dk, V = dv, Mask = dMask }, Workers.Single);
        foreach (var result in new[] { output, dq, dk, dv, dMask }) Assert.All(result, x => Assert.Equal(0, x));
    }

    private static void Check(AttentionShape s, int seed, bool masked)
    {
        var m = masked ? new MaskShape(s.Batch, 1, 1, s.Keys) : default;
        var (q, k) = (Numbers.Random(seed, s.Batch * s.Queries * s.Heads * s.HeadDim, 2),
            Numbers.Random(seed + 1, s.Batch * s.Keys * s.Heads * s.HeadDim, 2));
        var (v, dy) = (Numbers.Random(seed + 2, s.Batch * s.Keys * s.Heads * s.ValueDim),
            Numbers.Random(seed + 3, s.Batch * s.Queries * s.Heads * s.ValueDim));
        var mask = Numbers.Random(seed + 4, masked ? s.Batch * s.Keys : 0);
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
        LinearAttention.Forward(s, gq, gk, gv, mask, m, output, weights, Workers.Single);
        LinearAttention.Backward(s, gq, gk, gv, mask, m, dy, new SparseGradients { Q = dq, K = dk, V = dv, Mask = dMask }, Workers.Single);
        using var workers = new Workers(2);
        var again = new float[output.Span.Length];
        LinearAttention.Forward(s, gq, gk, gv, mask, m, again, default, workers);
        Numbers.SameBits(output, again, "on two threads");

        var expected = Reference(s, q, k, v, mask, dy);
        Numbers.Close(expected[0], output, 1e-5, $"output of {s}");
        Numbers.Close(expected[1], weights, 1e-5, $"weights of {s}");
        Numbers.Close(expected[2], dq, 3e-5, $"dq of {s}");
        Numbers.Close(expected[3], dk, 1e-4, $"dk of {s}");
        Numbers.Close(expected[4], dv, 1e-4, $"dv of {s}");
        Numbers.Close(expected[5], dMask, 5e-4, $"dMask of {s}");
    }

    private static float[][] Reference(AttentionShape s, float[] q, float[] k, float[] v, float[] mask, float[] dy)
    {
        double[] y = new double[dy.Length], weights = new double[s.Batch * s.Heads * s.Queries * s.Keys], dq = new double[q.Length],
            dk = new double[k.Length], dv = new double[v.Length], dMask = new double[mask.Length];
        static double Feature(double x) => x > 0 ? x + 1 : Math.Exp(x);
        static double Slope(double x) => x > 0 ? 1 : Math.Exp(x);
        for (var b = 0; b < s.Batch; b++)
            for (var h = 0; h < s.Heads; h++)
                for (var i = 0; i < s.Queries; i++)
                {
                    int Q(int d) => ((b * s.Queries + i) * s.Heads + h) * s.HeadDim + d;
                    int K(int j, int d) => ((b * s.Keys + j) * s.Heads + h) * s.HeadDim + d;
                    int V(int j, int d) => ((b * s.Keys + j) * s.Heads + h) * s.ValueDim + d;
                    int Y(int d) => ((b * s.Queries + i) * s.Heads + h) * s.ValueDim + d;
                    double Factor(int j) => mask.Length == 0 ? 1 : Math.Exp(mask[b * s.Keys + j]);
                    double[] products = [.. Enumerable.Range(0, s.Keys)
                .Select(j => Factor(j) * Enumerable.Range(0, s.HeadDim).Sum(d => Feature(q[Q(d)]) * Feature(k[K(j, d)])))];
                    var sum = products.Sum() + 1e-6;
                    for (var j = 0; j < s.Keys; j++) weights[((b * s.Heads + h) * s.Queries + i) * s.Keys + j] = products[j] / sum;
                    for (var d = 0; d < s.ValueDim; d++) y[Y(d)] = Enumerable.Range(0, s.Keys).Sum(j => products[j] / sum * v[V(j, d)]);
                    var mean = Enumerable.Range(0, s.ValueDim).Sum(d => dy[Y(d)] * y[Y(d)]);
                    for (var j = 0; j < s.Keys; j++)
                    {
                        var change = (Enumerable.Range(0, s.ValueDim).Sum(d => (double)dy[Y(d)] * v[V(j, d)]) - mean) / sum;
                        if (mask.Length > 0) dMask[b * s.Keys + j] += change * products[j];
                        for (var d = 0; d < s.ValueDim; d++) dv[V(j, d)] += products[j] / sum * dy[Y(d)];
                        for (var d = 0; d < s.HeadDim; d++)
                        {
                            dq[Q(d)] += change * Factor(j) * Slope(q[Q(d)]) * Feature(k[K(j, d)]);
                            dk[K(j, d)] += change * Factor(j) * Feature(q[Q(d)]) * Slope(k[K(j, d)]);
                        }
                    }
                }

        return [.. new[] { y, weights, dq, dk, dv, dMask }.Select(x => x.Select(n => (float)n).ToArray())];
    }
}
