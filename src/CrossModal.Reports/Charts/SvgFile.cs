using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Reports;

/// <summary>A drawing as a file of its own, light or dark as the reader's system is.</summary>
internal static class SvgFile
{
    private const double Margin = 16;

    /// <summary>Writes the file, through <see cref="AtomicFile"/>.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(string path, IDrawing drawing) => AtomicFile.Write(path, stream =>
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        text.Write(ToText(drawing));
    });

    /// <summary>The content of the file.</summary>
    public static string ToText(IDrawing drawing)
    {
        using var text = new StringWriter();
        var (width, height) = (HtmlWriter.Number(drawing.Width + 2 * Margin), HtmlWriter.Number(drawing.Height + 2 * Margin));
        text.Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n");
        using (var html = new HtmlWriter(text))
        {
            html.Leaf("title", drawing.Description);
            using (html.Element("style")) html.Trusted(ReportStyle.Colors + ReportStyle.Charts);
            html.Empty("rect", ("width", "100%"), ("height", "100%"), ("class", "paper"));
            using (html.Element("g", ("transform", $"translate({HtmlWriter.Number(Margin)} {HtmlWriter.Number(Margin)})")))
                drawing.Draw(html);
        }

        text.Write("\n</svg>\n");
        return text.ToString();
    }
}
