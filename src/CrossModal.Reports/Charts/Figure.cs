namespace CrossModal.Reports;

/// <summary>A drawing in a page.</summary>
/// <param name="Drawing">What is drawn.</param>
/// <param name="Caption">What it shows, above it.</param>
internal sealed record Figure(IDrawing Drawing, string? Caption = null) : IReportPart
{
    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("figure"))
        {
            if (Caption is not null) html.Leaf("figcaption", Caption, ("class", "caption"));
            using (html.Element("div", ("class", "scroll")))
            using (html.StartSvg(Drawing.Width, Drawing.Height, Drawing.Description, "chart wide"))
                Drawing.Draw(html);
        }
    }
}
