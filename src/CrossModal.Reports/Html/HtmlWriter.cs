using System.Globalization;
using System.Text;
using CrossModal.Imaging;

namespace CrossModal.Reports;

/// <summary>Writes HTML that is also well-formed XML; every text and attribute is encoded.</summary>
/// <param name="output">Where to write; it stays open.</param>
internal sealed class HtmlWriter(TextWriter output) : IDisposable
{
    /// <summary>Whether the page is in Chinese: what parts add of their own is in its language.</summary>
    public bool IsChinese { get; init; }

    /// <summary>Opens an element; disposing the result closes it. An attribute that is null is left out.</summary>
    public Scope Element(string name, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Start(name, attributes, ">");
        return new Scope(output, name);
    }

    /// <summary>An element that holds text only.</summary>
    public void Leaf(string name, string text, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        using var element = Element(name, attributes);
        if (name is "title" or "text") Write(text); // These hold no elements: isolates stay characters.
        else Text(text);
    }

    /// <summary>An element that holds nothing, such as <c>img</c>.</summary>
    public void Empty(string name, params ReadOnlySpan<(string Name, string? Value)> attributes) => Start(name, attributes, " />");

    /// <summary>Text; what stands between isolates (<see cref="Quoted"/>) becomes an element whose direction is its own.</summary>
    public void Text(string text)
    {
        var at = 0;
        while (text.IndexOf(Quoted.Isolate, at) is >= 0 and var start && text.IndexOf(Quoted.EndOfIsolate, start) is >= 0 and var end)
        {
            Write(text[at..start]);
            using (Element("bdi")) Write(text[(start + 1)..end]);
            at = end + 1;
        }

        Write(text[at..]);
    }

    /// <summary>A picture inside the page, each pixel kept a sharp square when it is enlarged.</summary>
    public void Image(RgbImage image, string description, string? style = null)
    {
        using var png = new MemoryStream();
        Png.Write(png, image);
        Empty("img", ("src", "data:image/png;base64," + Convert.ToBase64String(png.GetBuffer(), 0, (int)png.Length)), ("alt", description),
            ("width", Number(image.Width)), ("height", Number(image.Height)), ("style", style));
    }

    /// <summary>A coordinate or length, with at most two decimals.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A number with a fixed count of decimals.</summary>
    public static string Fixed(double value, int decimals) =>
        value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>What this project wrote itself and needs no encoding: the style sheet.</summary>
    internal void Trusted(string markup) => output.Write(markup);

    /// <inheritdoc/>
    public void Dispose() => output.Flush();

    private void Start(string name, ReadOnlySpan<(string Name, string? Value)> attributes, string end)
    {
        output.Write('<');
        output.Write(name);
        foreach (var (attribute, value) in attributes)
        {
            if (value is null) continue;
            output.Write(' ');
            output.Write(attribute);
            output.Write("=\"");
            Write(value, inAttribute: true);
            output.Write('"');
        }

        output.Write(end);
    }

    private void Write(string text, bool inAttribute = false)
    {
        var encoded = Legal(text).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal);
        output.Write(inAttribute ? encoded.Replace("\"", "&quot;", StringComparison.Ordinal) : encoded);
    }

    /// <summary>Characters that no page may hold, such as a terminal's escape or half a surrogate pair, become U+FFFD.</summary>
    private static string Legal(string text)
    {
        var legal = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            legal.Append(rune.Value is '\t' or '\n' or '\r' or >= 0x20 and not (>= 0x7F and < 0xA0) and not 0xFFFE and not 0xFFFF ? rune
                : Rune.ReplacementChar);
        return legal.ToString();
    }

    /// <summary>Closes its element.</summary>
    public readonly struct Scope(TextWriter output, string name) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            output.Write("</");
            output.Write(name);
            output.Write('>');
        }
    }
}
