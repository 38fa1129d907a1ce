namespace CrossModal.Engine.Kernels;

/// <summary>A function of a row of n numbers, and its gradient.</summary>
internal unsafe interface IRowFunction
{
    /// <summary>Its name, for errors.</summary>
    static abstract string Name { get; }

    /// <summary>y of x; y may be x.</summary>
    static abstract void Forward(float* x, float* y, int n);

    /// <summary>The gradient of x, of y and the gradient of y; dx is overwritten and may be dy.</summary>
    static abstract void Backward(float* y, float* dy, float* dx, int n);
}

/// <summary>A function of each row of [rows, n]; rows are shared out.</summary>
internal static unsafe class RowFunction<TFunction>
    where TFunction : struct, IRowFunction
{
    /// <summary>y of x; y may be x.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n].</exception>
    public static void Forward(ReadOnlySpan<float> x, Span<float> y, int rows, int n, Workers workers)
    {
        RowSplit.Check(TFunction.Name, "x", x.Length, rows, n);
        RowSplit.Check(TFunction.Name, "y", y.Length, rows, n);
        if (x.IsEmpty) return;
        fixed (float* px = x, py = y)
        {
            var job = new ForwardJob { X = px, Y = py, Rows = rows, N = n, Parts = RowSplit.Parts(rows, n, workers) };
            workers.Run(job.Parts, ref job);
        }
    }

    /// <summary>The gradient of x, of y and the gradient of y; dx is overwritten and may be dy.</summary>
    /// <exception cref="ArgumentException">A span is not [rows, n].</exception>
    public static void Backward(ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx, int rows, int n, Workers workers)
    {
        RowSplit.Check(TFunction.Name, "y", y.Length, rows, n);
        RowSplit.Check(TFunction.Name, "dy", dy.Length, rows, n);
        RowSplit.Check(TFunction.Name, "dx", dx.Length, rows, n);
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
            for (nint row = start; row < end; row++) TFunction.Forward(X + row * N, Y + row * N, N);
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
                TFunction.Backward(Y + row * N, GradientY + row * N, GradientX + row * N, N);
        }
    }
}
