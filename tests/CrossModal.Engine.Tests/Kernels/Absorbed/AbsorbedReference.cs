using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

// B batch, Nl queries, Nk keys, H heads, D width of a head, dk and dv widths of the tokens looked at.

/// <summary>What <see cref="AbsorbedAttention"/> computes the ordinary way, as plain loops in double: every token is projected
/// first.</summary>
internal static class AbsorbedReference
{
    /// <summary>x [rows, width] times weight [columns, width] transposed, plus bias [columns] or empty.</summary>
    public static double[] Project(ReadOnlySpan<float> x, int rows, int row, int width, ReadOnlySpan<float> weight,
        ReadOnlySpan<float> bias, int columns)
    {
        var result = new double[rows * columns];
        for (var i = 0; i < rows; i++)
        {
            for (var c = 0; c < columns; c++)
            {
                var sum = bias.IsEmpty ? 0.0 : bias[c];
                for (var k = 0; k < width; k++) sum += (double)x[i * row + k] * weight[c * width + k];
                result[i * columns + c] = sum;
            }
        }

        return result;
    }

    /// <summary>
    /// Attention of q [B, Nl, H D] over k and v [B, Nk, H D], or over the same [Nk, H D] for every batch element where the flag says so.
    /// Weights [B, H, Nl, Nk] and the output [B, Nl, H D] of a query with nothing to attend are zeros.
    /// </summary>
    public static (float[] Output, float[] Weights) Attend(
        in AttentionShape s, float scale, ReadOnlySpan<float> q, int qRow, double[] k, double[] v, bool shared, ReadOnlySpan<float> mask,
            in MaskShape m)
    {
        var width = s.Heads * s.HeadDim;
        var output = new float[s.Batch * s.Queries * width];
        var weights = new float[s.Batch * s.Heads * s.Queries * s.Keys];
        for (var row = 0; row < s.Batch * s.Heads * s.Queries; row++)
        {
            var (b, h, i) = (row / s.Queries / s.Heads, row / s.Queries % s.Heads, row % s.Queries);
            var first = shared ? 0 : b * s.Keys;
            var p = new double[s.Keys];
            for (var j = 0; j < s.Keys; j++)
            {
                for (var d = 0; d < s.HeadDim; d++)
                    p[j] += (double)scale * q[(b * s.Queries + i) * qRow + h * s.HeadDim + d] * k[(first + j) * width + h * s.HeadDim + d];
                if (!mask.IsEmpty) p[j] += mask[(((m.Batch == 1 ? 0 : b) * m.Heads + (m.Heads == 1 ? 0 : h)) * m.Queries
                    + (m.Queries == 1 ? 0 : i)) * m.Keys + j];
            }

            var maximum = s.Keys == 0 ? double.NegativeInfinity : p.Max();
            if (double.IsNegativeInfinity(maximum)) continue;
            var sum = p.Sum(x => Math.Exp(x - maximum));
            for (var j = 0; j < s.Keys; j++) weights[row * s.Keys + j] = (float)(p[j] = Math.Exp(p[j] - maximum) / sum);
            for (var d = 0; d < s.HeadDim; d++)
            {
                var total = 0.0;
                for (var j = 0; j < s.Keys; j++) total += p[j] * v[(first + j) * width + h * s.HeadDim + d];
                output[(b * s.Queries + i) * width + h * s.HeadDim + d] = (float)total;
            }
        }

        return (output, weights);
    }
}
