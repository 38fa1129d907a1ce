namespace CrossModal.Imaging;

/// <summary>Lines, hatching and captions on a picture; whatever lies outside it is cut off.</summary>
public static class Drawing
{
    private const int HatchPeriod = 8;

    /// <summary>Height of a line of text at scale 1, with the gap below it.</summary>
    public const int LineHeight = PixelFont.CapitalHeight + 4;

    /// <summary>Width of a line of text in pixels.</summary>
    public static int TextWidth(string text, int scale = 1) =>
        text.Length == 0 ? 0 : (text.Length * PixelFont.Advance - (PixelFont.Advance - PixelFont.Width)) * scale;

    /// <summary>Whether the font of <see cref="Text"/> has every character of a text.</summary>
    internal static bool CanWrite(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.All(PixelFont.Has);
    }

    /// <summary>Writes one line with its upper left at (x, y). The font knows ASCII and × · → –; other characters become boxes.</summary>
    public static void Text(RgbImage image, string text, int x, int y, Rgb color, int scale = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scale);
        for (var i = 0; i < text.Length; i++)
            for (var row = 0; row < PixelFont.Height; row++)
                for (var column = 0; column < PixelFont.Width; column++)
                    if (PixelFont.HasPixel(text[i], column, row))
                        Rectangle(image, x + (i * PixelFont.Advance + column) * scale, y + row * scale, scale, scale, color);
    }

    /// <summary>Breaks text between words into lines that fit a width in pixels; a word that is too long is cut.</summary>
    public static IReadOnlyList<string> Wrap(string text, int width, int scale = 1)
    {
        var most = Math.Max(1, (width / scale + PixelFont.Advance - PixelFont.Width) / PixelFont.Advance);
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var rest = word;
            if (line.Length > 0 && line.Length + 1 + rest.Length <= most)
            {
                line += " " + rest;
                continue;
            }

            if (line.Length > 0)
                lines.Add(line);
            for (; rest.Length > most; rest = rest[most..])
                lines.Add(rest[..most]);
            line = rest;
        }

        if (line.Length > 0)
            lines.Add(line);
        return lines;
    }

    /// <summary>Fills a rectangle.</summary>
    public static void Rectangle(RgbImage image, int x, int y, int width, int height, Rgb color)
    {
        for (var row = Math.Max(0, y); row < Math.Min(image.Height, y + height); row++)
            for (var column = Math.Max(0, x); column < Math.Min(image.Width, x + width); column++)
                image[column, row] = color;
    }

    /// <summary>Draws the border of a mask <c>[image.Height, image.Width]</c>: its outermost pixels, and a dark line around them.</summary>
    /// <exception cref="ArgumentException">The mask has another size than the picture.</exception>
    public static void Outline(RgbImage image, ReadOnlySpan<bool> mask, Rgb color)
    {
        if (mask.Length != image.Width * image.Height)
            throw new ArgumentException(
                $"Outline: a mask of {mask.Length} pixels for a picture of {image.Width}x{image.Height}", nameof(mask));
        for (var y = 0; y < image.Height; y++)
            for (var x = 0; x < image.Width; x++)
            {
                var inside = mask[y * image.Width + x];
                var border = Differs(image, mask, x - 1, y, inside) || Differs(image, mask, x + 1, y, inside)
                    || Differs(image, mask, x, y - 1, inside) || Differs(image, mask, x, y + 1, inside);
                if (border)
                    image[x, y] = inside ? color : Rgb.Mix(image[x, y], default, 0.7);
            }
    }

    /// <summary>Hatches the padding of a model's input, so that it is not taken for a dark part of the scene.</summary>
    /// <exception cref="ArgumentException">The picture is not a whole multiple of the letterbox's square.</exception>
    public static void HatchPadding(RgbImage square, Letterbox letterbox)
    {
        var factor = square.Width / letterbox.Size;
        if (square.Width != square.Height || factor * letterbox.Size != square.Width)
            throw new ArgumentException(
                $"HatchPadding: {square.Width}x{square.Height} is no multiple of {letterbox.Size}x{letterbox.Size}", nameof(square));
        for (var y = 0; y < square.Height; y++)
            for (var x = 0; x < square.Width; x++)
            {
                var inside = x / factor >= letterbox.OffsetX && x / factor < letterbox.OffsetX + letterbox.ContentWidth
                    && y / factor >= letterbox.OffsetY && y / factor < letterbox.OffsetY + letterbox.ContentHeight;
                if (!inside && (x + y) % HatchPeriod < 2)
                    square[x, y] = Rgb.Mix(square[x, y], new Rgb(200, 200, 200), 0.6);
            }
    }

    private static bool Differs(RgbImage image, ReadOnlySpan<bool> mask, int x, int y, bool inside) =>
        (uint)x < (uint)image.Width && (uint)y < (uint)image.Height ? mask[y * image.Width + x] != inside : inside;
}
