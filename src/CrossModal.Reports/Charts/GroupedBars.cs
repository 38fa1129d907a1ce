namespace CrossModal.Reports;

/// <summary>One bar of a group.</summary>
/// <param name="Series">Which of the chart's series it belongs to.</param>
/// <param name="Value">Its length, from 0.</param>
/// <param name="Text">What stands beside it.</param>
internal sealed record GroupedBar(int Series, double Value, string Text);

/// <summary>Bars of one case, a bar for each series that has one.</summary>
/// <param name="Label">The case.</param>
/// <param name="Bars">The bars, from the top.</param>
internal sealed record BarGroup(string Label, IReadOnlyList<GroupedBar> Bars);

/// <summary>One panel of a chart of grouped bars.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Groups">The groups, from the top.</param>
internal sealed record BarPanel(string Title, IReadOnlyList<BarGroup> Groups);

/// <summary>Horizontal bars of several series, case by case, in panels beside each other on one scale.</summary>
/// <param name="Title">What the lengths mean.</param>
/// <param name="Series">Names and colours (0 to 6) of the series.</param>
/// <param name="Panels">The panels, from the left.</param>
internal sealed record GroupedBars(string Title, IReadOnlyList<(string Name, int Style)> Series, IReadOnlyList<BarPanel> Panels) : IDrawing
{
    private const double PanelWidth = 560;
    private const double LabelWidth = 66;
    private const double ValueWidth = 128;
    private const double Thickness = 15;
    private const double Gap = 14;
    private const double Top = 80;
    private const double LegendPitch = 176;
    private const double NoteHeight = 18;

    /// <summary>A length to compare with, marked by a dashed line; null for none.</summary>
    public double? Level { get; init; }

    /// <summary>Lines of text below the panels.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <inheritdoc/>
    public double Width => Math.Max(Series.Count * LegendPitch, PanelWidth * Math.Max(1, Panels.Count));

    /// <inheritdoc/>
    public double Height => Top + Panels.Select(p => p.Groups.Sum(GroupHeight)).DefaultIfEmpty().Max() + NoteHeight * Notes.Count;

    /// <inheritdoc/>
    public string Description => $"{Title}. " + string.Join("; ", Panels.SelectMany(p => p.Groups.Select(g =>
        $"{p.Title}, {g.Label}: {string.Join(", ", g.Bars.Select(b => $"{Series[b.Series].Name} {b.Text}"))}")));

    /// <inheritdoc/>
    public void Draw(HtmlWriter html)
    {
        html.Label(Title, 0, 12, "start", "row figure");
        foreach (var (i, (name, style)) in Series.Index())
        {
            html.Rectangle(i * LegendPitch, 26, 13, 13, $"fill f{style}");
            html.Label(name, i * LegendPitch + 19, 37, "start", "name");
        }

        var longest = Panels.SelectMany(p => p.Groups).SelectMany(g => g.Bars).Max(b => (double?)b.Value) ?? 1;
        foreach (var (i, panel) in Panels.Index())
            Draw(html, panel, i * PanelWidth + LabelWidth, (PanelWidth - LabelWidth - ValueWidth) / longest);
        foreach (var (i, note) in Notes.Index()) html.Label(note, 0, Height - NoteHeight * (Notes.Count - 1 - i) - 4, "start");
    }

    private static double GroupHeight(BarGroup group) => group.Bars.Count * Thickness + Gap;

    private void Draw(HtmlWriter html, BarPanel panel, double left, double scale)
    {
        html.Label(panel.Title, left, Top - 16, "start", "row figure");
        var y = Top;
        foreach (var group in panel.Groups)
        {
            html.Label(group.Label, left - 8, y + group.Bars.Count * Thickness / 2 + 4, "end", "row");
            foreach (var bar in group.Bars)
            {
                html.Rectangle(left, y, Math.Max(1, bar.Value * scale), Thickness - 2, $"fill f{Series[bar.Series].Style}");
                html.Label(bar.Text, left + bar.Value * scale + 6, y + Thickness - 4, "start");
                y += Thickness;
            }

            y += Gap;
        }

        if (Level is { } level) html.Line(left + level * scale, Top - 6, left + level * scale, y - Gap, "target");
    }
}
