using System.Numerics.Tensors;

namespace CrossModal.Engine.Kernels;

/// <summary>Two-dimensional convolution as a product of the weight [O, K] with the windows [K, P] of each image.</summary>
internal static unsafe partial class ConvolutionKernel
{
    // About 3 microseconds of one thread: below this a second thread costs more to call than it saves.
    private const double FlopsWorthAThread = 1 << 18;

    // How many products are summed in one accumulator: blocks of weights and windows then stay in L2 together.
    private const int Depth = 256;

    /// <summary>y [B, O, P] = weight * x + bias; the bias may be empty. Any number of threads gives the same bits.</summary>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Forward(
        in ConvolutionShape s, ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Span<float> y, Workers workers)
    {
        Check(s, x.Length, weight.Length, y.Length);
        RowSplit.Check("Convolution", "bias", bias.Length, 1, s.Outputs, mayBeEmpty: true);
        if (y.IsEmpty) return;
        fixed (float* px = x, pweight = weight, pbias = bias, py = y)
        {
            var job = new ForwardJob { Shape = s, X = px, Weight = pweight, Bias = pbias, Y = py };
            job.Split((int)Math.Clamp(2.0 * s.Window * y.Length / FlopsWorthAThread, 1, workers.Threads));
            workers.Run(job.Parts, ref job);
        }
    }

    private static void Check(in ConvolutionShape s, int x, int weight, int y)
    {
        Im2Col.CheckSizes(s);
        if (s.Batch < 0 || s.Outputs < 0)
            throw new ArgumentException($"Convolution: a size is negative: batch {s.Batch}, outputs {s.Outputs}");
        if ((Int128)s.Batch * s.Channels * s.Height * s.Width != x)
            throw new ArgumentException($"Convolution: x has {x} elements, not [{s.Batch}, {s.Channels}, {s.Height}, {s.Width}]");
        if ((Int128)s.Outputs * s.Channels * s.KernelHeight * s.KernelWidth != weight)
            throw new ArgumentException(
                $"Convolution: weight has {weight} elements, not [{s.Outputs}, {s.Channels}, {s.KernelHeight}, {s.KernelWidth}]");
        if ((Int128)s.Batch * s.Outputs * s.OutHeight * s.OutWidth != y)
            throw new ArgumentException($"Convolution: y has {y} elements, not [{s.Batch}, {s.Outputs}, {s.OutHeight}, {s.OutWidth}]");
    }

    /// <summary>A part is a share of the images or, when there are fewer images than threads, a range of panels of one image.</summary>
    private struct ForwardJob : IWorkBody
    {
        public ConvolutionShape Shape;
        public float* X, Weight, Bias, Y;
        private int _imageParts, _panelParts;

        public readonly int Parts => _imageParts * _panelParts;

        private readonly int Panels => (Shape.Pixels + MatrixTile.Columns - 1) / MatrixTile.Columns;

        public void Split(int parts)
        {
            _imageParts = Math.Min(parts, Shape.Batch);
            _panelParts = _imageParts == Shape.Batch ? Math.Min(parts / _imageParts, Panels) : 1;
        }

        public readonly void Execute(int part)
        {
            var (image, end) = RowSplit.Range(Shape.Batch, part / _panelParts, _imageParts);
            var (panel, lastPanel) = RowSplit.Range(Panels, part % _panelParts, _panelParts);
            var (first, last) = (panel * MatrixTile.Columns, Math.Min(lastPanel * MatrixTile.Columns, Shape.Pixels));
            if (first < last)
            {
                for (; image < end; image++) Run(image, first, last);
            }
        }

        /// <summary>y[o, p] = Σ weight[o, w] windows[w, p] + bias[o] for some positions of one image.</summary>
        private readonly void Run(int image, int first, int end)
        {
            var windows = PackingBuffer.Rent(PackingBuffer.Right, (end - first + MatrixTile.Columns - 1L) * Shape.Window);
            Im2Col.GatherPanels(Shape, X + (nint)image * Shape.Image, first, end, windows);
            var y = Y + (nint)image * Shape.Result + first;
            var sweep = new MatrixSweep
            {
                M = Shape.Outputs,
                N = end - first,
                K = Shape.Window,
                Depth = Depth,
                A = Weight,
                AEnd = Weight,
                ARow = Shape.Window,
                ACol = 1,
                B = windows,
                BRow = MatrixTile.Columns,
                BPanel = (nint)Shape.Window * MatrixTile.Columns,
                C = y,
                CRow = Shape.Pixels,
                IsWide = MatrixTile.IsWideFaster,
            };
            sweep.Run();
            if (Bias == null) return;
            for (var o = 0; o < Shape.Outputs; o++)
            {
                var plane = new Span<float>(y + (nint)o * Shape.Pixels, end - first);
                TensorPrimitives.Add(plane, Bias[o], plane);
            }
        }
    }
}
