namespace CrossModal.Imaging;

/// <summary>Draws what must not be taken at its word: in grey, with a sentence across.</summary>
internal static class GreyedPicture
{
    private const int WidthPerScale = 160;
    private const int Margin = 2;

    private static readonly Rgb Ink = new(255, 255, 255);
    private static readonly Rgb Ground = new(0, 0, 0);

    /// <summary>The picture without its colours, with words at its lower edge.</summary>
    /// <param name="picture">The picture; it stays as it is.</param>
    /// <param name="words">The words; what does not fit the width goes to further lines.</param>
    public static RgbImage Of(RgbImage picture, string words)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(words);
        var grey = new RgbImage(picture.Width, picture.Height);
        for (var i = 0; i < picture.Pixels.Length; i += RgbImage.Channels)
        {
            // ITU-R BT.601.
            var light = 0.299 * picture.Pixels[i] + 0.587 * picture.Pixels[i + 1] + 0.114 * picture.Pixels[i + 2];
            grey.Pixels.AsSpan(i, RgbImage.Channels).Fill((byte)Math.Round(light));
        }

        var scale = Math.Max(1, picture.Width / WidthPerScale);
        var lines = Drawing.Wrap(words, Math.Max(1, picture.Width - 2 * Margin * scale), scale);
        var top = Math.Max(0, picture.Height - lines.Count * Drawing.LineHeight * scale - Margin * scale);
        Drawing.Rectangle(grey, 0, top, picture.Width, picture.Height - top, Ground);
        for (var i = 0; i < lines.Count; i++)
            Drawing.Text(grey, lines[i], Margin * scale, top + i * Drawing.LineHeight * scale + scale, Ink, scale);
        return grey;
    }
}
