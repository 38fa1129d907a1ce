namespace CrossModal.Cli.Reports;

/// <summary>Begins a section.</summary>
internal sealed record Heading(string Text) : IReportPart
{
    /// <inheritdoc/>
    public void Write(HtmlWriter html) => html.Leaf("h2", Text);
}

/// <summary>A paragraph of running text; a line break in it is kept.</summary>
internal sealed record Paragraph(string Text) : IReportPart
{
    /// <inheritdoc/>
    public void Write(HtmlWriter html) => html.Leaf("p", Text, ("class", "prose"));
}

/// <summary>Text in a fixed-width font, such as a configuration, folded away below its summary.</summary>
internal sealed record CodeBlock(string Summary, string Code, bool Open = false) : IReportPart
{
    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("details", ("open", Open ? "open" : null)))
        {
            html.Leaf("summary", Summary);
            html.Leaf("pre", Code);
        }
    }
}
