using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Softmax over the last axis of [rows, n].</summary>
internal static unsafe class SoftmaxKernel
{
    /// <summary>y = e^(x - max) / sum; a row that is all -infinity gives zeros. y may be x.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n].</exception>
    public static void Forward(ReadOnlySpan<float> x, Span<float> y, int rows, int n, Workers workers)
    {
        RowSplit.Check("Softmax", "x", x.Length, rows, n);
        RowSplit.Check("Softmax", "y", y.Length, rows, n);
        if (x.IsEmpty) return;
        fixed (float* px = x, py = y)
        {
            var job = new ForwardJob { X = px, Y = py, Rows = rows, N = n, Parts = RowSplit.Parts(rows, n, workers) };
            workers.Run(job.Parts, ref job);
        }
    }

    /// <summary>dx = y (dy - sum(y dy)), row by row; dx is overwritten and may be dy.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n].</exception>
    public static void Backward(ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx, int rows, int n, Workers workers)
    {
        RowSplit.Check("Softmax", "y", y.Length, rows, n);
        RowSplit.Check("Softmax", "dy", dy.Length, rows, n);
        RowSplit.Check("Softmax", "dx", dx.Length, rows, n);
        if (y.IsEmpty) return;
        fixed (float* py = y, pdy = dy, pdx = dx)
        {
            var job = new BackwardJob
            {
                Y = py,
                GradientY = pdy,
                GradientX = pdx,
                Rows = rows,
                N = n,
                Parts = RowSplit.Parts(rows, n, workers)
            };
            workers.Run(job.Parts, ref job);
        }
    }

    private struct ForwardJob : IWorkBody
    {
        public float* X, Y;
        public int Rows, N, Parts;

        public readonly void Execute(int part)
        {
            var (start, end) = RowSplit.Range(Rows, part, Parts);
            for (nint row = start; row < end; row++)
            {
                var x = X + row * N;
                var y = Y + row * N;
                var max = VectorRow.Max(x, N);
                if (float.IsNegativeInfinity(max))
                {
                    new Span<float>(y, N).Fill(VectorRow.HasNaN(x, N) ? float.NaN : 0);
                    continue;
                }

                VectorRow.Scale(y, y, N, 1 / VectorRow.ExpSum(x, y, N, max));
            }
        }
    }

    private struct BackwardJob : IWorkBody
    {
        public float* Y, GradientY, GradientX;
        public int Rows, N, Parts;

        public readonly void Execute(int part)
        {
            var (start, end) = RowSplit.Range(Rows, part, Parts);
            for (nint row = start; row < end; row++)
                BackwardRow(Y + row * N, GradientY + row * N, GradientX + row * N, N);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void BackwardRow(float* y, float* dy, float* dx, int n)
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
