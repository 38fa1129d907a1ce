using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>Turns the windows of a convolution into a matrix, and back for the gradient.</summary>
/// <remarks>
/// A row holds what one place of the window sees from every position, so a line of the image is copied or added in one go. The image gets
/// its frame of zeros first: then no line has to ask where the image ends, which for the small maps of a policy took longer than the
/// copying.
/// </remarks>
internal static unsafe partial class Im2Col
{
    private const int Lanes = 8, WideLanes = 16;

    /// <summary>
    /// Row (channel, ky, kx) of columns [C kernelH kernelW, outH outW] holds, for every position (y, x), image [C, H, W] at
    /// (channel, y stride - padding + ky, x stride - padding + kx); outside the image it is 0.
    /// </summary>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Gather(in ConvolutionShape s, ReadOnlySpan<float> image, Span<float> columns)
    {
        Check(s, image.Length, columns.Length);
        fixed (float* pixels = image, matrix = columns)
        {
            var frame = new Frame(s);
            frame.Enter(s, pixels);
            var to = matrix;
            for (var line = 0; line < s.Channels * s.KernelHeight; line++)
            {
                var from = frame.Line(s, line);
                for (var kx = 0; kx < s.KernelWidth; kx++, to += s.Pixels)
                    Take(from + kx, frame.Step(s), s.Stride, to, s.OutHeight, s.OutWidth);
            }
        }
    }

    /// <summary>
    /// The same for positions <paramref name="first"/> to <paramref name="end"/> - 1, in panels of 16 positions as <see cref="MatrixTile"/>
    /// reads them: each panel [C kernelH kernelW, 16], the last one filled up with zeros.
    /// </summary>
    public static void GatherPanels(in ConvolutionShape s, float* image, int first, int end, float* panels)
    {
        var frame = new Frame(s);
        frame.Enter(s, image);
        if (s.Stride <= 2 && (end - first) % MatrixTile.Columns == 0 && (s.OutWidth % MatrixTile.Columns == 0 || s.OutWidth == Lanes))
        {
            WritePanels(s, frame, first, end, panels);
            return;
        }

        // Whole lines are taken side by side before they are cut into panels.
        var (top, bottom) = (first / s.OutWidth, (end + s.OutWidth - 1) / s.OutWidth);
        var skipped = first - top * s.OutWidth;
        var count = end - first;
        var whole = count / MatrixTile.Columns;
        var lines = PackingBuffer.Rent(PackingBuffer.Tiles, (long)(bottom - top) * s.OutWidth + MatrixTile.Columns);
        var panel = (nint)s.Window * MatrixTile.Columns;
        for (var line = 0; line < s.Channels * s.KernelHeight; line++)
        {
            var from = frame.Line(s, line) + top * frame.Step(s);
            for (var kx = 0; kx < s.KernelWidth; kx++, panels += MatrixTile.Columns)
            {
                Take(from + kx, frame.Step(s), s.Stride, lines, bottom - top, s.OutWidth);
                Deal(lines + skipped, whole, count % MatrixTile.Columns, panels, panel);
            }
        }
    }

    /// <summary>The transpose of <see cref="Gather"/>: adds every entry of columns to the pixel it came from.</summary>
    /// <exception cref="ArgumentException">A size is impossible or a span has another length.</exception>
    public static void Scatter(in ConvolutionShape s, ReadOnlySpan<float> columns, Span<float> image)
    {
        Check(s, image.Length, columns.Length);
        fixed (float* pixels = image, matrix = columns)
        {
            var frame = new Frame(s);
            frame.Enter(s, pixels);
            var from = matrix;
            for (var line = 0; line < s.Channels * s.KernelHeight; line++)
            {
                var to = frame.Line(s, line);
                for (var kx = 0; kx < s.KernelWidth; kx++, from += s.Pixels)
                    Give(from, s.OutHeight, s.OutWidth, to + kx, frame.Step(s), s.Stride);
            }
            frame.Leave(s, pixels);
        }
    }

    /// <summary>Every stride-th number of each line; reads up to 15 floats past it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Take(float* from, nint step, int stride, float* to, int lines, int width)
    {
        for (; lines > 0; lines--, from += step, to += width)
        {
            var x = 0;
            if (stride == 1)
            {
                if (Vector512.IsHardwareAccelerated)
                    for (; x + WideLanes <= width; x += WideLanes) Vector512.Load(from + x).Store(to + x);
                for (; x + Lanes <= width; x += Lanes) Vector256.Load(from + x).Store(to + x);
            }
            else if (stride == 2)
            {
                if (Avx512F.IsSupported)
                    for (; x + WideLanes <= width; x += WideLanes) EvenOfThirtyTwo(from + 2 * x).Store(to + x);
                for (; x + Lanes <= width; x += Lanes) EvenOfSixteen(from + 2 * x).Store(to + x);
            }

            for (; x < width; x++) to[x] = from[(nint)x * stride];
        }
    }

    /// <summary>Every second number: of each pair, seen as one number of 64 bits, the lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> EvenOfSixteen(float* from) =>
        Vector256.Narrow(Vector256.Load(from).AsUInt64(), Vector256.Load(from + Lanes).AsUInt64()).AsSingle();

    /// <summary>Every second number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> EvenOfThirtyTwo(float* from) =>
        Avx512F.PermuteVar16x32x2(Vector512.Load(from), Vector512<int>.Indices << 1, Vector512.Load(from + WideLanes));

