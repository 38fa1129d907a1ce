namespace CrossModal.Imaging;

/// <summary>How the samples of a PNG file are laid out.</summary>
internal sealed record PngHeader(int Width, int Height, int BitDepth, PngColor Color, bool Interlaced)
{
    private static readonly PngPass[] Adam7 =
    [
        new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2),
    ];

    private static readonly PngPass[] Whole = [new(0, 0, 1, 1)];

    /// <summary>Samples of one pixel.</summary>
    public int Samples => Color switch { PngColor.Rgb => 3, PngColor.GreyAlpha => 2, PngColor.Rgba => 4, _ => 1 };

    /// <summary>Bytes from one pixel to the next as the row filters count them, at least 1.</summary>
    public int FilterStep => Math.Max(1, Samples * BitDepth / 8);

    /// <summary>The passes the pixels come in; one, unless interlaced.</summary>
    public ReadOnlySpan<PngPass> Passes => Interlaced ? Adam7 : Whole;

    /// <summary>Bytes of all filtered rows, each with its filter byte.</summary>
    public long RawBytes
    {
        get
        {
            var bytes = 0L;
            foreach (var pass in Passes)
                if (pass.Columns(this) > 0)
                    bytes += pass.Rows(this) * (1 + RowBytes(pass.Columns(this)));
            return bytes;
        }
    }

    /// <summary>Bytes of a row of this many pixels, without the filter byte.</summary>
    public long RowBytes(int pixels) => ((long)pixels * Samples * BitDepth + 7) / 8;
}

/// <summary>The colour types of PNG, by their number in the file.</summary>
internal enum PngColor
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}

/// <summary>Every <c>StepX</c>-th pixel of every <c>StepY</c>-th row, from (X, Y) on.</summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY)
{
    public int Columns(PngHeader header) => (header.Width - X + StepX - 1) / StepX;

    public int Rows(PngHeader header) => (header.Height - Y + StepY - 1) / StepY;
}
