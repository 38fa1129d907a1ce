namespace CrossModal.Reports;

/// <summary>A value with its interval in a row of a dot plot.</summary>
/// <param name="Value">The value; an end that is NaN is not drawn.</param>
/// <param name="Group">What it belongs to: decides colour and shape.</param>
internal sealed record Dot(Interval Value, int Group = 0)
{
    /// <summary>Values it is made of, such as those of single training runs: small marks along the interval.</summary>
    public IReadOnlyList<double> Parts { get; init; } = [];

    /// <summary>Whether it was not measured here, as a value from a book: drawn hollow, without a figure beside it.</summary>
    public bool Reference { get; init; }
}

/// <summary>A panel of a dot plot.</summary>
/// <param name="Title">What it shows.</param>
internal sealed record DotPanel(string Title)
{
    /// <summary>Whether values are shares, on an axis from 0 to 100 %.</summary>
    public bool Shares { get; init; } = true;

    /// <summary>How a value is written that is no share.</summary>
    public Func<double, string> Text { get; init; } = Axis.Figure;

    /// <summary>Whether equal ratios go equally far across.</summary>
    public bool Log { get; init; }

    /// <summary>Levels to compare with: dotted lines, named at the top.</summary>
    public IReadOnlyList<(double Value, string Name)> Levels { get; init; } = [];

    /// <summary>What goes across, with its unit; nothing when null.</summary>
    public string? AxisLabel { get; init; }
}

/// <summary>A row of a dot plot.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Panels">Its values, panel by panel; none where it was not measured.</param>
internal sealed record DotRow(string Name, params IReadOnlyList<IReadOnlyList<Dot>> Panels)
{
    /// <summary>Said where it has no value, instead of what the plot says; null for that.</summary>
    public string? Missing { get; init; }
}

/// <summary>Values with intervals: rows shared by panels side by side. What was not measured is said to be so.</summary>
/// <param name="Panels">The panels from the left.</param>
/// <param name="Rows">The rows from the top.</param>
internal sealed record DotPlot(IReadOnlyList<DotPanel> Panels, IReadOnlyList<DotRow> Rows) : IDrawing
{
    private const double LetterWidth = 6.9;
    private const double WidestNames = 420;
    private const double Title = 22;
    private const double LevelNames = 16;
    private const double FigureWidth = 44;
    private const double Gap = 18;
    private const double Dodge = 11;
    private const double LeastPitch = 25;

    /// <summary>The rows, each with a list of dots for every panel.</summary>
    public IReadOnlyList<DotRow> Rows { get; } = Rows.FirstOrDefault(r => r.Panels.Count != Panels.Count) is { } row
        ? throw new ArgumentException($"DotPlot: the row '{row.Name}' has {row.Panels.Count} panels of {Panels.Count}", nameof(Rows))
        : Rows;

    /// <inheritdoc/>
    public double Width { get; init; } = 960;

    /// <summary>Names of the groups for the legend; none when all dots mean the same.</summary>
    public IReadOnlyList<LegendEntry> Legend { get; init; } = [];

    /// <summary>Whether the value is written beside each row; else it is shown when pointed at.</summary>
    public bool Figures { get; init; } = true;

    /// <summary>Said where a row has no value in a panel.</summary>
    public string Missing { get; init; } = "not run";

    /// <inheritdoc/>
    public double Height => Top + Pitch * Rows.Count + Bottom;

    /// <inheritdoc/>
    public string Description => string.Join("; ", Panels.Select((panel, p) => $"{panel.Title}: " + string.Join(", ", Rows.Select(row =>
        $"{row.Name} {(row.Panels[p].Count == 0 ? row.Missing ?? Missing : string.Join(", ", row.Panels[p].Select(d => Text(panel, d.Value.Value))))}"))));

    private double Left => Math.Min(WidestNames, Names);

    private double Names => 14 + LetterWidth * Rows.Select(r => DisplayWidth.Of(r.Name)).DefaultIfEmpty().Max();

    private double Top => Glyph.Legend(null, Legend, Left, Width) + Title + (Panels.Any(p => p.Levels.Count > 0) ? LevelNames : 4);

    private double Bottom => Panels.Any(p => p.AxisLabel is not null) ? 42 : 24;

    private double Pitch => Math.Max(LeastPitch, 8 + Dodge * Rows.SelectMany(r => r.Panels).Select(Measured).DefaultIfEmpty().Max());

    private double PanelWidth => (Width - Left - Gap * (Panels.Count - 1)) / Panels.Count;

    /// <inheritdoc/>
    public void Draw(HtmlWriter html)
    {
        using (html.Element("g", ("transform", $"translate({HtmlWriter.Number(Left)} 0)"))) Glyph.Legend(html, Legend, 0, Width - Left);
        for (var r = 0; r < Rows.Count; r++)
        {
            if (r % 2 == 1) html.Rectangle(0, Y(r) - Pitch / 2, Width, Pitch, "stripe");
            html.Label(Rows[r].Name, Left - 10, Y(r) + 4, "end", "row", room: Names > WidestNames ? Left - 10 : double.MaxValue);
        }

        for (var p = 0; p < Panels.Count; p++) Draw(html, p);
    }

