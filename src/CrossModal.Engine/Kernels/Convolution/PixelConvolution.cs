using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>Convolution of images that lie pixel by pixel, channels adjacent, with packed weights: y = activation(windows(x) W + bias) +
/// residual.</summary>
/// <remarks>
/// A window's line of kernelWidth pixels is one run of adjacent numbers, so gathering the windows of a position is one copy a line, and the
/// result is tokens, row by row. Windows are gathered for a stretch of positions that stays in L2 and multiplied while they are there.
/// Every element is summed over (ky, kx, channel) in an order that depends on the sizes alone: any number of threads gives the same bits.
/// </remarks>
internal static unsafe partial class PixelConvolution
{
    // Products summed in one accumulator, as in the convolution of planes.
    private const int Depth = 256;

    // Windows of a stretch of positions: 128 KB.
    private const int StretchFloats = 1 << 15;

    /// <summary>The weight <c>[O, C, kh, kw]</c> as a right operand <c>[kh·kw·C, O]</c>.</summary>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public static PackedMatrix Pack(in ConvolutionShape s, ReadOnlySpan<float> weight)
    {
        RowSplit.Check("PixelConvolution", "weight", weight.Length, s.Outputs, s.Window);
        var ordered = new float[weight.Length];
        var places = s.KernelHeight * s.KernelWidth;
        for (var o = 0; o < s.Outputs; o++)
            for (var c = 0; c < s.Channels; c++)
                for (var place = 0; place < places; place++)
                    ordered[(o * places + place) * s.Channels + c] = weight[(o * s.Channels + c) * places + place];
        return PackedMatrix.Pack(ordered, s.Window, s.Outputs, 1, s.Window);
    }

