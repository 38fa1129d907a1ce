namespace CrossModal.Imaging;

/// <summary>Puts a title and a colour bar around a heat map.</summary>
internal static class HeatMapFigure
{
    // Lengths at text scale 1, in pixels.
    private const int NarrowestFigure = 160;
    private const int WidthPerScale = 320;
    private const int Margin = 6;
    private const int BarHeight = 9;
    private const int TickLength = 3;
    private const int TickGap = 2;

    private static readonly Rgb Paper = new(24, 24, 28);
    private static readonly Rgb Ink = new(236, 236, 236);
    private static readonly Rgb FaintInk = new(160, 160, 168);

    /// <summary>The drawing with the title above and the colour bar below.</summary>
    public static RgbImage Frame(RgbImage drawing, string title, HeatMapOptions options)
    {
        var scale = Math.Max(1, drawing.Width / WidthPerScale);
        var width = Math.Max(drawing.Width, NarrowestFigure);
        var margin = Margin * scale;
        var line = Drawing.LineHeight * scale;
        var titleLines = Drawing.Wrap(title, width - 2 * margin, scale);
        var unitLines = Drawing.Wrap(options.Scale.Unit, width - 2 * margin, scale);
        var top = titleLines.Count == 0 ? 0 : titleLines.Count * line + margin + margin / 2;
        var barBlock = (BarHeight + TickLength + TickGap) * scale + (1 + unitLines.Count) * line;

        var figure = new RgbImage(width, top + drawing.Height + 2 * margin + barBlock);
        figure.Fill(Paper);
        Write(figure, titleLines, margin, margin, Ink, scale);
        figure.Paste(drawing, (width - drawing.Width) / 2, top);

        var bar = top + drawing.Height + margin;
        DrawBar(figure, options, margin, bar, width - 2 * margin, scale);
        Write(figure, unitLines, margin, bar + (BarHeight + TickLength + TickGap) * scale + line, FaintInk, scale);
        return figure;
    }

    private static void Write(RgbImage figure, IReadOnlyList<string> lines, int x, int y, Rgb color, int scale)
    {
        for (var i = 0; i < lines.Count; i++)
            Drawing.Text(figure, lines[i], x, y + i * Drawing.LineHeight * scale, color, scale);
    }

    private static void DrawBar(RgbImage figure, HeatMapOptions options, int left, int y, int length, int scale)
    {
        figure.Paste(HeatMap.ColorBar(options, length, BarHeight * scale), left, y);

        var free = 0;
        foreach (var (position, label) in options.Scale.Ticks)
        {
            var x = left + (int)Math.Round(position * (length - 1));
            Drawing.Rectangle(figure, x - scale / 2, y + BarHeight * scale, scale, TickLength * scale, FaintInk);
            var width = Drawing.TextWidth(label, scale);
            var start = Math.Clamp(x - width / 2, left, Math.Max(left, left + length - width));
            if (start < free)
                continue;
            Drawing.Text(figure, label, start, y + (BarHeight + TickLength + TickGap) * scale, Ink, scale);
            free = start + width + 2 * scale;
        }
    }
}
