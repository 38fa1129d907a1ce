using System.Xml.Linq;

namespace CrossModal.Reports.Tests;

/// <summary>A page as XML: a page of ours is well-formed.</summary>
internal static class ParsedPage
{
    /// <summary>The root element.</summary>
    public static XElement Of(HtmlReport report) =>
        XElement.Parse(report.ToString().Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
}
