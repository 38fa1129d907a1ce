using CrossModal.Engine.Formats;

namespace CrossModal.Imaging;

/// <summary>Turns the inflated rows of a PNG file into RGB.</summary>
internal sealed class PngPixels(PngHeader header, Rgb[]? palette, byte[]? transparency, RgbConversion conversion, string name)
{
    private const int Opaque = 255;

    /// <summary>Undoes the filters in place and paints the pixels.</summary>
    public RgbImage Decode(byte[] raw)
    {
        var image = new RgbImage(header.Width, header.Height);
        var at = 0;
        foreach (var pass in header.Passes)
        {
            var columns = pass.Columns(header);
            if (columns <= 0)
                continue;
            var length = (int)header.RowBytes(columns);
            Span<byte> above = new byte[length];
            for (var y = pass.Y; y < header.Height; y += pass.StepY)
            {
                var row = raw.AsSpan(at + 1, length);
                Unfilter(raw[at], row, above, y);
                Paint(row, image, pass, y);
                above = row;
                at += 1 + length;
            }
        }

        return image;
    }

    private void Unfilter(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int y)
    {
        var step = header.FilterStep;
        switch (filter)
        {
            case 0:
                break;
            case 1:
                for (var i = step; i < row.Length; i++)
                    row[i] += row[i - step];
                break;
            case 2:
                for (var i = 0; i < row.Length; i++)
                    row[i] += above[i];
                break;
            case 3:
                for (var i = 0; i < row.Length; i++)
                    row[i] += (byte)((above[i] + (i < step ? 0 : row[i - step])) / 2);
                break;
            case 4:
                for (var i = 0; i < row.Length; i++)
                    row[i] += i < step ? above[i] : Paeth(row[i - step], above[i], above[i - step]);
                break;
            default:
                throw new FileFormatException(name, $"row {y} has the unknown filter {filter}");
        }
    }

    /// <summary>Whichever of left, above and upper left is nearest to left + above - upper left.</summary>
    internal static byte Paeth(int left, int above, int corner)
    {
        var toLeft = Math.Abs(above - corner);
        var toAbove = Math.Abs(left - corner);
        var toCorner = Math.Abs(left + above - 2 * corner);
        return (byte)(toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner);
    }

    private void Paint(ReadOnlySpan<byte> row, RgbImage image, PngPass pass, int y)
    {
        if (header is { Color: PngColor.Rgb, BitDepth: 8, Interlaced: false }
            && (transparency is null || conversion == RgbConversion.Pillow))
        {
            row.CopyTo(image.Pixels.AsSpan(y * row.Length));
            return;
        }

        Span<int> samples = stackalloc int[4];
        var x = pass.X;
        for (var column = 0; x < header.Width; column++, x += pass.StepX)
        {
            for (var i = 0; i < header.Samples; i++)
                samples[i] = Sample(row, column * header.Samples + i);
            image[x, y] = Color(samples, y);
        }
    }

    private int Sample(ReadOnlySpan<byte> row, int index)
    {
        switch (header.BitDepth)
        {
            case 8: return row[index];
            case 16: return row[2 * index] << 8 | row[2 * index + 1];
            default:
                var bit = index * header.BitDepth;
                return row[bit / 8] >> (8 - header.BitDepth - bit % 8) & ((1 << header.BitDepth) - 1);
        }
    }

    private Rgb Color(ReadOnlySpan<int> samples, int y)
    {
        switch (header.Color)
        {
            case PngColor.Palette:
                var index = samples[0];
                if (index >= palette!.Length)
                    throw new FileFormatException(name, $"row {y} has colour {index} of a palette of {palette.Length}");
                var alpha = transparency is not null && index < transparency.Length ? transparency[index] : Opaque;
                return WithoutAlpha(palette[index].R, palette[index].G, palette[index].B, alpha);
            case PngColor.Grey:
                var grey = To8(samples[0]);
                return WithoutAlpha(grey, grey, grey, IsClear(samples[..1]) ? 0 : Opaque);
            case PngColor.GreyAlpha:
                grey = To8(samples[0]);
                return WithoutAlpha(grey, grey, grey, To8(samples[1]));
            case PngColor.Rgb:
                return WithoutAlpha(
                    To8(samples[0]), To8(samples[1]), To8(samples[2]), IsClear(samples[..3]) ? 0 : Opaque);
            default:
                return WithoutAlpha(To8(samples[0]), To8(samples[1]), To8(samples[2]), To8(samples[3]));
        }
    }

    /// <summary>Whether this is the one colour a tRNS chunk makes transparent, compared before rounding to 8 bits.</summary>
    private bool IsClear(ReadOnlySpan<int> samples)
    {
        if (transparency is null)
            return false;
        for (var i = 0; i < samples.Length; i++)
            if (samples[i] != (transparency[2 * i] << 8 | transparency[2 * i + 1]))
                return false;
        return true;
    }

    private int To8(int sample)
    {
        // Pillow keeps 16 bits of a grey alone, and cuts them off when it is asked for RGB; in every other kind it reads the upper byte
        // only.
        if (header.BitDepth == 16 && conversion == RgbConversion.Pillow)
            return header.Color == PngColor.Grey ? Math.Min(sample, 255) : sample >> 8;
        var most = (1 << header.BitDepth) - 1;
        return most == 255 ? sample : (sample * 255 + most / 2) / most;
    }

    private Rgb WithoutAlpha(int r, int g, int b, int alpha) => conversion == RgbConversion.Pillow
        ? new((byte)r, (byte)g, (byte)b)
        : new(OverWhite(r, alpha), OverWhite(g, alpha), OverWhite(b, alpha));

    private static byte OverWhite(int value, int alpha) => (byte)((value * alpha + 255 * (Opaque - alpha) + 127) / 255);
}
