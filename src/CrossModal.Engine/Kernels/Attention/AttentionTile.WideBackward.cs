using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class AttentionTile
{
    /// <summary>Of 16 queries: lane by lane the steps of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideSoftmaxWithMean(int keys, float* scores, float* dp, float* inverse, float* mean)
    {
        var m0 = Vector512.Create(float.NegativeInfinity);
        var m1 = m0;
        nint j = 0;
        // As in SoftmaxStep: a NaN score is passed over here and reaches the sum.
        for (; j + 2 <= keys; j += 2)
        {
            m0 = Vector512.MaxNative(Vector512.Load(scores + j * Queries), m0);
            m1 = Vector512.MaxNative(Vector512.Load(scores + j * Queries + Queries), m1);
        }

        if (j < keys) m0 = Vector512.MaxNative(Vector512.Load(scores + j * Queries), m0);
        m0 = Vector512.MaxNative(m0, m1);
        var shift = Vector512.AndNot(m0, Vector512.Equals(m0, Vector512.Create(float.NegativeInfinity)));
        var sum = Vector512<float>.Zero;
        Vector512<float> dot0 = default, dot1 = default;
        for (j = 0; j + 2 <= keys; j += 2)
        {
            var row = scores + j * Queries;
            var gradient = dp + j * Queries;
            var first = VectorMath.ExpFlushed(Vector512.Load(row) - shift);
            var second = VectorMath.ExpFlushed(Vector512.Load(row + Queries) - shift);
            first.Store(row);
            second.Store(row + Queries);
            sum += first + second;
            dot0 = Vector512.MultiplyAddEstimate(first, Vector512.Load(gradient), dot0);
            dot1 = Vector512.MultiplyAddEstimate(second, Vector512.Load(gradient + Queries), dot1);
        }

        if (j < keys)
        {
            var last = VectorMath.ExpFlushed(Vector512.Load(scores + j * Queries) - shift);
            last.Store(scores + j * Queries);
            sum += last;
            dot0 = Vector512.MultiplyAddEstimate(last, Vector512.Load(dp + j * Queries), dot0);
        }

        Divide(sum, dot0 + dot1, inverse, mean);
    }

    /// <summary>Of 16 queries: lane by lane the steps of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideMean(int keys, float* e, float* dp, float* inverse, float* mean)
    {
        Vector512<float> sum = default, dot0 = default, dot1 = default;
        nint j = 0;
        for (; j + 2 <= keys; j += 2)
        {
            var first = Vector512.Load(e + j * Queries);
            var second = Vector512.Load(e + j * Queries + Queries);
            sum += first + second;
            dot0 = Vector512.MultiplyAddEstimate(first, Vector512.Load(dp + j * Queries), dot0);
            dot1 = Vector512.MultiplyAddEstimate(second, Vector512.Load(dp + j * Queries + Queries), dot1);
        }

        if (j < keys)
        {
            var last = Vector512.Load(e + j * Queries);
            sum += last;
            dot0 = Vector512.MultiplyAddEstimate(last, Vector512.Load(dp + j * Queries), dot0);
        }

        Divide(sum, dot0 + dot1, inverse, mean);
    }

    /// <summary>Of 16 queries: lane by lane the steps of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideScoreGradient(int keys, float* e, float* p, float* dp, float* inverse, float* mean, float scale)
    {
        var factor = Vector512.Load(inverse);
        var shift = Vector512.Load(mean);
        for (nint j = 0; j < keys; j++)
        {
            var probability = Vector512.Load(e + j * Queries) * factor;
            probability.Store(p + j * Queries);
            var gradient = probability * (Vector512.Load(dp + j * Queries) - shift) * scale;
            Vector512.AndNot(gradient, Vector512.Equals(probability, Vector512<float>.Zero)).Store(dp + j * Queries);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Divide(Vector512<float> sum, Vector512<float> dot, float* inverse, float* mean)
    {
        var none = Vector512.Equals(sum, Vector512<float>.Zero);
        Vector512.AndNot(Vector512<float>.One / sum, none).Store(inverse);
        // A quotient, not a product with the inverse: where all weight lies on equal dp, the mean is that dp again and nothing is left of
        // dp - mean.
        Vector512.AndNot(dot / sum, none).Store(mean);
    }
}
