using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class AttentionTile
{
    /// <summary>
    /// The softmax of up to 16 queries over a whole row of keys, not yet normalised: scores become e = e^(s - maximum),
    /// <paramref name="inverse"/> is 1 / sum e and <paramref name="mean"/> is (sum e dp) / sum e; both are 0 for a query with nothing to
    /// attend. In vectors of 512 bits or of 256; the bits are the same. Of up to 8 queries the second half is left alone.
    /// </summary>
    public static void SoftmaxWithMean(int keys, int queries, float* scores, float* dp, float* inverse, float* mean, bool isWide)
    {
        if (MatrixTile.HasWide && isWide && queries > 8)
        {
            WideSoftmaxWithMean(keys, scores, dp, inverse, mean);
            return;
        }

        SoftmaxWithMean(keys, scores, dp, inverse, mean);
        if (queries > 8) SoftmaxWithMean(keys, scores + 8, dp + 8, inverse + 8, mean + 8);
    }

    /// <summary>What <see cref="SoftmaxWithMean(int, int, float*, float*, float*, float*, bool)"/> gives, of exponentials e computed
    /// before; they are left as they are.</summary>
    public static void Mean(int keys, int queries, float* e, float* dp, float* inverse, float* mean, bool isWide)
    {
        if (MatrixTile.HasWide && isWide && queries > 8)
        {
            WideMean(keys, e, dp, inverse, mean);
            return;
        }

        Mean(keys, e, dp, inverse, mean);
        if (queries > 8) Mean(keys, e + 8, dp + 8, inverse + 8, mean + 8);
    }

    /// <summary>p = e * inverse and dp = p (dp - mean) scale for up to 16 queries, exactly 0 where e is 0; p may be e. In vectors of 512
    /// bits or of 256; the bits are the same.</summary>
    public static void ScoreGradient(int keys, int queries, float* e, float* p, float* dp, float* inverse, float* mean, float scale,
        bool isWide)
    {
        if (MatrixTile.HasWide && isWide && queries > 8)
        {
            WideScoreGradient(keys, e, p, dp, inverse, mean, scale);
            return;
        }

        ScoreGradient(keys, e, p, dp, inverse, mean, scale);
        if (queries > 8) ScoreGradient(keys, e + 8, p + 8, dp + 8, inverse + 8, mean + 8, scale);
    }

    /// <summary>Of 8 queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxWithMean(int keys, float* scores, float* dp, float* inverse, float* mean)
    {
        var m0 = Vector256.Create(float.NegativeInfinity);
        var m1 = m0;
        nint j = 0;
        // As in SoftmaxStep: a NaN score is passed over here and reaches the sum.
        for (; j + 2 <= keys; j += 2)
        {
            m0 = Vector256.MaxNative(Vector256.Load(scores + j * Queries), m0);
            m1 = Vector256.MaxNative(Vector256.Load(scores + j * Queries + Queries), m1);
        }

        if (j < keys) m0 = Vector256.MaxNative(Vector256.Load(scores + j * Queries), m0);
        m0 = Vector256.MaxNative(m0, m1);
        var shift = Vector256.AndNot(m0, Vector256.Equals(m0, Vector256.Create(float.NegativeInfinity)));
        var sum = Vector256<float>.Zero;
        Vector256<float> dot0 = default, dot1 = default;
        for (j = 0; j + 2 <= keys; j += 2)
        {
            var row = scores + j * Queries;
            var gradient = dp + j * Queries;
            var (first, second) = VectorMath.ExpFlushed(Vector256.Load(row) - shift, Vector256.Load(row + Queries) - shift);
            first.Store(row);
            second.Store(row + Queries);
            sum += first + second;
            dot0 = Vector256.MultiplyAddEstimate(first, Vector256.Load(gradient), dot0);
            dot1 = Vector256.MultiplyAddEstimate(second, Vector256.Load(gradient + Queries), dot1);
        }

        if (j < keys)
        {
            var last = VectorMath.ExpFlushed(Vector256.Load(scores + j * Queries) - shift);
            last.Store(scores + j * Queries);
            sum += last;
            dot0 = Vector256.MultiplyAddEstimate(last, Vector256.Load(dp + j * Queries), dot0);
        }

        Divide(sum, dot0 + dot1, inverse, mean);
    }

    /// <summary>Of 8 queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mean(int keys, float* e, float* dp, float* inverse, float* mean)
    {
        Vector256<float> sum = default, dot0 = default, dot1 = default;
        nint j = 0;
        for (; j + 2 <= keys; j += 2)
        {
            var first = Vector256.Load(e + j * Queries);
            var second = Vector256.Load(e + j * Queries + Queries);
            sum += first + second;
            dot0 = Vector256.MultiplyAddEstimate(first, Vector256.Load(dp + j * Queries), dot0);
            dot1 = Vector256.MultiplyAddEstimate(second, Vector256.Load(dp + j * Queries + Queries), dot1);
        }

        if (j < keys)
        {
            var last = Vector256.Load(e + j * Queries);
            sum += last;
            dot0 = Vector256.MultiplyAddEstimate(last, Vector256.Load(dp + j * Queries), dot0);
        }

        Divide(sum, dot0 + dot1, inverse, mean);
    }

    /// <summary>Of 8 queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScoreGradient(int keys, float* e, float* p, float* dp, float* inverse, float* mean, float scale)
    {
        var factor = Vector256.Load(inverse);
        var shift = Vector256.Load(mean);
        for (nint j = 0; j < keys; j++)
        {
            var probability = Vector256.Load(e + j * Queries) * factor;
            probability.Store(p + j * Queries);
            var gradient = probability * (Vector256.Load(dp + j * Queries) - shift) * scale;
            Vector256.AndNot(gradient, Vector256.Equals(probability, Vector256<float>.Zero)).Store(dp + j * Queries);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Divide(Vector256<float> sum, Vector256<float> dot, float* inverse, float* mean)
    {
        var none = Vector256.Equals(sum, Vector256<float>.Zero);
        Vector256.AndNot(Vector256<float>.One / sum, none).Store(inverse);
        // A quotient, not a product with the inverse: where all weight lies on equal dp, the mean is that dp again and nothing is left of
        // dp - mean.
        Vector256.AndNot(dot / sum, none).Store(mean);
    }
}