    /// <summary>Computes y.</summary>
    /// <param name="s">Sizes.</param>
    /// <param name="x">Images <c>[B, H, W, C]</c>.</param>
    /// <param name="weight">W as <see cref="Pack"/> makes it.</param>
    /// <param name="bias"><c>[O]</c>, or empty.</param>
    /// <param name="activation">Applied after the bias.</param>
    /// <param name="residual">Added after the activation, <c>[B, P, O]</c>, or empty; may be the result's own memory.</param>
    /// <param name="y">Result <c>[B, P, O]</c>.</param>
    /// <param name="workers">Threads.</param>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Run(
        in ConvolutionShape s, ReadOnlySpan<float> x, PackedMatrix weight, ReadOnlySpan<float> bias, EpilogueActivation activation,
        ReadOnlySpan<float> residual, Span<float> y, Workers workers) =>
        Run(s, x, weight, bias, activation, residual, y, MatrixTile.IsWideFaster, workers);

    /// <summary>Whether a convolution of such sizes reads windows where they lie, and then takes and writes maps in frames.</summary>
    public static bool TakesFrames(in ConvolutionShape s) => MatrixTile.IsWideFaster && LinesJob.Suits(s);

    /// <summary>The same with maps in frames, of which there may be none but for convolutions that <see cref="TakesFrames"/>.</summary>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Run(
        in ConvolutionShape s, ReadOnlySpan<float> x, PackedMatrix weight, ReadOnlySpan<float> bias, EpilogueActivation activation,
        ReadOnlySpan<float> residual, Span<float> y, PixelFrames frames, Workers workers) =>
        Run(s, x, weight, bias, activation, residual, y, frames, MatrixTile.IsWideFaster, workers);

    /// <summary>The same, by tiles for vectors of 512 bits or not; the bits are the same.</summary>
    internal static void Run(
        in ConvolutionShape s, ReadOnlySpan<float> x, PackedMatrix weight, ReadOnlySpan<float> bias, EpilogueActivation activation,
        ReadOnlySpan<float> residual, Span<float> y, bool isWide, Workers workers) =>
        Run(s, x, weight, bias, activation, residual, y, default, isWide, workers);

    /// <summary>The same with maps in frames, by tiles for vectors of 512 bits or not: only the former take frames.</summary>
    internal static void Run(
        in ConvolutionShape s, ReadOnlySpan<float> x, PackedMatrix weight, ReadOnlySpan<float> bias, EpilogueActivation activation,
        ReadOnlySpan<float> residual, Span<float> y, PixelFrames frames, bool isWide, Workers workers)
    {
        Im2Col.CheckSizes(s);
        RowSplit.Check("PixelConvolution", "x", x.Length, 1,
            PixelFrames.Length(s.Batch, s.Height, s.Width, s.Channels, frames.IsInputFramed ? s.Padding : 0));
        RowSplit.Check("PixelConvolution", "bias", bias.Length, 1, s.Outputs, mayBeEmpty: true);
        RowSplit.Check("PixelConvolution", "residual", residual.Length, s.Batch, s.Result, mayBeEmpty: true);
        RowSplit.Check("PixelConvolution", "y", y.Length, 1,
            PixelFrames.Length(s.Batch, s.OutHeight, s.OutWidth, s.Outputs, frames.Around));
        if (weight.K != s.Window || weight.N != s.Outputs)
            throw new ArgumentException($"PixelConvolution: the weight is [{weight.K}, {weight.N}], not [{s.Window}, {s.Outputs}]");
        if (frames != default && !(isWide && LinesJob.Suits(s))) throw new ArgumentException($"PixelConvolution: {s} takes no frames");
        if (y.IsEmpty) return;
        fixed (float* px = x, pbias = bias, presidual = residual, py = y)
        {
            var epilogue = new Epilogue { Bias = pbias, Activation = activation, Residual = presidual, ResidualRow = s.Outputs };
            if (isWide && LinesJob.Suits(s))
            {
                var lines = new LinesJob { Shape = s, X = px, Weight = weight, Y = py, Epilogue = epilogue, Frames = frames };
                lines.FillUpBias(PackingBuffer.Rent(PackingBuffer.Summaries, weight.Panels * MatrixTile.Columns));
                lines.Parts = ThreadWork.Parts(2.0 * s.Window * s.Batch * s.Result, Math.Min(workers.Threads, s.Batch * s.OutHeight));
                workers.Run(lines.Parts, ref lines);
                return;
            }

            var job = new Job { Shape = s, X = px, Weight = weight, Y = py, Epilogue = epilogue };
            job.Split(ThreadWork.Parts(2.0 * s.Window * y.Length, workers.Threads));
            workers.Run(job.Parts, ref job);
        }
    }

    /// <summary>The positions of all images, cut into stretches; a part is a range of stretches.</summary>
    private struct Job : IWorkBody
    {
        public ConvolutionShape Shape;
        public float* X, Y;
        public PackedMatrix Weight;
        public Epilogue Epilogue;
        private int _stretch;

        public int Parts { get; private set; }

        private readonly int Stretches => (Shape.Batch * Shape.Pixels + _stretch - 1) / _stretch;

        public void Split(int parts)
        {
            var tiles = Math.Max(1, StretchFloats / Shape.Window / MatrixTile.Rows);
            _stretch = tiles * MatrixTile.Rows;
            Parts = Math.Min(parts, Stretches);
        }

        public readonly void Execute(int part)
        {
            var (stretch, end) = RowSplit.Range(Stretches, part, Parts);
            var windows = PackingBuffer.Rent(PackingBuffer.Windows, (long)_stretch * Shape.Window + Vector256<float>.Count);
            for (; stretch < end; stretch++)
            {
                var first = stretch * _stretch;
                var count = Math.Min(_stretch, Shape.Batch * Shape.Pixels - first);
                Gather(Shape, X, first, count, windows);
                var epilogue = Epilogue;
                if (epilogue.Residual != null) epilogue.Residual += (nint)first * Shape.Outputs;
                PackedProduct.Run(count, windows, Shape.Window, Weight, Y + (nint)first * Shape.Outputs, Shape.Outputs, epilogue,
                    Workers.Single, Depth);
            }
        }
    }

    /// <summary>The windows of <paramref name="count"/> positions, counted over all images: <c>[count, kh·kw·C]</c>.</summary>
    private static void Gather(in ConvolutionShape s, float* images, int first, int count, float* windows)
    {
        var (line, step) = (s.KernelWidth * s.Channels, s.Stride * s.Channels);

        // Positions of a row whose windows lie within the image from left to right.
        var inside = (s.Padding + s.Stride - 1) / s.Stride;
        var outside = Math.Clamp((s.Width + s.Padding - s.KernelWidth) / s.Stride + 1, inside, s.OutWidth);
        while (count > 0)
        {
            var (image, pixel) = Math.DivRem(first, s.Pixels);
            var (y, x) = Math.DivRem(pixel, s.OutWidth);
            var here = Math.Min(count, s.OutWidth - x);
            var end = x + here;
            var top = y * s.Stride - s.Padding;
            for (var ky = 0; ky < s.KernelHeight; ky++)
            {
                var to = windows + ky * line;
                if ((uint)(top + ky) >= (uint)s.Height)
                {
                    for (var i = x; i < end; i++, to += s.Window) Clear(to, line);
                    continue;
                }

                var row = images + (nint)image * s.Image + (nint)(top + ky) * s.Width * s.Channels;
                var (left, right) = (Math.Clamp(inside, x, end), Math.Clamp(outside, x, end));
                for (var i = x; i < left; i++, to += s.Window) Edge(s, row, i * s.Stride - s.Padding, to);
                Copy(row + ((nint)left * s.Stride - s.Padding) * s.Channels, step, to, s.Window, line, right - left);
                to += (nint)(right - left) * s.Window;
                for (var i = right; i < end; i++, to += s.Window) Edge(s, row, i * s.Stride - s.Padding, to);
            }

            windows += (nint)here * s.Window;
            first += here;
            count -= here;
        }
    }

    /// <summary>A line of a window that lies partly beside the image.</summary>
    private static void Edge(in ConvolutionShape s, float* row, int left, float* to)
    {
        var (from, end) = (Math.Clamp(-left, 0, s.KernelWidth), Math.Clamp(s.Width - left, 0, s.KernelWidth));
        if (from >= end)
        {
            Clear(to, s.KernelWidth * s.Channels);
            return;
        }

        Clear(to, from * s.Channels);
        for (var i = from * s.Channels; i < end * s.Channels; i++) to[i] = row[(nint)left * s.Channels + i];
        Clear(to + end * s.Channels, (s.KernelWidth - end) * s.Channels);
    }

    /// <summary>Runs of <paramref name="length"/> numbers from places <paramref name="step"/> apart to places <paramref name="toStep"/>
    /// apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(float* from, nint step, float* to, nint toStep, int length, int runs)
    {
        var rest = length % 8;
        for (; runs > 0; runs--, from += step, to += toStep)
        {
            var i = 0;
            for (; i + 8 <= length; i += 8) Vector256.Load(from + i).Store(to + i);
            if (rest == 0) continue;

            // The last eight once more where there are eight; they overlap.
            if (length >= 8) Vector256.Load(from + length - 8).Store(to + length - 8);
            else for (; i < length; i++) to[i] = from[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear(float* to, int count)
    {
        for (var i = 0; i < count; i++) to[i] = 0;
    }
}
