namespace CrossModal.Reports;

/// <summary>Begins a section.</summary>
internal sealed record Heading(string Text) : IReportPart
{
    /// <summary>What a link to the section names; set by the page that holds it.</summary>
    internal string? Anchor { get; init; }

    /// <inheritdoc/>
    public void Write(HtmlWriter html) => html.Leaf("h2", Text, ("id", Anchor));
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
    /// <summary>Whether the summary is something a reader must know before believing the rest.</summary>
    public bool Notice { get; init; }

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("details", ("class", Notice ? "notice" : null), ("open", Open ? "open" : null)))
        {
            html.Leaf("summary", Summary);
            html.Leaf("pre", Code);
        }
    }
}

/// <summary>Begins a part of a section.</summary>
internal sealed record Subheading(string Text) : IReportPart
{
    /// <inheritdoc/>
    public void Write(HtmlWriter html) => html.Leaf("h3", Text);
}

/// <summary>Parts folded away below a line.</summary>
/// <param name="Summary">The line.</param>
/// <param name="Parts">What is folded away.</param>
internal sealed record Folded(string Summary, params IReadOnlyList<IReportPart> Parts) : IReportPart
{
    /// <summary>Whether it is unfolded at first.</summary>
    public bool Open { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Scripts => Parts.SelectMany(part => part.Scripts);

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("details", ("class", "parts"), ("open", Open ? "open" : null)))
        {
            html.Leaf("summary", Summary);
            foreach (var part in Parts) part.Write(html);
        }
    }
}
