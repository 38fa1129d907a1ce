namespace CrossModal.Engine.Kernels;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head (Dv of a value head).

/// <summary>What <see cref="AttentionKernel"/> computes, as plain loops in double with every matrix written out: what it is tested
/// against.</summary>
internal static class AttentionReference
{
    /// <summary>See <see cref="AttentionKernel.Forward"/>.</summary>
    public static void Forward(
        in AttentionShape s, float scale, ReadOnlySpan<float> q, int qRow, ReadOnlySpan<float> k, int kRow, ReadOnlySpan<float> v, int vRow,
        ReadOnlySpan<float> mask, in MaskShape maskShape, ReadOnlySpan<float> dropout,
        Span<float> output, Span<float> weights)
    {
        for (var row = 0; row < s.Batch * s.Heads * s.Queries; row++)
        {
            var (b, h, i) = Place(s, row);
            var p = Probabilities(s, scale, q, qRow, k, kRow, mask, maskShape, b, h, i);
            for (var j = 0; j < s.Keys && !weights.IsEmpty; j++) weights[row * s.Keys + j] = (float)p[j];
            for (var d = 0; d < s.ValueDim; d++)
            {
                var sum = 0.0;
                for (var j = 0; j < s.Keys; j++)
                    sum += p[j] * Keep(dropout, row * s.Keys + j) * v[(b * s.Keys + j) * vRow + h * s.ValueDim + d];
                output[((b * s.Queries + i) * s.Heads + h) * s.ValueDim + d] = (float)sum;
            }
        }
    }

    /// <summary>See <see cref="AttentionKernel.Backward"/>.</summary>
    public static void Backward(
        in AttentionShape s, float scale, ReadOnlySpan<float> q, int qRow, ReadOnlySpan<float> k, int kRow, ReadOnlySpan<float> v, int vRow,
        ReadOnlySpan<float> mask, in MaskShape maskShape, ReadOnlySpan<float> dropout,
        ReadOnlySpan<float> dOutput, Span<float> dq, Span<float> dk, Span<float> dv, Span<float> dMask)
    {
        var (sumQ, sumK, sumV, sumMask) = (new double[dq.Length], new double[dk.Length], new double[dv.Length], new double[dMask.Length]);
        for (var row = 0; row < s.Batch * s.Heads * s.Queries; row++)
        {
            var (b, h, i) = Place(s, row);
            var p = Probabilities(s, scale, q, qRow, k, kRow, mask, maskShape, b, h, i);
            var dp = new double[s.Keys];
            var delta = 0.0;
            for (var j = 0; j < s.Keys; j++)
            {
                for (var d = 0; d < s.ValueDim; d++)
                {
                    var gradient = dOutput[((b * s.Queries + i) * s.Heads + h) * s.ValueDim + d] * (double)Keep(dropout, row * s.Keys + j);
                    dp[j] += gradient * v[(b * s.Keys + j) * vRow + h * s.ValueDim + d];
                    sumV[((b * s.Keys + j) * s.Heads + h) * s.ValueDim + d] += p[j] * gradient;
                }

                delta += p[j] * dp[j];
            }

            for (var j = 0; j < s.Keys; j++)
            {
                var score = p[j] * (dp[j] - delta);
                if (!dMask.IsEmpty) sumMask[MaskAt(maskShape, b, h, i, j)] += score;
                for (var d = 0; d < s.HeadDim; d++)
                {
                    sumQ[((b * s.Queries + i) * s.Heads + h) * s.HeadDim + d] += score * scale * k[(b * s.Keys + j) * kRow + h * s.HeadDim
                        + d];
                    sumK[((b * s.Keys + j) * s.Heads + h) * s.HeadDim + d] += score * scale * q[(b * s.Queries + i) * qRow + h * s.HeadDim
                        + d];
                }
            }
        }

        Round(sumQ, dq);
        Round(sumK, dk);
        Round(sumV, dv);
        Round(sumMask, dMask);
    }

    private static double[] Probabilities(
        in AttentionShape s, float scale, ReadOnlySpan<float> q, int qRow, ReadOnlySpan<float> k, int kRow,
        ReadOnlySpan<float> mask, in MaskShape maskShape, int b, int h, int i)
    {
        var p = new double[s.Keys];
        var (max, sum) = (double.NegativeInfinity, 0.0);
        for (var j = 0; j < s.Keys; j++)
        {
            var dot = 0.0;
            for (var d = 0; d < s.HeadDim; d++)
                dot += (double)q[(b * s.Queries + i) * qRow + h * s.HeadDim + d] * k[(b * s.Keys + j) * kRow + h * s.HeadDim + d];
            p[j] = dot * scale + (mask.IsEmpty ? 0 : mask[MaskAt(maskShape, b, h, i, j)]);
            max = Math.Max(max, p[j]);
        }

        if (double.IsNegativeInfinity(max))
        {
            Array.Clear(p);
            return p;
        }

        for (var j = 0; j < s.Keys; j++) sum += p[j] = Math.Exp(p[j] - max);
        for (var j = 0; j < s.Keys; j++) p[j] /= sum;
        return p;
    }

    private static (int Batch, int Head, int Query) Place(in AttentionShape s, int row)
        => (row / s.Queries / s.Heads, row / s.Queries % s.Heads, row % s.Queries);

    private static int MaskAt(in MaskShape m, int b, int h, int i, int j)
        => (((m.Batch == 1 ? 0 : b) * m.Heads + (m.Heads == 1 ? 0 : h)) * m.Queries + (m.Queries == 1 ? 0 : i)) * m.Keys + j;

    private static float Keep(ReadOnlySpan<float> dropout, int at) => dropout.IsEmpty ? 1 : dropout[at];

    private static void Round(double[] from, Span<float> to)
    {
        for (var i = 0; i < from.Length; i++) to[i] = (float)from[i];
    }
}
