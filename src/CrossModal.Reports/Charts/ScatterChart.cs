namespace CrossModal.Reports;

/// <summary>A named point with an interval.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="X">Where it lies across.</param>
/// <param name="Y">Where it lies upwards.</param>
/// <param name="Group">Its colour and shape.</param>
internal sealed record ScatterPoint(string Name, double X, Interval Y, int Group = 0);

/// <summary>Points with names, cost across and success upwards; a line joins those that nothing cheaper beats.</summary>
/// <param name="XLabel">What goes across, with its unit: less is better.</param>
/// <param name="YLabel">What goes up: more is better.</param>
/// <param name="Points">The points.</param>
internal sealed record ScatterChart(string XLabel, string YLabel, params IReadOnlyList<ScatterPoint> Points) : IDrawing
{
    private const double Left = 56;
    private const double Right = 20;
    private const double Bottom = 46;
    private const double LetterWidth = 6.4;
    private const double LetterHeight = 13;
    private const int Rings = 7;
    private const double Clearance = 3;

    // Beside the point first, then above and below, then farther and farther away.
    private static readonly Place[] Places =
    [
        new(10, 4, "start"), new(-10, 4, "end"), new(0, -11, "middle"), new(0, 19, "middle"),
        .. Enumerable.Range(0, Rings).SelectMany(ring => new[] { -9 - 14 * ring, 17 + 14 * ring }
            .SelectMany(y => new Place[] { new(9 + 2 * ring, y, "start"), new(-9 - 2 * ring, y, "end") })),
    ];

    /// <inheritdoc/>
    public double Width { get; init; } = 960;

    /// <inheritdoc/>
    public double Height { get; init; } = 330;

    /// <summary>Whether equal ratios go equally far across.</summary>
    public bool LogX { get; init; }

    /// <summary>Names of the groups; none when all points mean the same.</summary>
    public IReadOnlyList<LegendEntry> Legend { get; init; } = [];

    /// <inheritdoc/>
    public string Description => $"{XLabel}, {YLabel}: " + string.Join(", ",
        Points.Select(p => $"{p.Name} {Axis.Figure(p.X)}, {Interval.Percent(p.Y.Value)}"));

    /// <inheritdoc/>
    public void Draw(HtmlWriter html)
    {
        var top = 10 + Glyph.Legend(html, Legend, Left, Width);
        var across = new Axis(Padded(), LogX, Left, Width - Right, LogX || Points.Count == 0 ? null : (0, Points.Max(p => p.X) * 1.06));
        var up = new Axis([], log: false, Height - Bottom, top, (0, 1));
        foreach (var (value, _) in up.Ticks)
        {
            html.Line(Left, up.At(value), Width - Right, up.At(value), "grid");
            html.Label(HtmlWriter.Number(100 * value) + (value == up.Ticks[^1].Value ? " %" : ""), Left - 8, up.At(value) + 4, "end");
        }

        foreach (var (value, label) in across.Ticks)
        {
            html.Line(across.At(value), Height - Bottom, across.At(value), Height - Bottom + 4, "axis");
            html.Label(label, across.At(value), Height - Bottom + 18, "middle");
        }

        html.Line(Left, Height - Bottom, Width - Right, Height - Bottom, "axis");
        html.Label(XLabel, (Left + Width - Right) / 2, Height - 8, "middle", "name");
        html.Label(YLabel, 14, (top + Height - Bottom) / 2, "middle", "name", turn: -90);
        var front = Front().Select(p => (across.At(p.X), up.At(p.Y.Value))).ToList();
        if (front.Count > 1) html.Polyline(front, "front");
        List<Box> taken =
        [
            .. Points.Select(p => new Box(across.At(p.X) - 6, up.At(p.Y.Value) - 6, across.At(p.X) + 6, up.At(p.Y.Value) + 6)),
            .. front.Zip(front.Skip(1)).SelectMany(s => Along(s.First, s.Second)),
        ];
        foreach (var point in Points.OrderByDescending(p => p.Y.Value)) Draw(html, point, across.At(point.X), up, top, taken);
    }

    /// <summary>A line as small boxes, for names to keep off.</summary>
    private static IEnumerable<Box> Along((double X, double Y) from, (double X, double Y) to)
    {
        var steps = Math.Max(1, (int)(Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y)) / (2 * Clearance)));
        for (var i = 0; i <= steps; i++)
        {
            var (x, y) = (from.X + (to.X - from.X) * i / steps, from.Y + (to.Y - from.Y) * i / steps);
            yield return new Box(x - Clearance, y - Clearance, x + Clearance, y + Clearance);
        }
    }

    /// <summary>Points that none to their left reaches.</summary>
    private List<ScatterPoint> Front()
    {
        var front = new List<ScatterPoint>();
        foreach (var point in Points.Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y.Value)).OrderBy(p => p.X)
            .ThenByDescending(p => p.Y.Value))
            if (front.Count == 0 || point.Y.Value > front[^1].Y.Value) front.Add(point);
        return front;
    }

    private IEnumerable<double> Padded() => Points.Count == 0 ? [] : [Points.Min(p => p.X) / 1.12, Points.Max(p => p.X) * 1.12];

    private void Draw(HtmlWriter html, ScatterPoint point, double x, Axis up, double top, List<Box> taken)
    {
        if (!double.IsFinite(point.Y.Value)) return;
        var y = up.At(point.Y.Value);
        using (html.Element("g"))
        {
            html.Leaf("title", $"{point.Name}: {Axis.Figure(point.X)}, {Interval.Percent(point.Y.Value)} [{point.Y.PercentRange}]");
            if (double.IsFinite(point.Y.Low))
                html.Line(x, up.At(point.Y.Low), x, up.At(point.Y.High), $"interval thin l{point.Group % LineChart.Styles}");
            Glyph.Mark(html, point.Group, x, y);
        }

        var length = LetterWidth * DisplayWidth.Of(point.Name);
        var chosen = Places.Where(p => BoxAt(p) is var box && box.Left >= Left && box.Right <= Width && box.Top >= top - 8
            && box.Bottom <= Height - Bottom).MinBy(p => taken.Sum(BoxAt(p).Overlap));
        if (chosen is null) return;
        taken.Add(BoxAt(chosen));
        if (Math.Abs(chosen.Y) > 20) html.Line(x, y, x + chosen.X, y + chosen.Y - (chosen.Y > 0 ? 8 : 0), "leader");
        html.Label(point.Name, x + chosen.X, y + chosen.Y, chosen.Anchor, "point");

        Box BoxAt(Place place)
        {
            var start = x + place.X - (place.Anchor switch { "end" => length, "middle" => length / 2, _ => 0 });
            return new Box(start, y + place.Y - LetterHeight + 2, start + length, y + place.Y + 3);
        }
    }

    /// <summary>Where a name may stand beside its point.</summary>
    private sealed record Place(double X, double Y, string Anchor);

    private sealed record Box(double Left, double Top, double Right, double Bottom)
    {
        /// <summary>The area that two share.</summary>
        public double Overlap(Box other) => Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left))
            * Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
    }
}
