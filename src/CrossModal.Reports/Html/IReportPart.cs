namespace CrossModal.Reports;

/// <summary>Something that stands in a report: a heading, a table, a chart.</summary>
internal interface IReportPart
{
    /// <summary>Writes itself.</summary>
    void Write(HtmlWriter html);
}
