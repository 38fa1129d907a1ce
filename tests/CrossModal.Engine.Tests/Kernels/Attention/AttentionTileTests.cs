using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

// A tile is [keys, 16]: the queries stand side by side.

[Trait("Category", "Kernel")]
public sealed unsafe class AttentionTileTests
{
    private const int Queries = AttentionTile.Queries;
    private static readonly int[] Keys = [1, 2, 7, 8, 15, 16, 17, 31, 33];

    [Fact]
    public void Both_widths_give_the_same_bits_of_the_softmax_and_its_gradient_for_any_number_of_keys()
    {
        foreach (var keys in Keys)
            foreach (var queries in (int[])[9, 15, 16])
            {
                var scores = Numbers.Random(keys, keys * Queries, 4);
                var dp = Numbers.Random(keys + 1, keys * Queries);
                // A query with nothing to attend, one with a single key, and one with a NaN.
                for (var key = 0; key < keys; key++) scores[key * Queries + 3] = float.NegativeInfinity;
                for (var key = 1; key < keys; key++) scores[key * Queries + 8] = float.NegativeInfinity;
                scores[(keys - 1) * Queries + 5] = float.NaN;
                var (narrow, wide) = (Run(keys, queries, scores, dp, false), Run(keys, queries, scores, dp, true));
                for (var i = 0; i < narrow.Length; i++) Numbers.SameBits(narrow[i], wide[i], $"result {i} of {keys} keys");
            }
    }

    [Fact]
    public void The_softmax_and_its_gradient_agree_with_double()
    {
        foreach (var keys in Keys)
            foreach (var isWide in (bool[])[false, true])
            {
                var (scores, dp) = (Numbers.Random(keys, keys * Queries, 4), Numbers.Random(keys + 1, keys * Queries));
                var gradient = Run(keys, Queries, scores, dp, isWide)[^1];
                for (var query = 0; query < Queries; query++)
                {
                    double[] e = [.. Enumerable.Range(0, keys).Select(key => Math.Exp(scores[key * Queries + query]))];
                    var sum = e.Sum();
                    var mean = Enumerable.Range(0, keys).Sum(key => e[key] / sum * dp[key * Queries + query]);
                    for (var key = 0; key < keys; key++)
                    {
                        var at = key * Queries + query;
                        Assert.Equal(e[key] / sum * (dp[at] - mean) * 0.5, gradient[at], 1e-6);
                    }
                }
            }
    }

    [Fact]
    public void Tiles_are_added_and_multiplied_number_by_number_and_a_mask_row_by_row()
    {
        foreach (var keys in Keys)
        {
            var (x, y) = (Numbers.Random(keys, keys * Queries), Numbers.Random(keys + 1, keys * Queries));
            using var sum = new GuardedMemory(x, keys % 2 == 0);
            using var product = new GuardedMemory(x, keys % 2 == 0);
            using var masked = new GuardedMemory(x, keys % 2 == 0);
            using var other = new GuardedMemory(y, keys % 2 == 0);
            using var mask = new GuardedMemory(y.AsSpan(0, keys), keys % 2 == 0);
            fixed (float* psum = sum.Span, pproduct = product.Span, pmasked = masked.Span, pother = other.Span, pmask = mask.Span)
            {
                AttentionTile.Add(keys, psum, pother);
                AttentionTile.Multiply(keys, pproduct, pother);
                AttentionTile.AddToRows(keys, pmasked, pmask);
            }

            for (var i = 0; i < x.Length; i++)
                Numbers.SameBits([x[i] + y[i], x[i] * y[i], x[i] + y[i / Queries]], [sum.Span[i], product.Span[i], masked.Span[i]],
                    $"{i} of {keys} keys");
        }
    }

    /// <summary>Exponentials, inverse sums and means by both ways, probabilities and gradients of scores.</summary>
    private static float[][] Run(int keys, int queries, float[] scores, float[] gradients, bool isWide)
    {
        var atEnd = keys % 2 == 0;
        using var e = new GuardedMemory(scores, atEnd);
        using var dp = new GuardedMemory(gradients, atEnd);
        using var p = new GuardedMemory(keys * Queries, atEnd);
        using var inverse = new GuardedMemory(Queries, atEnd);
        using var mean = new GuardedMemory(Queries, atEnd);
        using var inverseAgain = new GuardedMemory(Queries, atEnd);
        using var meanAgain = new GuardedMemory(Queries, atEnd);
        fixed (float* pe = e.Span, pdp = dp.Span, pp = p.Span, pinverse = inverse.Span, pmean = mean.Span,
            pinverseAgain = inverseAgain.Span, pmeanAgain = meanAgain.Span)
        {
            AttentionTile.SoftmaxWithMean(keys, queries, pe, pdp, pinverse, pmean, isWide);
            AttentionTile.Mean(keys, queries, pe, pdp, pinverseAgain, pmeanAgain, isWide);
            AttentionTile.ScoreGradient(keys, queries, pe, pp, pdp, pinverse, pmean, 0.5f, isWide);
        }

        Numbers.SameBits(inverse, inverseAgain, "inverse sums of exponentials that were kept");
        Numbers.SameBits(mean, meanAgain, "means of exponentials that were kept");
        return [e.Span.ToArray(), inverse.Span.ToArray(), mean.Span.ToArray(), p.Span.ToArray(), dp.Span.ToArray()];
    }
}
