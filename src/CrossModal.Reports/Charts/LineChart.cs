namespace CrossModal.Reports;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What it is called in the legend.</param>
/// <param name="Points">Its points from left to right; a value that is not finite leaves a gap.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines over a common axis, such as the loss of a training run.</summary>
/// <param name="XLabel">What goes across, with its unit.</param>
/// <param name="YLabel">What goes up, with its unit.</param>
/// <param name="Series">The lines; distinguished by colour and by dashes.</param>
internal sealed record LineChart(string XLabel, string YLabel, params IReadOnlyList<Series> Series) : IReportPart
{
    private const double Width = 760;
    private const double Height = 320;
    private const double Left = 66;
    private const double LetterWidth = 7;
    private const double Top = 12;
    private const double Bottom = 50;
    private const int MostPoints = 800;

    /// <summary>How many lines have a style of their own.</summary>
    internal const int Styles = 7;

    /// <summary>Whether equal ratios go equally far up.</summary>
    public bool LogY { get; init; }

    /// <summary>Whether equal ratios go equally far across.</summary>
    public bool LogX { get; init; }

    /// <summary>Fixed ends of the vertical axis; those of the values when null.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>A level to compare with, and what it is; null for none.</summary>
    public (double Value, string Name)? Target { get; init; }

    /// <summary>Over how many neighbouring points each line is averaged; the points themselves stay visible behind it. 1 averages
    /// nothing.</summary>
    public int Smooth { get; init; } = 1;

    /// <summary>What the chart shows, below it.</summary>
    public string? Caption { get; init; }

    // The target is named to the right of the frame, where no line runs.
    private double End => Width - 16 - (Target is { } target ? LetterWidth * DisplayWidth.Of(target.Name) : 0);

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        var points = Series.SelectMany(s => s.Points).Where(p => double.IsFinite(p.Y)).ToList();
        var across = new Axis(points.Select(p => p.X), LogX, Left, End, LogX || points.Count == 0 ? null : Ends(points.Select(p => p.X)));
        var up = new Axis(points.Select(p => p.Y).Concat(Target is { } t ? [t.Value] : []), LogY, Height - Bottom, Top, YRange);
        using (html.Element("figure"))
        {
            if (Series.Count > 1) Legend.Write(html, Series.Select(s => s.Name));
            using (html.Element("div", ("class", "scroll")))
            using (html.StartSvg(Width, Height, $"{YLabel} over {XLabel}: {string.Join(", ", Series.Select(s => s.Name))}", "chart"))
            {
                Frame(html, across, up);
                if (Target is { } target && up.IsShown(target.Value))
                {
                    html.Line(Left, up.At(target.Value), End, up.At(target.Value), "target");
                    html.Label(target.Name, End + 6, up.At(target.Value) + 4, "start");
                }

                if (Smooth > 1)
                    for (var i = 0; i < Series.Count; i++) Draw(html, Series[i].Points, across, up, $"line faint s{i % Styles}");
                for (var i = 0; i < Series.Count; i++) Draw(html, Averaged(Series[i].Points), across, up, $"line s{i % Styles}");
            }

            if (Caption is not null) html.Leaf("figcaption", Caption, ("class", "caption"));
        }
    }

    private void Frame(HtmlWriter html, Axis across, Axis up)
    {
        foreach (var (value, label) in up.Ticks)
        {
            html.Line(Left, up.At(value), End, up.At(value), "grid");
            html.Label(label, Left - 8, up.At(value) + 4, "end");
        }

        foreach (var (value, label) in across.Ticks)
        {
            html.Line(across.At(value), Height - Bottom, across.At(value), Height - Bottom + 4, "axis");
            html.Label(label, across.At(value), Height - Bottom + 18, "middle");
        }

        html.Line(Left, Height - Bottom, End, Height - Bottom, "axis");
        html.Label(XLabel, (Left + End) / 2, Height - 10, "middle", "name");
        html.Label(YLabel, 16, (Top + Height - Bottom) / 2, "middle", "name", turn: -90);
    }

    private static void Draw(HtmlWriter html, IReadOnlyList<(double X, double Y)> points, Axis across, Axis up, string kind)
    {
        var piece = new List<(double, double)>();
        foreach (var (x, y) in Thin(points).Append((double.NaN, double.NaN)))
        {
            if (across.IsShown(x) && up.IsShown(y))
            {
                piece.Add((across.At(x), up.At(y)));
                continue;
            }

            // A single point between gaps is a line of no length: round caps make it a dot.
            if (piece.Count == 1) html.Polyline([piece[0], piece[0]], kind + " dot");
            if (piece.Count > 1) html.Polyline(piece, kind);
            piece.Clear();
        }
    }

    /// <summary>The mean over the points around each; fewer at the ends, and those that are not finite do not count.</summary>
    private IReadOnlyList<(double X, double Y)> Averaged(IReadOnlyList<(double X, double Y)> points)
    {
        if (Smooth <= 1) return points;
        var averaged = new (double, double)[points.Count];
        for (var i = 0; i < averaged.Length; i++)
        {
            var (sum, count) = (0.0, 0);
            for (var j = Math.Max(0, i - Smooth / 2); j <= Math.Min(points.Count - 1, i + Smooth / 2); j++)
                if (double.IsFinite(points[j].Y)) (sum, count) = (sum + points[j].Y, count + 1);
            averaged[i] = (points[i].X, double.IsFinite(points[i].Y) ? sum / count : double.NaN);
        }

        return averaged;
    }

    /// <summary>At most a few hundred points: of each stretch its lowest and its highest, so that no spike is lost.</summary>
    private static IEnumerable<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count <= MostPoints) return points;
        var stretches = MostPoints / 2;
        var thin = new List<(double X, double Y)>();
        for (var s = 0; s < stretches; s++)
        {
            var first = (int)((long)points.Count * s / stretches);
            var stretch = points.Skip(first).Take((int)((long)points.Count * (s + 1) / stretches) - first).ToList();
            var (low, high) = (stretch.MinBy(p => p.Y), stretch.MaxBy(p => p.Y));
            thin.AddRange(low.X <= high.X ? [low, high] : [high, low]);
        }

        return thin;
    }

    private static (double, double) Ends(IEnumerable<double> values)
    {
        var all = values.ToList();
        return (all.Min(), all.Max());
    }
}
