using System.Globalization;
using CrossModal.Imaging;

namespace CrossModal.Reports;

/// <summary>A picture with a line below it.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Caption">The line, such as <c>step 12</c>.</param>
/// <param name="Tone">How it is to be taken.</param>
internal sealed record CaptionedPicture(RgbImage Image, string Caption, Tone Tone = Tone.Neutral)
{
    /// <summary>The attention that is drawn over the picture, so that a pointer over a patch shows its value; null for a plain
    /// picture.</summary>
    public PatchValues? Values { get; init; }
}

/// <summary>A value for each patch of a picture.</summary>
/// <param name="Rows">Patches from top to bottom.</param>
/// <param name="Columns">Patches from left to right.</param>
/// <param name="Weights">Attention weights <c>[Rows · Columns]</c>, row by row; shown as multiples of the uniform weight.</param>
internal sealed record PatchValues(int Rows, int Columns, IReadOnlyList<float> Weights)
{
    /// <summary>The multiples, two decimals each, separated by spaces.</summary>
    internal string Text => string.Join(' ', Weights.Select(weight => HtmlWriter.Number(weight * Weights.Count)));
}

/// <summary>An episode as pictures in a row, with how it ended.</summary>
/// <param name="Title">What was asked.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Tone">How that is to be taken.</param>
/// <param name="Frames">The pictures in the order of time.</param>
internal sealed record Filmstrip(string Title, string Outcome, Tone Tone, IReadOnlyList<CaptionedPicture> Frames) : IReportPart
{
    /// <summary>Width of each picture on the page, in pixels.</summary>
    public int FrameWidth { get; init; } = 132;

    /// <inheritdoc/>
    public IEnumerable<string> Scripts => [PictureZoom.Script];

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("figure", ("class", "film")))
        {
            WriteTitle(html, Title, Outcome, Tone);
            using (html.Element("div", ("class", "strip")))
                foreach (var frame in Frames) Picture.Write(html, frame, FrameWidth);
        }
    }

    /// <summary>Writes what was asked and how it ended.</summary>
    internal static void WriteTitle(HtmlWriter html, string title, string outcome, Tone tone)
    {
        using (html.Element("div", ("class", "title" + KeyFigures.Class(tone))))
        {
            html.Leaf("span", title);
            html.Leaf("span", outcome, ("class", "outcome"));
        }
    }
}

/// <summary>Pictures beside each other, wrapped where the page ends.</summary>
/// <param name="Width">Width of each picture on the page, in pixels.</param>
/// <param name="Frames">The pictures.</param>
internal sealed record Gallery(int Width, params IReadOnlyList<CaptionedPicture> Frames) : IReportPart
{
    /// <inheritdoc/>
    public IEnumerable<string> Scripts => [PictureZoom.Script];

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("div", ("class", "gallery")))
            foreach (var frame in Frames) Picture.Write(html, frame, Width);
    }
}

/// <summary>Writes one captioned picture.</summary>
internal static class Picture
{
    /// <summary>Writes it at a width in pixels.</summary>
    public static void Write(HtmlWriter html, CaptionedPicture frame, int width)
    {
        var values = frame.Values;
        using (html.Element("figure", ("class", "frame" + KeyFigures.Class(frame.Tone)),
            ("data-columns", values?.Columns.ToString(CultureInfo.InvariantCulture)),
            ("data-values", values?.Text)))
        {
            html.Image(frame.Image, frame.Caption, $"width:{width}px");
            html.Leaf("figcaption", frame.Caption);
        }
    }
}
