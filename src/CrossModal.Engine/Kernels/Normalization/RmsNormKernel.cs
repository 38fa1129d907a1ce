namespace CrossModal.Engine.Kernels;

/// <summary>x / sqrt(mean x² + epsilon) times a weight, over rows.</summary>
internal static unsafe class RmsNormKernel
{
    /// <summary>y = x / sqrt(mean x² + epsilon) * weight for x of [rows, n]; y may be x.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n], or the weight not [n].</exception>
    public static void Forward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, Span<float> y, int rows, int n, float epsilon,
        Workers workers)
    {
        Check(x.Length, weight.Length, y.Length, rows, n);
        if (x.IsEmpty) return;
        fixed (float* px = x, pweight = weight, py = y)
        {
            var job = new ForwardJob
            {
                X = px,
                Weight = pweight,
                Y = py,
                Rows = rows,
                N = n,
                Epsilon = epsilon,
                Parts = RowSplit.Parts(rows, n, workers)
            };
            workers.Run(job.Parts, ref job);
        }
    }

    /// <summary>The gradients; dx is overwritten unless empty, dWeight likewise. Rows are summed up in their order, on one
    /// thread.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n], or the weight not [n].</exception>
    public static void Backward(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> dy, Span<float> dx,
        Span<float> dWeight,
        int rows, int n, float epsilon)
    {
        Check(x.Length, weight.Length, dy.Length, rows, n);
        RowSplit.Check("RmsNorm", "dx", dx.Length, rows, n, mayBeEmpty: true);
        RowSplit.Check("RmsNorm", "dWeight", dWeight.Length, 1, n, mayBeEmpty: true);
        dWeight.Clear();
        for (var row = 0; row < rows; row++)
        {
            var from = x.Slice(row * n, n);
            var gradient = dy.Slice(row * n, n);
            var inverse = Inverse(from, epsilon);
            double dot = 0;
            for (var i = 0; i < n; i++)
            {
                dot += (double)gradient[i] * weight[i] * from[i];
                if (!dWeight.IsEmpty) dWeight[i] += gradient[i] * from[i] * inverse;
            }

            if (dx.IsEmpty) continue;

            // With r = 1/sqrt(mean x² + e): dx = r (w dy) - x r³ (w dy . x) / n.
            var shared = (float)(dot * inverse * inverse * inverse / n);
            var to = dx.Slice(row * n, n);
            for (var i = 0; i < n; i++) to[i] = gradient[i] * weight[i] * inverse - from[i] * shared;
        }
    }

    private static void Check(int x, int weight, int y, int rows, int n)
    {
        RowSplit.Check("RmsNorm", "x", x, rows, n);
        RowSplit.Check("RmsNorm", "y", y, rows, n);
        RowSplit.Check("RmsNorm", "weight", weight, 1, n);
    }

    private static float Inverse(ReadOnlySpan<float> x, float epsilon)
    {
        fixed (float* px = x) return 1 / MathF.Sqrt(VectorRow.Dot(px, px, x.Length) / x.Length + epsilon);
    }

    private struct ForwardJob : IWorkBody
    {
        public float* X, Weight, Y;
        public int Rows, N, Parts;
        public float Epsilon;

        public readonly void Execute(int part)
        {
            var (start, end) = RowSplit.Range(Rows, part, Parts);
            for (nint row = start; row < end; row++)
            {
                var x = X + row * N;
                var y = Y + row * N;
                var inverse = Inverse(new ReadOnlySpan<float>(x, N), Epsilon);
                for (var i = 0; i < N; i++) y[i] = x[i] * inverse * Weight[i];
            }
        }
    }
}
