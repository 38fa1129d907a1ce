namespace CrossModal.Reports;

/// <summary>A row of shares that add up to a whole.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Shares">The shares, part by part.</param>
internal sealed record StackedRow(string Name, IReadOnlyList<double> Shares);

/// <summary>What a whole is made of, row by row.</summary>
/// <param name="Parts">Names of the parts, from the left.</param>
/// <param name="Rows">The rows from the top.</param>
internal sealed record StackedBars(IReadOnlyList<string> Parts, IReadOnlyList<StackedRow> Rows) : IDrawing
{
    private const double LetterWidth = 6.9;
    private const double Pitch = 26;
    private const double Thickness = 18;
    private const double Least = 30;

    /// <inheritdoc/>
    public double Width { get; init; } = 960;

    /// <inheritdoc/>
    public double Height => Top + Pitch * Rows.Count + 22;

    /// <inheritdoc/>
    public string Description => string.Join("; ", Rows.Select(r =>
        $"{r.Name}: " + string.Join(", ", Parts.Zip(r.Shares, (part, share) => $"{part} {Interval.Percent(share)}"))));

    private double Left => Math.Min(260, 14 + LetterWidth * Rows.Select(r => DisplayWidth.Of(r.Name)).DefaultIfEmpty().Max());

    private static double Top => 30;

    /// <inheritdoc/>
    public void Draw(HtmlWriter html)
    {
        var x = Left;
        foreach (var (i, part) in Parts.Index())
        {
            html.Rectangle(x, 4, 13, 13, $"part{i}");
            html.Label(part, x + 19, 15, "start", "name");
            x += 46 + 7 * DisplayWidth.Of(part);
        }

        var axis = new Axis([], log: false, Left, Width - 10, (0, 1));
        foreach (var (r, row) in Rows.Index())
        {
            if (row.Shares.Count != Parts.Count)
                throw new ArgumentException($"StackedBars: the row '{row.Name}' has {row.Shares.Count} parts of {Parts.Count}");
            var (y, sum) = (Top + Pitch * r, 0.0);
            html.Label(row.Name, Left - 10, y + Pitch / 2 + 4, "end", "row");
            foreach (var (i, share) in row.Shares.Index())
            {
                var (from, to) = (axis.At(sum), axis.At(sum + share));
                sum += share;
                if (to - from < 0.3) continue;
                using (html.Element("g"))
                {
                    html.Leaf("title", $"{row.Name}, {Parts[i]}: {Interval.Percent(share)}");
                    html.Rectangle(from, y + (Pitch - Thickness) / 2, Math.Max(0.5, to - from - 1), Thickness, $"part{i}");
                    if (to - from > Least)
                        html.Label(HtmlWriter.Fixed(100 * share, 0), (from + to) / 2, y + Pitch / 2 + 4, "middle", $"on{i}");
                }
            }
        }

        foreach (var (value, _) in axis.Ticks)
            html.Label(HtmlWriter.Number(100 * value) + (value == 1 ? " %" : ""), axis.At(value) + (value == 1 ? 10 : 0), Height - 6,
                value == 1 ? "end" : "middle");
    }
}
