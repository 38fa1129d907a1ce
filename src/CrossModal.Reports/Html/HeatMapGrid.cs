namespace CrossModal.Reports;

/// <summary>A row of heat maps.</summary>
/// <param name="Name">What the row shows: a word.</param>
/// <param name="Cells">Its pictures, as many as there are columns; null where there is none.</param>
internal sealed record HeatMapRow(string Name, IReadOnlyList<CaptionedPicture?> Cells);

/// <summary>Heat maps in rows and columns: words down, steps or layers across.</summary>
/// <param name="Columns">What the columns show: steps or layers.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Caption">What the grid shows, above it.</param>
internal sealed record HeatMapGrid(IReadOnlyList<string> Columns, IReadOnlyList<HeatMapRow> Rows, string? Caption = null) : IReportPart
{
    /// <summary>What was asked, how it ended, and how that is to be taken; null for none.</summary>
    public (string Title, string Outcome, Tone Tone)? Episode { get; init; }

    /// <summary>Width of each picture on the page, in pixels.</summary>
    public int CellWidth { get; init; } = 144;

    /// <inheritdoc/>
    public IEnumerable<string> Scripts => [PictureZoom.Script];

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        foreach (var row in Rows)
            if (row.Cells.Count != Columns.Count)
                throw new ArgumentException(
                $"HeatMapGrid: the row '{row.Name}' has {row.Cells.Count} pictures under {Columns.Count} columns");
        if (Episode is { } episode) Filmstrip.WriteTitle(html, episode.Title, episode.Outcome, episode.Tone);
        if (Caption is not null) html.Leaf("p", Caption, ("class", "caption"));
        using (html.Element("div", ("class", "scroll")))
        using (html.Element("table", ("class", "maps")))
        {
            using (html.Element("thead"))
            using (html.Element("tr"))
            {
                html.Leaf("td", "");
                foreach (var column in Columns) html.Leaf("th", column, ("scope", "col"));
            }

            using (html.Element("tbody"))
                foreach (var row in Rows)
                    using (html.Element("tr"))
                    {
                        html.Leaf("th", row.Name, ("scope", "row"));
                        foreach (var cell in row.Cells)
                            using (html.Element("td"))
                                if (cell is not null) Picture.Write(html, cell, CellWidth);
                    }
        }
    }
}
