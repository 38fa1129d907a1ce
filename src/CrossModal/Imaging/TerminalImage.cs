using System.Globalization;
using System.Text;

namespace CrossModal.Imaging;

/// <summary>Shows a picture as text: two pixels a character (upper half block, U+2580), or ASCII where there are no colours.</summary>
public static class TerminalImage
{
    private const char UpperHalf = '\u2580';
    private const string Reset = "\u001b[0m";

    // From dark to bright, as seen on a dark terminal.
    private const string Ramp = " .:-=+*#%@";

    /// <summary>
    /// The best a terminal can show, from the values of the environment variables NO_COLOR (https://no-color.org: any text turns
    /// colours off), COLORTERM and TERM.
    /// </summary>
    public static TerminalColors Choose(string? noColor, string? colorTerm, string? term)
    {
        if (!string.IsNullOrEmpty(noColor) || term is null or "" or "dumb")
            return TerminalColors.None;
        if (colorTerm is "truecolor" or "24bit" || term.EndsWith("-direct", StringComparison.Ordinal))
            return TerminalColors.TrueColor;
        return term.Contains("256color", StringComparison.Ordinal) ? TerminalColors.Palette256 : TerminalColors.None;
    }

    /// <summary>
    /// The picture at a width of <paramref name="columns"/> characters, each line ended by <c>\n</c>. A character is taken to be
    /// twice as high as wide.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The width is not positive.</exception>
    public static string Render(RgbImage image, int columns, TerminalColors colors)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        var lines = Math.Max(1, (int)Math.Round(columns * (double)image.Height / image.Width / 2));
        // Small frames keep their square pixels; large ones are averaged.
        var filter = columns > image.Width ? ResizeFilter.Nearest : ResizeFilter.BilinearAntialias;
        var text = new StringBuilder();
        if (colors == TerminalColors.None)
            Characters(ImageResize.Resize(image, columns, lines, filter), text);
        else
            HalfBlocks(ImageResize.Resize(image, columns, 2 * lines, filter), colors, text);
        return text.ToString();
    }

    private static void Characters(RgbImage image, StringBuilder text)
    {
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
                text.Append(Ramp[image[x, y].Luma * Ramp.Length / 256]);
            text.Append('\n');
        }
    }

    private static void HalfBlocks(RgbImage image, TerminalColors colors, StringBuilder text)
    {
        for (var y = 0; y < image.Height; y += 2)
        {
            // Colours are only set where they change, which makes flat pictures a tenth of the size.
            string upper = "", lower = "";
            for (var x = 0; x < image.Width; x++)
            {
                var newUpper = Code(image[x, y], colors);
                var newLower = Code(image[x, y + 1], colors);
                if (newUpper != upper)
                    text.Append("\u001b[38;").Append(newUpper).Append('m');
                if (newLower != lower)
                    text.Append("\u001b[48;").Append(newLower).Append('m');
                (upper, lower) = (newUpper, newLower);
                text.Append(UpperHalf);
            }

            text.Append(Reset).Append('\n');
        }
    }

    private static string Code(Rgb color, TerminalColors colors) => colors == TerminalColors.TrueColor
        ? string.Create(CultureInfo.InvariantCulture, $"2;{color.R};{color.G};{color.B}")
        : string.Create(CultureInfo.InvariantCulture, $"5;{Nearest256(color)}");

    /// <summary>The nearest of xterm's 6×6×6 cube (16–231) and its 24 greys (232–255).</summary>
    private static int Nearest256(Rgb color)
    {
        int r = Level(color.R), g = Level(color.G), b = Level(color.B);
        var cube = new Rgb(Value(r), Value(g), Value(b));
        var step = Math.Clamp((int)Math.Round((color.Luma - 8) / 10.0), 0, 23);
        var grey = (byte)(8 + 10 * step);
        return Distance(color, new Rgb(grey, grey, grey)) < Distance(color, cube) ? 232 + step : 16 + 36 * r + 6 * g + b;
    }

    // The cube's levels are 0, 95, 135, 175, 215 and 255.
    private static byte Value(int level) => (byte)(level == 0 ? 0 : 55 + 40 * level);

    private static int Level(byte value) => value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;

    private static int Distance(Rgb a, Rgb b) =>
        (a.R - b.R) * (a.R - b.R) + (a.G - b.G) * (a.G - b.G) + (a.B - b.B) * (a.B - b.B);
}
