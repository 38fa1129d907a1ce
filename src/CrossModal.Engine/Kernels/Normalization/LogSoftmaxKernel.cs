using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Logarithm of the softmax over the last axis of [rows, n].</summary>
internal static unsafe class LogSoftmaxKernel
{
    /// <summary>y = x - max - log(sum of e^(x - max)); a row that is all -infinity stays so. y may be x.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n].</exception>
    public static void Forward(ReadOnlySpan<float> x, Span<float> y, int rows, int n, Workers workers) =>
        RowFunction<LogSoftmax>.Forward(x, y, rows, n, workers);

    /// <summary>
    /// dx = dy - e^y sum(dy), row by row, and 0 where y is -infinity: what is masked out has no gradient. dx is overwritten
    /// and may be dy.
    /// </summary>
    /// <exception cref="ArgumentException">A span is not [rows, n].</exception>
    public static void Backward(ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx, int rows, int n, Workers workers) =>
        RowFunction<LogSoftmax>.Backward(y, dy, dx, rows, n, workers);

    private struct LogSoftmax : IRowFunction
    {
        public static string Name => "LogSoftmax";

        public static void Forward(float* x, float* y, int n)
        {
            var max = VectorRow.Max(x, n);
            if (float.IsNegativeInfinity(max))
                new Span<float>(y, n).Fill(VectorRow.HasNaN(x, n) ? float.NaN : float.NegativeInfinity);
            else Subtract(x, y, n, max, MathF.Log(VectorRow.SumOfExp(x, n, max)));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Backward(float* y, float* dy, float* dx, int n)
        {
            var total = VectorRow.SumShifted(dy, n, 0);
            nint i = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                var wide = Vector512.Create(total);
                for (; i + 16 <= n; i += 16) Gradient(Vector512.Load(y + i), Vector512.Load(dy + i), wide).Store(dx + i);
            }

            var sum = Vector256.Create(total);
            for (; i + 8 <= n; i += 8) Gradient(Vector256.Load(y + i), Vector256.Load(dy + i), sum).Store(dx + i);
            if (i == n) return;
            var rest = (int)(n - i);
            VectorTail.Store(Gradient(VectorTail.Load(y + i, rest), VectorTail.Load(dy + i, rest), sum), dx + i, rest);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Subtract(float* x, float* y, int n, float max, float log)
        {
            // Two subtractions: max + log would round away the logarithm of a row of large numbers.
            nint i = 0;
            if (Vector512.IsHardwareAccelerated)
                for (; i + 16 <= n; i += 16) (Vector512.Load(x + i) - Vector512.Create(max) - Vector512.Create(log)).Store(y + i);
            for (; i + 8 <= n; i += 8) (Vector256.Load(x + i) - Vector256.Create(max) - Vector256.Create(log)).Store(y + i);
            if (i == n) return;
            var rest = (int)(n - i);
            VectorTail.Store(VectorTail.Load(x + i, rest) - Vector256.Create(max) - Vector256.Create(log), y + i, rest);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Gradient(Vector256<float> y, Vector256<float> dy, Vector256<float> sum)
            => Vector256.AndNot(dy - VectorMath.ExpFlushed(y) * sum, Vector256.Equals(y, Vector256.Create(float.NegativeInfinity)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<float> Gradient(Vector512<float> y, Vector512<float> dy, Vector512<float> sum)
            => Vector512.AndNot(dy - VectorMath.ExpFlushed(y) * sum, Vector512.Equals(y, Vector512.Create(float.NegativeInfinity)));
    }
}
