using System.Collections;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Reports;

/// <summary>A page of results in one file: no network, light or dark as the reader's system is, no script unless a part uses one. Parts are
/// added in order.</summary>
/// <param name="title">What was done.</param>
/// <param name="subtitle">With what, in a line.</param>
/// <param name="language">The language of the page, as HTML names it: <c>en</c> or <c>zh-CN</c>.</param>
internal sealed class HtmlReport(string title, string subtitle, string language = "en") : IEnumerable<IReportPart>
{
    private const int SectionsWithContents = 5;
    private readonly List<IReportPart> _parts = [];

    /// <summary>Adds a part at the end.</summary>
    public void Add(IReportPart part) => _parts.Add(part is Heading heading
        ? heading with { Anchor = $"s{_parts.OfType<Heading>().Count() + 1}" } : part);

    /// <summary>Writes the page, through <see cref="AtomicFile"/>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        Write(text);
    });

    /// <summary>Writes the page.</summary>
    public void Write(TextWriter output)
    {
        output.Write("<!DOCTYPE html>\n");
        using var html = new HtmlWriter(output) { IsChinese = language.StartsWith("zh", StringComparison.Ordinal) };
        using (html.Element("html", ("lang", language)))
        {
            using (html.Element("head"))
            {
                html.Empty("meta", ("charset", "utf-8"));
                html.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
                html.Empty("meta", ("name", "color-scheme"), ("content", "light dark"));
                html.Leaf("title", title);
                using (html.Element("style")) html.Trusted(ReportStyle.Sheet);
            }

            using (html.Element("body"))
            {
                using (html.Element("header"))
                {
                    html.Leaf("h1", title);
                    html.Leaf("p", subtitle);
                }

                WriteContents(html);
                using (html.Element("main"))
                    foreach (var part in _parts) part.Write(html);
                foreach (var script in _parts.SelectMany(part => part.Scripts).Distinct())
                    using (html.Element("script")) html.Trusted(script);
            }
        }
    }

    /// <summary>Links to the sections of a long page.</summary>
    private void WriteContents(HtmlWriter html)
    {
        var sections = _parts.OfType<Heading>().ToList();
        if (sections.Count < SectionsWithContents) return;
        using (html.Element("nav", ("aria-label", html.IsChinese ? "目录" : "Contents")))
        using (html.Element("ol"))
            foreach (var section in sections)
                using (html.Element("li")) html.Leaf("a", section.Text, ("href", $"#{section.Anchor}"));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        using var text = new StringWriter();
        Write(text);
        return text.ToString();
    }

    /// <inheritdoc/>
    public IEnumerator<IReportPart> GetEnumerator() => _parts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
