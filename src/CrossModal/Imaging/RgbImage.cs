namespace CrossModal.Imaging;

/// <summary>A picture in memory: rows from top to bottom, <c>R G B</c> bytes interleaved, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>Bytes of one pixel.</summary>
    public const int Channels = 3;

    /// <summary>A black picture.</summary>
    /// <exception cref="ArgumentException">A side is not positive, or the picture has over 2^31 bytes.</exception>
    public RgbImage(int width, int height)
        : this(width, height, new byte[ByteCount(width, height)])
    {
    }

    /// <summary>Wraps <c>[height, width, 3]</c> bytes without copying them.</summary>
    /// <exception cref="ArgumentException">A side is not positive, or the bytes do not fit the sides.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != ByteCount(width, height))
            throw new ArgumentException(
                $"RgbImage: {width}x{height} needs {ByteCount(width, height)} bytes, got {pixels.Length}", nameof(pixels));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes, <c>[Height, Width, 3]</c>; writing to them changes the picture.</summary>
    public byte[] Pixels { get; }

    /// <summary>The pixel in column <paramref name="x"/> of row <paramref name="y"/>, from the upper left.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such pixel.</exception>
    public Rgb this[int x, int y]
    {
        get
        {
            var at = Offset(x, y);
            return new Rgb(Pixels[at], Pixels[at + 1], Pixels[at + 2]);
        }

        set
        {
            var at = Offset(x, y);
            Pixels[at] = value.R;
            Pixels[at + 1] = value.G;
            Pixels[at + 2] = value.B;
        }
    }

    /// <summary>One colour everywhere.</summary>
    public void Fill(Rgb color)
    {
        for (var at = 0; at < Pixels.Length; at += Channels)
        {
            Pixels[at] = color.R;
            Pixels[at + 1] = color.G;
            Pixels[at + 2] = color.B;
        }
    }

    /// <summary>Copies another picture in, its upper left corner at (x, y); what does not fit is cut off.</summary>
    public void Paste(RgbImage other, int x, int y)
    {
        var left = Math.Max(0, -x);
        var count = Math.Min(other.Width, Width - x) - left;
        if (count <= 0)
            return;
        for (var row = Math.Max(0, -y); row < Math.Min(other.Height, Height - y); row++)
            other.Pixels.AsSpan((row * other.Width + left) * Channels, count * Channels)
                .CopyTo(Pixels.AsSpan(((y + row) * Width + x + left) * Channels));
    }

    /// <summary>The picture with every pixel a square of <paramref name="factor"/> by <paramref name="factor"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not positive.</exception>
    public RgbImage Enlarge(int factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        var large = new RgbImage(checked(Width * factor), checked(Height * factor));
        for (var y = 0; y < large.Height; y++)
            for (var x = 0; x < large.Width; x++)
                large[x, y] = this[x / factor, y / factor];
        return large;
    }

    private static int ByteCount(int width, int height)
    {
        var bytes = (long)width * height * Channels;
        return width > 0 && height > 0 && bytes <= Array.MaxLength
            ? (int)bytes
            : throw new ArgumentException($"RgbImage: {width}x{height} is not a size a picture can have");
    }

    private int Offset(int x, int y) => (uint)x < (uint)Width && (uint)y < (uint)Height
        ? (y * Width + x) * Channels
        : throw new ArgumentOutOfRangeException(nameof(x), $"RgbImage: no pixel ({x}, {y}) in {Width}x{Height}");
}
