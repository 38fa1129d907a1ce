namespace CrossModal.Reports;

/// <summary>The name of a sign.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Group">The group whose sign it is.</param>
/// <param name="Hollow">Whether the sign is hollow.</param>
internal sealed record LegendEntry(string Name, int Group, bool Hollow = false);

/// <summary>Signs that stand for values: distinguished by shape as well as by colour.</summary>
internal static class Glyph
{
    private const double Radius = 5;
    private const double LegendPitch = 7.1;
    private const double LegendHead = 34;

    /// <summary>Height of a line of the legend, in pixels.</summary>
    public const double LegendHeight = 24;

    /// <summary>Draws the sign of a group: a circle, a square, a triangle, a diamond, then the same again in other colours.</summary>
    public static void Mark(HtmlWriter html, int group, double x, double y, bool hollow = false, double scale = 1)
    {
        var r = Radius * scale;
        var kind = $"{(hollow ? "hollow h" : "mark f")}{group % LineChart.Styles}";
        switch (group % 4)
        {
            case 0:
                html.Circle(x, y, r, kind);
                break;
            case 1:
                html.Polygon([(x - r * 0.9, y - r * 0.9), (x + r * 0.9, y - r * 0.9), (x + r * 0.9, y + r * 0.9),
                    (x - r * 0.9, y + r * 0.9)], kind);
                break;
            case 2:
                html.Polygon([(x, y - r * 1.15), (x + r * 1.1, y + r * 0.85), (x - r * 1.1, y + r * 0.85)], kind);
                break;
            default:
                html.Polygon([(x, y - r * 1.3), (x + r * 1.3, y), (x, y + r * 1.3), (x - r * 1.3, y)], kind);
                break;
        }
    }

    /// <summary>Names signs in a line, from the left; what does not fit goes on the next.</summary>
    /// <returns>The height taken.</returns>
    public static double Legend(HtmlWriter? html, IReadOnlyList<LegendEntry> entries, double left, double right)
    {
        var (x, y) = (left, LegendHeight / 2);
        foreach (var (name, group, hollow) in entries)
        {
            var width = LegendHead + LegendPitch * DisplayWidth.Of(name);
            if (x > left && x + width > right) (x, y) = (left, y + LegendHeight);
            if (html is not null)
            {
                Mark(html, group, x + 6, y, hollow);
                html.Label(name, x + 18, y + 4, "start", "name");
            }

            x += width;
        }

        return entries.Count == 0 ? 0 : y + LegendHeight / 2;
    }
}
