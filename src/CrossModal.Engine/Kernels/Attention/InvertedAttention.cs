using System.Buffers;

namespace CrossModal.Engine.Kernels;

// B batch, N tokens (Nq queries, Nk keys), H heads, D width of a head (Dv of a value head).

/// <summary>
/// Attention in which queries compete for keys: p = softmax over the queries of q k^T scale + mask, a = p / sum of p over the keys, a v
/// (Locatello et al. 2020, Slot Attention, eq. 1 and 2), for every batch and head.
/// </summary>
/// <remarks>A pair that the mask forbids has no weight; a query that nothing is left for gives zeros.</remarks>
internal static class InvertedAttention
{
    /// <summary>The least sum that is divided by.</summary>
    public const float Epsilon = 1e-12f;

    /// <summary>
    /// Attention of dense q [B, Nq, H D] over k [B, Nk, H D] and v [B, Nk, H Dv] into output [B, Nq, H Dv]; the mask is empty or as its
    /// shape says; <paramref name="weights"/> [B, H, Nq, Nk] are filled unless empty.
    /// </summary>
    public static void Forward(in AttentionShape s, float scale, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        ReadOnlySpan<float> mask,
        in MaskShape maskShape, Span<float> output, Span<float> weights, Workers workers)
    {
        var (pairs, width) = (s.Queries * s.Keys, s.Heads * s.ValueDim);
        var rented = ArrayPool<float>.Shared.Rent(pairs + s.Queries);
        var a = rented.AsSpan(0, pairs);
        var sums = rented.AsSpan(pairs, s.Queries);
        for (var b = 0; b < s.Batch; b++)
            for (var h = 0; h < s.Heads; h++)
            {
                Weights(s, scale, q, k, mask, maskShape, b, h, a, sums, workers);
                for (var i = 0; i < s.Queries; i++) Scale(a.Slice(i * s.Keys, s.Keys), 1 / Math.Max(sums[i], Epsilon));
                MatrixProduct.Run(s.Queries, s.ValueDim, s.Keys, a, s.Keys, 1, v[(b * s.Keys * width + h * s.ValueDim)..], width, 1,
                    output[(b * s.Queries * width + h * s.ValueDim)..], width, default, false, workers);
                if (!weights.IsEmpty) a.CopyTo(weights[((b * s.Heads + h) * pairs)..]);
            }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>The gradients of all inputs from that of the output, dense as in the forward; the mask's is skipped when empty.</summary>
    public static void Backward(in AttentionShape s, float scale, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        ReadOnlySpan<float> mask,
        in MaskShape maskShape, ReadOnlySpan<float> dy, SparseGradients gradients, Workers workers)
    {
        var (pairs, width, valueWidth) = (s.Queries * s.Keys, s.Heads * s.HeadDim, s.Heads * s.ValueDim);
        var rented = ArrayPool<float>.Shared.Rent(3 * pairs + s.Queries + s.Keys);
        var p = rented.AsSpan(0, pairs);
        var a = rented.AsSpan(pairs, pairs);
        var d = rented.AsSpan(2 * pairs, pairs);
        var sums = rented.AsSpan(3 * pairs, s.Queries);
        var columns = rented.AsSpan(3 * pairs + s.Queries, s.Keys);
        gradients.Mask.Clear();
        for (var b = 0; b < s.Batch; b++)
            for (var h = 0; h < s.Heads; h++)
            {
                var (atQ, atK) = (b * s.Queries * width + h * s.HeadDim, b * s.Keys * width + h * s.HeadDim);
                var (atY, atV) = (b * s.Queries * valueWidth + h * s.ValueDim, b * s.Keys * valueWidth + h * s.ValueDim);
                Weights(s, scale, q, k, mask, maskShape, b, h, p, sums, workers);
                p.CopyTo(a);
                for (var i = 0; i < s.Queries; i++) Scale(a.Slice(i * s.Keys, s.Keys), 1 / Math.Max(sums[i], Epsilon));
                MatrixProduct.Run(s.Keys, s.ValueDim, s.Queries, a, 1, s.Keys, dy[atY..], valueWidth, 1, gradients.V[atV..], valueWidth,
                    default, false, workers);
                MatrixProduct.Run(s.Queries, s.Keys, s.ValueDim, dy[atY..], valueWidth, 1, v[atV..], 1, valueWidth, d, s.Keys, default,
                    false, workers);

                // d: of a, then of p (through the sum over keys), then of the scores (through the softmax over queries).
                columns.Clear();
                for (var i = 0; i < s.Queries; i++)
                {
                    var row = d.Slice(i * s.Keys, s.Keys);
                    var weights = a.Slice(i * s.Keys, s.Keys);
                    var soft = p.Slice(i * s.Keys, s.Keys);
                    double mean = 0;
                    if (sums[i] > Epsilon)
                        for (var j = 0; j < s.Keys; j++) mean += (double)row[j] * weights[j];
                    for (var j = 0; j < s.Keys; j++)
                    {
                        row[j] = (float)((row[j] - mean) / Math.Max(sums[i], Epsilon));
                        if (soft[j] == 0) row[j] = 0;
                        columns[j] += row[j] * soft[j];
                    }
                }

                for (var i = 0; i < s.Queries; i++)
                    for (var j = 0; j < s.Keys; j++)
                    {
                        var score = p[i * s.Keys + j] * (d[i * s.Keys + j] - columns[j]);
                        d[i * s.Keys + j] = score * scale;
                        if (!gradients.Mask.IsEmpty) gradients.Mask[MaskAt(maskShape, b, h, i) + j] += score;
                    }

                MatrixProduct.Run(s.Queries, s.HeadDim, s.Keys, d, s.Keys, 1, k[atK..], width, 1, gradients.Q[atQ..], width, default, false,
                    workers);
                MatrixProduct.Run(s.Keys, s.HeadDim, s.Queries, d, 1, s.Keys, q[atQ..], width, 1, gradients.K[atK..], width, default, false,
                    workers);
            }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>p = softmax over the queries of one head's scores [Nq, Nk], 0 where forbidden, and the sum of every row.</summary>
    private static void Weights(in AttentionShape s, float scale, ReadOnlySpan<float> q, ReadOnlySpan<float> k, ReadOnlySpan<float> mask,
        in MaskShape maskShape,
        int batch, int head, Span<float> p, Span<float> sums, Workers workers)
    {
        var width = s.Heads * s.HeadDim;
        MatrixProduct.Run(s.Queries, s.Keys, s.HeadDim, q[(batch * s.Queries * width + head * s.HeadDim)..], width, 1,
            k[(batch * s.Keys * width + head * s.HeadDim)..], 1, width, p, s.Keys, default, false, workers);
        sums.Clear();
        for (var j = 0; j < s.Keys; j++)
        {
            var most = float.NegativeInfinity;
            for (var i = 0; i < s.Queries; i++)
            {
                // What stands in the padding may be anything: a forbidden pair is not added to.
                var allowed = mask.IsEmpty ? 0 : mask[MaskAt(maskShape, batch, head, i) + j];
                ref var score = ref p[i * s.Keys + j];
                score = float.IsNegativeInfinity(allowed) ? allowed : score * scale + allowed;
                most = Math.Max(most, score);
            }

            float total = 0;
            for (var i = 0; i < s.Queries; i++)
            {
                ref var score = ref p[i * s.Keys + j];
                score = float.IsNegativeInfinity(score) ? 0 : MathF.Exp(score - most);
                total += score;
            }

            for (var i = 0; i < s.Queries; i++)
            {
                ref var score = ref p[i * s.Keys + j];
                if (total > 0) score /= total;
                sums[i] += score;
            }
        }
    }

    private static int MaskAt(in MaskShape m, int batch, int head, int query) =>
        (((m.Batch == 1 ? 0 : batch) * m.Heads + (m.Heads == 1 ? 0 : head)) * m.Queries + (m.Queries == 1 ? 0 : query)) * m.Keys;

    private static void Scale(Span<float> row, float factor)
    {
        for (var j = 0; j < row.Length; j++) row[j] *= factor;
    }
}
