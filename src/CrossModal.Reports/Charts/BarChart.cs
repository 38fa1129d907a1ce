using System.Globalization;

namespace CrossModal.Reports;

/// <summary>One bar.</summary>
/// <param name="Label">What it stands for.</param>
/// <param name="Value">Its length and its interval; ends that are NaN are not drawn.</param>
/// <param name="Group">Bars of a group have a colour; 0 to 6.</param>
internal sealed record Bar(string Label, Interval Value, int Group = 0)
{
    /// <summary>A bar without an interval.</summary>
    public Bar(string label, double value, int group = 0)
        : this(label, new Interval(value, double.NaN, double.NaN), group)
    {
    }
}

/// <summary>Horizontal bars with intervals, from 0 to the right.</summary>
/// <param name="Label">What their length means, with its unit.</param>
/// <param name="Bars">The bars, from the top.</param>
internal sealed record BarChart(string Label, params IReadOnlyList<Bar> Bars) : IReportPart
{
    private const double Width = 760;
    private const double Pitch = 30;
    private const double Thickness = 16;
    private const double ValueWidth = 92;
    private const double LetterWidth = 7.2;
    private const double WidestLabels = 260;
    private const double Bottom = 46;

    /// <summary>Whether values are shares: written as percent, on an axis from 0 to 100 %.</summary>
    public bool Shares { get; init; }

    /// <summary>Names of the groups, for the legend; none when all bars mean the same.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>A level to compare with, and what it is; null for none.</summary>
    public (double Value, string Name)? Target { get; init; }

    /// <summary>What the chart shows, below it.</summary>
    public string? Caption { get; init; }

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        var left = Math.Min(WidestLabels, 16 + LetterWidth * Bars.Select(b => DisplayWidth.Of(b.Label)).DefaultIfEmpty().Max());
        var top = Target is null ? 6.0 : 22;
        var height = top + Pitch * Bars.Count + Bottom;
        var values = Bars.SelectMany(b => new[] { 0, b.Value.Value, b.Value.High }).Concat(Target is { } t ? [t.Value] : []);
        var axis = new Axis(values, log: false, left, Width - ValueWidth, Shares ? (0, 1) : null);
        using (html.Element("figure"))
        {
            if (Groups.Count > 0) GroupLegend(html);
            using (html.Element("div", ("class", "scroll")))
            using (html.StartSvg(Width, height, $"{Label}: {string.Join(", ", Bars.Select(b => $"{b.Label} {Text(b.Value.Value)}"))}",
                "chart"))
            {
                foreach (var (value, label) in axis.Ticks)
                {
                    html.Line(axis.At(value), top, axis.At(value), height - Bottom, "grid");
                    html.Label(Shares ? HtmlWriter.Number(100 * value) + " %" : label, axis.At(value), height - Bottom + 16, "middle");
                }

                for (var i = 0; i < Bars.Count; i++) Draw(html, Bars[i], axis, left, top + Pitch * i + Pitch / 2);
                if (Target is { } target)
                {
                    html.Line(axis.At(target.Value), top - 4, axis.At(target.Value), height - Bottom, "target");
                    html.Label(target.Name, axis.At(target.Value), top - 8, "middle");
                }

                html.Label(Label, (left + Width - ValueWidth) / 2, height - 8, "middle", "name");
            }

            if (Caption is not null) html.Leaf("figcaption", Caption, ("class", "caption"));
        }
    }

    private void Draw(HtmlWriter html, Bar bar, Axis axis, double left, double y)
    {
        html.Label(bar.Label, left - 8, y + 4, "end", "row");
        var end = axis.At(0);
        if (double.IsFinite(bar.Value.Value))
        {
            end = axis.At(bar.Value.Value);
            html.Rectangle(Math.Min(axis.At(0), end), y - Thickness / 2, Math.Abs(end - axis.At(0)), Thickness,
                $"fill f{bar.Group % LineChart.Styles}");
        }

        if (double.IsFinite(bar.Value.Low) && double.IsFinite(bar.Value.High))
        {
            ReportTable.Whisker(html, axis.At(bar.Value.Low), axis.At(bar.Value.High), y);
            end = Math.Max(end, axis.At(bar.Value.High));
        }

        html.Label(Text(bar.Value.Value), end + 8, y + 4, "start", "row figure");
    }

    private void GroupLegend(HtmlWriter html)
    {
        using (html.Element("div", ("class", "legend")))
            foreach (var (i, name) in Groups.Index())
                using (html.Element("span"))
                {
                    using (html.StartSvg(14, 14, "", "key")) html.Rectangle(1, 1, 12, 12, $"fill f{i % LineChart.Styles}");
                    html.Text(name);
                }
    }

    private string Text(double value) =>
        !double.IsFinite(value) ? "–" : Shares ? Interval.Percent(value) : value.ToString("G4", CultureInfo.InvariantCulture);
}
