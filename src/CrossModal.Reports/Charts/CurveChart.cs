namespace CrossModal.Reports;

/// <summary>A line with a band around it.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Points">Points from left to right, each with its interval; ends that are NaN make no band.</param>
/// <param name="Style">Colour and dashes, 0 to 6.</param>
internal sealed record Curve(string Name, IReadOnlyList<CurvePoint> Points, int Style = 0);

/// <summary>A point of a line.</summary>
/// <param name="X">Where it lies across.</param>
/// <param name="Y">Where it lies upwards.</param>
internal sealed record CurvePoint(double X, Interval Y);

/// <summary>One panel of a chart of curves.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Curves">The curves it is about.</param>
internal sealed record CurvePanel(string Title, params IReadOnlyList<Curve> Curves)
{
    /// <summary>Curves to see them against: thin and grey.</summary>
    public IReadOnlyList<Curve> Context { get; init; } = [];
}

/// <summary>Curves with bands in small panels on the same axes.</summary>
/// <param name="XLabel">What goes across, with its unit.</param>
/// <param name="YLabel">What goes up, with its unit.</param>
/// <param name="Panels">The panels, row by row.</param>
internal sealed record CurveChart(string XLabel, string YLabel, params IReadOnlyList<CurvePanel> Panels) : IDrawing
{
    private const double Left = 66;
    private const double RightEdge = 6;
    private const double Gap = 18;
    private const double Title = 22;
    private const double Between = 14;
    private const double Bottom = 44;

    /// <inheritdoc/>
    public double Width { get; init; } = 960;

    /// <summary>Panels in a row.</summary>
    public int Columns { get; init; } = 4;

    /// <summary>Height of a panel's frame, in pixels.</summary>
    public double PanelHeight { get; init; } = 110;

    /// <summary>Whether values are shares, on an axis from 0 to 100 %.</summary>
    public bool Shares { get; init; } = true;

    /// <summary>Whether equal ratios go equally far across.</summary>
    public bool LogX { get; init; }

    /// <summary>Names of the curves' styles, for a legend; none when the titles say it.</summary>
    public IReadOnlyList<(string Name, int Style)> Legend { get; init; } = [];

    /// <inheritdoc/>
    public double Height => LegendHeight + Rows * (Title + PanelHeight) + (Rows - 1) * Between + Bottom;

    /// <inheritdoc/>
    public string Description => $"{XLabel}, {YLabel}: " + string.Join("; ",
        Panels.Select(p => string.Join(", ", p.Curves.Where(c => c.Points.Count > 0).Select(c =>
        $"{string.Join(", ", Names(p, c))} {Text(c.Points[^1].Y.Value)}"))));

    /// <summary>What distinguishes a curve from the others, in words.</summary>
    private static IEnumerable<string> Names(CurvePanel panel, Curve curve) =>
        new[] { panel.Title, panel.Curves.Count == 1 ? "" : curve.Name }.Where(name => name.Length > 0);

    private int Rows => Math.Max(1, (Panels.Count + Across - 1) / Across);

    private int Across => Math.Max(1, Math.Min(Columns, Panels.Count));

    private double LegendHeight => Legend.Count == 0 ? 0 : 24;

    private double PanelWidth => (Width - Left - RightEdge - Gap * (Across - 1)) / Across;

    /// <inheritdoc/>
    public void Draw(HtmlWriter html)
    {
        var points = Panels.SelectMany(p => p.Curves.Concat(p.Context)).SelectMany(c => c.Points).ToList();
        var x = Left;
        foreach (var (name, style) in Legend)
        {
            html.Line(x, 10, x + 26, 10, $"line s{style}");
            html.Label(name, x + 32, 14, "start", "name");
            x += 56 + 7 * DisplayWidth.Of(name);
        }

        for (var p = 0; p < Panels.Count; p++)
        {
            var left = Left + p % Across * (PanelWidth + Gap);
            var top = LegendHeight + p / Across * (Title + PanelHeight + Between) + Title;
            var across = new Axis(points.Select(q => q.X), LogX, left, left + PanelWidth,
                LogX || points.Count == 0 ? null : (0, points.Max(q => q.X)));
            var up = new Axis(points.SelectMany(q => new[] { q.Y.Value, q.Y.Low, q.Y.High }), log: false, top + PanelHeight, top,
                Shares ? (0, 1) : null);
            Frame(html, p, across, up, left, top);
            foreach (var curve in Panels[p].Context) Line(html, curve, across, up, "line context");
            foreach (var curve in Panels[p].Curves) Draw(html, curve, across, up);
        }

        html.Label(XLabel, Left + (Width - Left) / 2, Height - 6, "middle", "name");
        html.Label(YLabel, 14, LegendHeight + (Height - LegendHeight - Bottom) / 2, "middle", "name", turn: -90);
    }

    private string Text(double value) => Shares ? Interval.Percent(value) : Axis.Figure(value);

    private void Frame(HtmlWriter html, int panel, Axis across, Axis up, double left, double top)
    {
        html.Label(Panels[panel].Title, left, top - 7, "start", "row figure", room: PanelWidth);
        IReadOnlyList<(double Value, string Label)> marks = Shares && PanelHeight < 200 ? [(0, ""), (0.5, ""), (1, "")] : up.Ticks;
        foreach (var (value, label) in marks)
        {
            html.Line(left, up.At(value), left + PanelWidth, up.At(value), "grid");
            if (panel % Across == 0)
                html.Label(Shares ? HtmlWriter.Number(100 * value) + (value == marks[^1].Value ? " %" : "") : label, left - 6,
                up.At(value) + 4, "end");
        }

        html.Line(left, top + PanelHeight, left + PanelWidth, top + PanelHeight, "axis");
        if (panel + Across < Panels.Count) return;
        var every = Math.Max(1, (int)Math.Ceiling(across.Ticks.Count * 46 / PanelWidth));
        foreach (var (i, (value, label)) in across.Ticks.Index())
        {
            html.Line(across.At(value), top + PanelHeight, across.At(value), top + PanelHeight + 4, "axis");
            if (i % every == 0) html.Label(label, across.At(value), top + PanelHeight + 17, "middle");
        }
    }

    private static void Draw(HtmlWriter html, Curve curve, Axis across, Axis up)
    {
        var shown = curve.Points.Where(p => across.IsShown(p.X)).ToList();
        var band = shown.Where(p => up.IsShown(p.Y.Low) && up.IsShown(p.Y.High)).ToList();
        if (band.Count > 1)
            html.Polygon([.. band.Select(p => (across.At(p.X), up.At(p.Y.High))),
                .. band.AsEnumerable().Reverse().Select(p => (across.At(p.X), up.At(p.Y.Low)))], $"band f{curve.Style % LineChart.Styles}");
        Line(html, curve, across, up, $"line s{curve.Style % LineChart.Styles}");
        foreach (var (x, y) in shown.Where(p => up.IsShown(p.Y.Value)))
        {
            // A point alone has no band: its interval is a line.
            if (band.Count == 1)
                html.Line(across.At(x), up.At(y.Low), across.At(x), up.At(y.High), $"interval l{curve.Style % LineChart.Styles}");
            html.Circle(across.At(x), up.At(y.Value), 2.6, $"mark f{curve.Style % LineChart.Styles}");
        }
    }

    private static void Line(HtmlWriter html, Curve curve, Axis across, Axis up, string kind)
    {
        var shown = curve.Points.Where(p => across.IsShown(p.X) && up.IsShown(p.Y.Value)).Select(p => (across.At(p.X), up.At(p.Y.Value)))
            .ToList();
        if (shown.Count > 1) html.Polyline(shown, kind);
    }
}
