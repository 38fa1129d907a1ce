using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Softmax over the last axis of [rows, n].</summary>
internal static unsafe class SoftmaxKernel
{
    /// <summary>y = e^(x - max) / sum; a row that is all -infinity gives zeros. y may be x.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n].</exception>
    public static void Forward(ReadOnlySpan<float> x, Span<float> y, int rows, int n, Workers workers) =>
        RowFunction<Softmax>.Forward(x, y, rows, n, workers);

    /// <summary>dx = y (dy - sum(y dy)), row by row; dx is overwritten and may be dy.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n].</exception>
    public static void Backward(ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx, int rows, int n, Workers workers) =>
        RowFunction<Softmax>.Backward(y, dy, dx, rows, n, workers);

    private struct Softmax : IRowFunction
    {
        public static string Name => "Softmax";

        public static void Forward(float* x, float* y, int n)
        {
            var max = VectorRow.Max(x, n);
            if (float.IsNegativeInfinity(max)) new Span<float>(y, n).Fill(VectorRow.HasNaN(x, n) ? float.NaN : 0);
            else VectorRow.Scale(y, y, n, 1 / VectorRow.ExpSum(x, y, n, max));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Backward(float* y, float* dy, float* dx, int n)
        {
            var dot = VectorRow.Dot(y, dy, n);
            nint i = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                var wide = Vector512.Create(dot);
                for (; i + 16 <= n; i += 16) (Vector512.Load(y + i) * (Vector512.Load(dy + i) - wide)).Store(dx + i);
            }

            var mean = Vector256.Create(dot);
            for (; i + 8 <= n; i += 8) (Vector256.Load(y + i) * (Vector256.Load(dy + i) - mean)).Store(dx + i);
            if (i == n) return;
            var rest = (int)(n - i);
            VectorTail.Store(VectorTail.Load(y + i, rest) * (VectorTail.Load(dy + i, rest) - mean), dx + i, rest);
        }
    }
}
