namespace CrossModal.Imaging;

/// <summary>A camera's picture where it lies in memory: rows from top to bottom, nothing is copied.</summary>
/// <remarks>Alpha is left out and grey repeated, as Pillow's <c>convert("RGB")</c> does.</remarks>
public readonly ref struct Frame
{
    /// <summary>A picture in memory.</summary>
    /// <param name="bytes">The rows.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="format">The bytes of a pixel.</param>
    /// <param name="stride">Bytes from the start of a row to that of the next; 0 when nothing lies between rows.</param>
    /// <exception cref="ArgumentException">A side is not positive, the stride is less than a row, or the bytes are too few.</exception>
    public Frame(ReadOnlySpan<byte> bytes, int width, int height, PixelFormat format = PixelFormat.Rgb, int stride = 0)
    {
        if (width <= 0 || height <= 0)
            throw new ArgumentException($"Frame: {width}x{height} is not a size a picture can have");
        var row = (long)width * format.PixelBytes();
        if (row > int.MaxValue)
            throw new ArgumentException($"Frame: a row of {width} {format} pixels has {row} bytes, over 2^31");
        if (stride == 0) stride = (int)row;
        if (stride < row)
            throw new ArgumentException(
                $"Frame: a stride of {stride} bytes is less than a row of {width} {format} pixels, {row} bytes", nameof(stride));
        var needed = (height - 1L) * stride + row;
        if (bytes.Length < needed)
            throw new ArgumentException(
                $"Frame: {width}x{height} {format} with a stride of {stride} bytes needs {needed} bytes, got {bytes.Length}",
                    nameof(bytes));
        Bytes = bytes[..(int)needed];
        Width = width;
        Height = height;
        Format = format;
        Stride = stride;
    }

    /// <summary>The rows, each <see cref="Stride"/> bytes behind the one before, and nothing behind the last.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Pixels in a row; 0 for a frame that was never made.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes of a pixel.</summary>
    public PixelFormat Format { get; }

    /// <summary>Bytes from the start of a row to that of the next.</summary>
    public int Stride { get; }

    /// <summary>A picture as a frame over its bytes.</summary>
    public static implicit operator Frame(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new Frame(image.Pixels, image.Width, image.Height);
    }

    /// <summary>A copy as red, green and blue.</summary>
    /// <exception cref="ArgumentException">The frame was never made, or has over 2^31 bytes as a picture.</exception>
    public RgbImage ToImage()
    {
        var image = new RgbImage(Width, Height);
        var pixelBytes = Format.PixelBytes();
        var colors = Format.ColorBytes();
        var to = 0;
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
                for (var c = 0; c < RgbImage.Channels; c++)
                    image.Pixels[to++] = Bytes[y * Stride + x * pixelBytes + colors[c % colors.Length]];
        return image;
    }
}
