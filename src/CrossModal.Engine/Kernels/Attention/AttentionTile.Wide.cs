using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class AttentionTile
{
    /// <summary>
    /// One step of the streamed softmax for up to 16 queries, in vectors of 512 bits or of 256; the bits are the same. Of up to 8 queries
    /// the second half may be left alone.
    /// </summary>
    public static void SoftmaxStep(int keys, int queries, float* scores, float* maximum, float* sum, float* rescale, bool isWide)
    {
        if (MatrixTile.HasWide && isWide && queries > 8)
        {
            WideSoftmaxStep(keys, scores, maximum, sum, rescale);
            return;
        }

        SoftmaxStep(keys, scores, maximum, sum, rescale);
        if (queries > 8) SoftmaxStep(keys, scores + 8, maximum + 8, sum + 8, rescale + 8);
    }

    /// <summary><see cref="SoftmaxStep(int, float*, float*, float*, float*)"/> for 16 queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideSoftmaxStep(int keys, float* scores, float* maximum, float* sum, float* rescale)
    {
        var old = Vector512.Load(maximum);
        var m0 = old;
        var m1 = old;
        nint j = 0;
        // MaxNative returns its second operand when either is NaN: a NaN score is passed over here and reaches the sum below.
        for (; j + 2 <= keys; j += 2)
        {
            m0 = Vector512.MaxNative(Vector512.Load(scores + j * Queries), m0);
            m1 = Vector512.MaxNative(Vector512.Load(scores + j * Queries + Queries), m1);
        }

        if (j < keys) m0 = Vector512.MaxNative(Vector512.Load(scores + j * Queries), m0);
        m0 = Vector512.MaxNative(m0, m1);
        m0.Store(maximum);
        var shift = Vector512.AndNot(m0, Vector512.Equals(m0, Vector512.Create(float.NegativeInfinity)));
        var factor = VectorMath.ExpFlushed(old - shift);
        factor.Store(rescale);
        var total = Vector512<float>.Zero;
        for (j = 0; j + 2 <= keys; j += 2)
        {
            var row = scores + j * Queries;
            var first = VectorMath.ExpFlushed(Vector512.Load(row) - shift);
            var second = VectorMath.ExpFlushed(Vector512.Load(row + Queries) - shift);
            first.Store(row);
            second.Store(row + Queries);
            total += first + second;
        }

        if (j < keys)
        {
            var last = VectorMath.ExpFlushed(Vector512.Load(scores + j * Queries) - shift);
            last.Store(scores + j * Queries);
            total += last;
        }

        (Vector512.Load(sum) * factor + total).Store(sum);
    }
}