    private static int Measured(IReadOnlyList<Dot> dots) => dots.Count(d => !d.Reference);

    private static string Text(DotPanel panel, double value) => panel.Shares ? Interval.Percent(value) : panel.Text(value);

    private double Y(int row) => Top + Pitch * (row + 0.5);

    private void Draw(HtmlWriter html, int p)
    {
        var panel = Panels[p];
        var left = Left + p * (PanelWidth + Gap);
        var right = left + PanelWidth - (Figures ? FigureWidth : 0);
        var values = Rows.SelectMany(r => r.Panels[p]).SelectMany(d => new[] { d.Value.Value, d.Value.Low, d.Value.High })
            .Concat(panel.Levels.Select(l => l.Value));
        var axis = new Axis(values, panel.Log, left + 6, right - 6, panel.Shares ? (0, 1) : null);
        html.Label(panel.Title, left, Top - (Panels.Any(q => q.Levels.Count > 0) ? LevelNames : 4) - 6, "start", "row figure");
        var bottom = Top + Pitch * Rows.Count;
        var ticks = axis.Ticks.Where((_, i) => PanelWidth >= 200 || axis.Ticks.Count < 5 || i == 0 || i == axis.Ticks.Count - 1).ToList();
        foreach (var (value, _) in axis.Ticks) html.Line(axis.At(value), Top, axis.At(value), bottom, "grid");
        foreach (var (i, (value, label)) in ticks.Index())
        {
            // Beside another panel the first and the last mark keep to their own.
            var (shift, anchor) = Figures || Panels.Count == 1 ? (0, "middle") : i == 0 ? (-4, "start") : i == ticks.Count - 1 ? (6, "end")
                : (0, "middle");
            html.Label(panel.Shares ? HtmlWriter.Number(100 * value) + (value == ticks[^1].Value ? " %" : "") : label,
                axis.At(value) + shift, bottom + 16, anchor);
        }

        foreach (var (value, name) in panel.Levels)
        {
            html.Line(axis.At(value), Top - 4, axis.At(value), bottom, "target");
            var half = 3 * DisplayWidth.Of(name);
            html.Label(name, Math.Clamp(axis.At(value), left + half, right - half), Top - 7, "middle");
        }

        if (panel.AxisLabel is not null) html.Label(panel.AxisLabel, (left + right) / 2, bottom + 34, "middle", "name");
        for (var r = 0; r < Rows.Count; r++) Draw(html, panel, Rows[r], Rows[r].Panels[p], axis, Y(r), left, right);
    }

    private void Draw(HtmlWriter html, DotPanel panel, DotRow row, IReadOnlyList<Dot> dots, Axis axis, double y, double left, double right)
    {
        if (Measured(dots) == 0) html.Label(row.Missing ?? Missing, left + 8, y + 4, "start", "tick missing");
        var measured = 0;
        foreach (var dot in dots.OrderBy(d => !d.Reference))
        {
            var own = dot.Reference ? y : y + Dodge * (measured++ - (Measured(dots) - 1) / 2.0);
            if (!axis.IsShown(dot.Value.Value)) continue;
            using (html.Element("g"))
            {
                html.Leaf("title", $"{row.Name}, {panel.Title}: {Text(panel, dot.Value.Value)}{Range(panel, dot.Value)}{Group(dot)}");
                if (axis.IsShown(dot.Value.Low) && axis.IsShown(dot.Value.High))
                    html.Line(axis.At(dot.Value.Low), own, axis.At(dot.Value.High), own, $"interval l{dot.Group % LineChart.Styles}");
                foreach (var part in dot.Parts.Where(axis.IsShown)) html.Line(axis.At(part), own - 6, axis.At(part), own + 6, "part");
                Glyph.Mark(html, dot.Group, axis.At(dot.Value.Value), own, dot.Reference);
            }

            if (Figures && !dot.Reference)
                html.Label(panel.Shares ? Interval.PercentNumber(dot.Value.Value) : panel.Text(dot.Value.Value), right + FigureWidth - 2,
                own + 4, "end", "row figure");
        }
    }

    private string Group(Dot dot) => Legend.FirstOrDefault(l => l.Group == dot.Group && l.Hollow == dot.Reference) is { Name: { } name }
        ? $" ({name})" : "";

    private static string Range(DotPanel panel, Interval value) =>
        !double.IsFinite(value.Low) || !double.IsFinite(value.High) ? "" : panel.Shares ? $" [{value.PercentRange}]"
            : $" [{panel.Text(value.Low)}, {panel.Text(value.High)}]";
}