    /// <summary>Sixteen numbers to each panel; the last gets the rest and zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Deal(float* from, int panels, int rest, float* to, nint panel)
    {
        for (; panels > 0; panels--, from += MatrixTile.Columns, to += panel)
        {
            Vector256.Load(from).Store(to);
            Vector256.Load(from + Lanes).Store(to + Lanes);
        }

        for (var x = 0; rest > 0 && x < MatrixTile.Columns; x++) to[x] = x < rest ? from[x] : 0;
    }

    /// <summary>Adds to every stride-th number of each line; adds 0 to up to 15 floats past it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Give(float* from, int lines, int width, float* to, nint step, int stride)
    {
        for (; lines > 0; lines--, from += width, to += step)
        {
            var x = 0;
            if (stride == 1)
            {
                if (Vector512.IsHardwareAccelerated)
                    for (; x + WideLanes <= width; x += WideLanes) (Vector512.Load(to + x) + Vector512.Load(from + x)).Store(to + x);
                for (; x + Lanes <= width; x += Lanes) (Vector256.Load(to + x) + Vector256.Load(from + x)).Store(to + x);
            }
            else if (stride == 2)
            {
                // With a zero after each number, so that the pixels between get nothing.
                if (Avx512F.IsSupported)
                {
                    for (; x + Lanes <= width; x += Lanes)
                    {
                        var apart = Avx512F.ConvertToVector512UInt64(Vector256.Load(from + x).AsUInt32()).AsSingle();
                        (Vector512.Load(to + 2 * x) + apart).Store(to + 2 * x);
                    }
                }

                for (; x + Lanes <= width; x += Lanes)
                {
                    var (low, high) = Vector256.Widen(Vector256.Load(from + x).AsUInt32());
                    var pixels = to + 2 * x;
                    (Vector256.Load(pixels) + low.AsSingle()).Store(pixels);
                    (Vector256.Load(pixels + Lanes) + high.AsSingle()).Store(pixels + Lanes);
                }
            }

            for (; x < width; x++) to[(nint)x * stride] += from[x];
        }
    }

    /// <summary>Refuses what is no convolution.</summary>
    /// <exception cref="ArgumentException">A size is impossible.</exception>
    public static void CheckSizes(in ConvolutionShape s)
    {
        if ((s.Channels | s.Height | s.Width | s.Padding) < 0 || s.KernelHeight < 1 || s.KernelWidth < 1 || s.Stride < 1
            || s.Height + 2L * s.Padding < s.KernelHeight || s.Width + 2L * s.Padding < s.KernelWidth)
        {
            throw new ArgumentException(
                $"Im2Col: impossible sizes: image [{s.Channels}, {s.Height}, {s.Width}], kernel {s.KernelHeight} x {s.KernelWidth}, stride {s.Stride}, padding {s.Padding}");
        }
    }

    private static void Check(in ConvolutionShape s, int image, int columns)
    {
        CheckSizes(s);
        if ((Int128)s.Channels * s.Height * s.Width != image)
            throw new ArgumentException($"Im2Col: image has {image} elements, not [{s.Channels}, {s.Height}, {s.Width}]");
        if ((Int128)s.OutHeight * s.OutWidth * s.Channels * s.KernelHeight * s.KernelWidth != columns)
            throw new ArgumentException(
                $"Im2Col: columns has {columns} elements, not [{s.Channels} x {s.KernelHeight} x {s.KernelWidth}, {s.OutHeight} x {s.OutWidth}]");
    }

    /// <summary>A copy of one image with its frame of zeros and room behind it, in memory of this thread.</summary>
    private readonly struct Frame
    {
        private readonly float* _memory;
        private readonly nint _rows, _width;

        public Frame(in ConvolutionShape s)
        {
            (_rows, _width) = (s.Height + 2 * (nint)s.Padding, s.Width + 2 * (nint)s.Padding);
            var length = checked(s.Channels * _rows * _width + 2 * Lanes);
            _memory = PackingBuffer.Rent(PackingBuffer.Framed, length);
            if (s.Padding == 0) length = 2 * Lanes;
            new Span<float>(_memory, checked((int)length)).Clear();
        }

        /// <summary>Copies the image into its frame.</summary>
        public void Enter(in ConvolutionShape s, float* image)
        {
            for (var c = 0; c < s.Channels; c++)
                Copy(image + (nint)c * s.Height * s.Width, s.Width, Inside(s, c), _width, s.Height, s.Width);
        }

        /// <summary>Copies the image out of its frame.</summary>
        public void Leave(in ConvolutionShape s, float* image)
        {
            for (var c = 0; c < s.Channels; c++)
                Copy(Inside(s, c), _width, image + (nint)c * s.Height * s.Width, s.Width, s.Height, s.Width);
        }

        /// <summary>What the first place of a line of the window, counted over all channels, sees from the first position.</summary>
        public float* Line(in ConvolutionShape s, int line)
        {
            var (channel, ky) = Math.DivRem(line, s.KernelHeight);
            return _memory + (channel * _rows + ky) * _width;
        }

        /// <summary>From one position to that below it.</summary>
        public nint Step(in ConvolutionShape s) => s.Stride * _width;

        private float* Inside(in ConvolutionShape s, int channel) => _memory + (channel * _rows + s.Padding) * _width + s.Padding;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Copy(float* from, nint fromStep, float* to, nint toStep, int lines, int width)
        {
            for (; lines > 0; lines--, from += fromStep, to += toStep)
            {
                var x = 0;
                if (Vector512.IsHardwareAccelerated)
                    for (; x + WideLanes <= width; x += WideLanes) Vector512.Load(from + x).Store(to + x);
                for (; x + Lanes <= width; x += Lanes) Vector256.Load(from + x).Store(to + x);
                for (; x < width; x++) to[x] = from[x];
            }
        }
    }
}
