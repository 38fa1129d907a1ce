using CrossModal.Engine.Kernels;

namespace CrossModal.Imaging;

/// <summary>
/// Resizes pictures of one size and format to one other size: the weights and the memory of both passes, made once. Both passes are the
/// same weighted sum of rows; for the first, across, some rows at a time are transposed, so that columns are rows.
/// </summary>
/// <remarks>Results are Pillow's, bit for bit: across, rounded to bytes, then down. Not for several threads at once.</remarks>
internal sealed class ResizePlan
{
    // As many as the widest vectors sum at once; with 640 pixels of three bytes a block takes 120 KB, and stays in the second cache.
    private const int BlockRows = 64;

    private readonly (int First, int[] Weights)[] _across, _down;
    private readonly int _channels, _channelStep, _pixelStep;
    private readonly byte[] _columns; // [Width · bytes of a pixel, BlockRows]
    private readonly byte[] _newColumns; // [columns of the result, BlockRows]
    private readonly byte[] _narrow; // [Height, columns of the result]

    /// <summary>Weights and memory for one size and format.</summary>
    /// <param name="width">Width of the pictures.</param>
    /// <param name="height">Height of the pictures.</param>
    /// <param name="format">Format of the pictures.</param>
    /// <param name="newWidth">Width of the results.</param>
    /// <param name="newHeight">Height of the results.</param>
    /// <param name="filter">How new pixels are made of old ones.</param>
    /// <param name="planar">Whether a row of the result is <c>[channels, newWidth]</c> rather than <c>[newWidth, channels]</c>.</param>
    public ResizePlan(int width, int height, PixelFormat format, int newWidth, int newHeight, ResizeFilter filter, bool planar)
    {
        Width = width;
        Height = height;
        Format = format;
        NewWidth = newWidth;
        NewHeight = newHeight;
        _channels = format.ColorBytes().Length;
        (_pixelStep, _channelStep) = planar ? (1, newWidth) : (_channels, 1);
        _across = Fixed(ResizeTaps.Of(width, newWidth, filter));
        _down = Fixed(ResizeTaps.Of(height, newHeight, filter));
        _columns = new byte[(long)width * format.PixelBytes() * BlockRows];
        _newColumns = new byte[(long)NewStride * BlockRows];
        _narrow = new byte[(long)height * NewStride];
    }

    /// <summary>Width of the pictures, pixels.</summary>
    public int Width { get; }

    /// <summary>Height of the pictures, pixels.</summary>
    public int Height { get; }

    /// <summary>Format of the pictures.</summary>
    public PixelFormat Format { get; }

    /// <summary>Width of the results, pixels.</summary>
    public int NewWidth { get; }

    /// <summary>Height of the results, pixels.</summary>
    public int NewHeight { get; }

    /// <summary>Bytes of a row of the results: those of three channels, or of one for grey.</summary>
    public int NewStride => NewWidth * _channels;

    /// <summary>Resizes one picture; <paramref name="resized"/> receives <see cref="NewHeight"/> rows of <see cref="NewStride"/>
    /// bytes.</summary>
    /// <exception cref="ArgumentException">The frame has another size or format.</exception>
    public void Run(Frame frame, Span<byte> resized)
    {
        if (frame.Width != Width || frame.Height != Height || frame.Format != Format)
            throw new ArgumentException(
                $"ResizePlan: made for {Width}x{Height} {Format}, got {frame.Width}x{frame.Height} {frame.Format}", nameof(frame));
        for (var row = 0; row < Height; row += BlockRows) Narrow(frame.Bytes[(row * frame.Stride)..], frame.Stride, row);
        for (var y = 0; y < NewHeight; y++)
        {
            var (first, weights) = _down[y];
            ResizeKernel.SumRows(_narrow.AsSpan(first * NewStride), NewStride, weights, resized.Slice(y * NewStride, NewStride));
        }
    }

    /// <summary>The first pass for a block of rows.</summary>
    private void Narrow(ReadOnlySpan<byte> bytes, int stride, int row)
    {
        var rows = Math.Min(BlockRows, Height - row);
        var pixelBytes = Format.PixelBytes();
        var colors = Format.ColorBytes();
        ByteTranspose.Run(rows, Width * pixelBytes, bytes, stride, _columns, BlockRows);
        for (var x = 0; x < NewWidth; x++)
        {
            var (first, weights) = _across[x];
            for (var c = 0; c < colors.Length; c++)
            {
                var from = _columns.AsSpan((first * pixelBytes + colors[c]) * BlockRows);
                var to = (x * _pixelStep + c * _channelStep) * BlockRows;
                ResizeKernel.SumRows(from, pixelBytes * BlockRows, weights, _newColumns.AsSpan(to, rows));
            }
        }

        ByteTranspose.Run(NewStride, rows, _newColumns, BlockRows, _narrow.AsSpan(row * NewStride), NewStride);
    }

    private static (int First, int[] Weights)[] Fixed(ResizeTaps[] taps) =>
        Array.ConvertAll(taps, t => (t.First, Array.ConvertAll(t.Weights, Fixed)));

    /// <summary>A weight as a whole number, rounded away from zero as Pillow does.</summary>
    private static int Fixed(double weight) => (int)(weight * (1 << ResizeKernel.FractionBits) + (weight < 0 ? -0.5 : 0.5));
}
