namespace CrossModal.Reports;

/// <summary>Something that stands in a report: a heading, a table, a chart.</summary>
internal interface IReportPart
{
    /// <summary>The scripts that it uses; a page holds each once, and is complete without them.</summary>
    IEnumerable<string> Scripts => [];

    /// <summary>Writes itself.</summary>
    void Write(HtmlWriter html);
}
