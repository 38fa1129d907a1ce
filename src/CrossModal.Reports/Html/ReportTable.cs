using System.Globalization;

namespace CrossModal.Reports;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Target">A share that is marked in every interval bar of the column; null for none.</param>
internal sealed record Column(string Title, double? Target = null)
{
    /// <summary>A column without a target.</summary>
    public static implicit operator Column(string title) => new(title);
}

/// <summary>A cell of a table; a text converts by itself, and a column of texts that begin like numbers is aligned to the right.</summary>
/// <param name="Text">What it says.</param>
internal sealed record Cell(string Text)
{
    /// <summary>A share drawn as a bar with its interval on an axis from 0 to 100 %.</summary>
    public Interval? Share { get; init; }

    /// <summary>Small print below the text.</summary>
    public string? Note { get; init; }

    /// <summary>Whether it stands out, as the best of its column.</summary>
    public bool Strong { get; init; }

    /// <summary>What it is sorted by; the share, or else the text, when null.</summary>
    public double? Key { get; init; }

    /// <summary>A text.</summary>
    public static implicit operator Cell(string text) => new(text);

    /// <summary>A share between 0 and 1 with its interval, as text and as a bar.</summary>
    public static Cell Rate(double value, double low, double high, bool strong = false) =>
        new(Interval.Percent(value)) { Share = new Interval(value, low, high), Strong = strong };

    /// <summary>A share between 0 and 1 as text, its interval in small print below.</summary>
    public static Cell Percent(double value, double low, double high, bool strong = false) =>
        new(Interval.Percent(value)) { Note = new Interval(value, low, high).PercentRange, Strong = strong, Key = value };

    /// <summary>Whether it belongs to a column of numbers: it is one, or stands for one that is missing.</summary>
    internal bool FitsNumbers => Share is null && (IsNumeric || Text is "" or "–");

    internal bool IsNumeric => Share is null && Text.Length > 0
        && (char.IsAsciiDigit(Text[0]) || (Text.Length > 1 && Text[0] is '-' or '−' or '+' or '±' or '<' or '≤' or '≥'
        && char.IsAsciiDigit(Text[1])));
}

/// <summary>A table.</summary>
/// <param name="Columns">Its columns.</param>
/// <param name="Rows">Its rows, each with as many cells.</param>
/// <param name="Caption">What it shows, above it.</param>
internal sealed record ReportTable(IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows, string? Caption = null)
    : IReportPart
{
    private const double BarWidth = 180;
    private const double BarHeight = 22;
    private const int LongestName = 40;

    /// <summary>Whether a click on a heading sorts by its column; in the order given until then, and without scripts.</summary>
    public bool Sortable { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Scripts => Sortable ? [TableSorting.Script] : [];

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        foreach (var row in Rows)
            if (row.Count != Columns.Count)
                throw new ArgumentException($"ReportTable: a row of {row.Count} cells under {Columns.Count} columns");
        var numbers = Columns.Index().Select(c => Rows.Any(r => r[c.Index].IsNumeric) && Rows.All(r => r[c.Index].FitsNumbers)).ToArray();
        if (Caption is not null) html.Leaf("p", Caption, ("class", "caption"));
        using (html.Element("div", ("class", "scroll")))
        using (html.Element("table", ("class", Sortable ? "sortable" : null)))
        {
            using (html.Element("thead"))
            using (html.Element("tr"))
                for (var c = 0; c < Columns.Count; c++)
                    html.Leaf("th", Columns[c].Title, ("scope", "col"), ("class", numbers[c] ? "number" : null));

            using (html.Element("tbody"))
                foreach (var row in Rows)
                    using (html.Element("tr"))
                        for (var c = 0; c < row.Count; c++)
                            Write(html, row[c], Columns[c].Target, c == 0 && !numbers[c] && row[c].Text.Length <= LongestName ? "short"
                            : numbers[c] ? "number" : null);
        }
    }

    private static void Write(HtmlWriter html, Cell cell, double? target, string? kind)
    {
        if (cell.Share is not null) kind = "rate";
        var key = cell.Key ?? cell.Share?.Value;
        using (html.Element("td", ("class", cell.Strong ? $"{kind} strong".Trim() : kind),
            ("data-key", key is { } k && double.IsFinite(k) ? k.ToString("R", CultureInfo.InvariantCulture) : null)))
        {
            if (cell.Share is { } share)
            {
                Bar(html, share, target);
                html.Leaf("span", cell.Text, ("class", "share"));
                html.Leaf("span", share.PercentRange, ("class", "note"));
            }
            else
            {
                html.Text(cell.Text);
            }

            if (cell.Note is not null) html.Leaf("div", cell.Note, ("class", "note"));
        }
    }

    private static void Bar(HtmlWriter html, Interval share, double? target)
    {
        static double X(double value) => 1 + (BarWidth - 2) * Math.Clamp(value, 0, 1);
        using (html.StartSvg(BarWidth, BarHeight, $"{Interval.Percent(share.Value)}, {share.PercentRange}", "bar"))
        {
            for (var tick = 0; tick <= 4; tick++) html.Line(X(tick / 4.0), 3, X(tick / 4.0), BarHeight - 3, "grid");
            if (double.IsFinite(share.Value)) html.Rectangle(X(0), 6, X(share.Value) - X(0), BarHeight - 12, "fill");
            if (double.IsFinite(share.Low) && double.IsFinite(share.High)) Whisker(html, X(share.Low), X(share.High), BarHeight / 2);
            if (target is { } aim) html.Line(X(aim), 1, X(aim), BarHeight - 1, "target");
        }
    }

    /// <summary>An interval: a line with a stop at either end.</summary>
    internal static void Whisker(HtmlWriter html, double left, double right, double y)
    {
        html.Line(left, y, right, y, "whisker");
        html.Line(left, y - 4, left, y + 4, "whisker");
        html.Line(right, y - 4, right, y + 4, "whisker");
    }
}
