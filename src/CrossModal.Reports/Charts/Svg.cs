namespace CrossModal.Reports;

/// <summary>Drawings inside a page; colours come from the style sheet, by class.</summary>
internal static class Svg
{
    // Of the bold font of 13 pixels, on the average.
    private const double WideLetter = 7.7;

    /// <summary>Opens a drawing of a size in pixels; disposing the result closes it.</summary>
    public static HtmlWriter.Scope StartSvg(this HtmlWriter html, double width, double height, string description, string kind) =>
        html.Element("svg", ("viewBox", $"0 0 {HtmlWriter.Number(width)} {HtmlWriter.Number(height)}"), ("width", HtmlWriter.Number(width)),
            ("height", HtmlWriter.Number(height)), ("role", "img"), ("aria-label", description), ("class", kind));

    /// <summary>A straight line.</summary>
    public static void Line(this HtmlWriter html, double x1, double y1, double x2, double y2, string kind) => html.Empty(
        "line", ("x1", HtmlWriter.Number(x1)), ("y1", HtmlWriter.Number(y1)), ("x2", HtmlWriter.Number(x2)), ("y2", HtmlWriter.Number(y2)),
            ("class", kind));

    /// <summary>A filled rectangle.</summary>
    public static void Rectangle(this HtmlWriter html, double x, double y, double width, double height, string kind) => html.Empty(
        "rect", ("x", HtmlWriter.Number(x)), ("y", HtmlWriter.Number(y)), ("width", HtmlWriter.Number(Math.Max(0, width))),
            ("height", HtmlWriter.Number(height)), ("class", kind));

    /// <summary>A line through points.</summary>
    public static void Polyline(this HtmlWriter html, IEnumerable<(double X, double Y)> points, string kind) => html.Empty(
        "polyline", ("points", string.Join(' ', points.Select(p => $"{HtmlWriter.Number(p.X)},{HtmlWriter.Number(p.Y)}"))),
            ("class", kind));

    /// <summary>A filled shape with straight sides.</summary>
    public static void Polygon(this HtmlWriter html, IEnumerable<(double X, double Y)> points, string kind) => html.Empty(
        "polygon", ("points", string.Join(' ', points.Select(p => $"{HtmlWriter.Number(p.X)},{HtmlWriter.Number(p.Y)}"))), ("class", kind));

    /// <summary>A circle.</summary>
    public static void Circle(this HtmlWriter html, double x, double y, double radius, string kind) => html.Empty(
        "circle", ("cx", HtmlWriter.Number(x)), ("cy", HtmlWriter.Number(y)), ("r", HtmlWriter.Number(radius)), ("class", kind));

    /// <summary>A line of text.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="text">The text.</param>
    /// <param name="x">Where it is anchored.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="kind">Its class.</param>
    /// <param name="turn">Degrees it is turned by.</param>
    /// <param name="room">How wide it may be: longer text is drawn closer.</param>
    public static void Label(this HtmlWriter html, string text, double x, double y, string anchor, string kind = "tick", double turn = 0,
        double room = double.MaxValue)
    {
        var isTooLong = WideLetter * DisplayWidth.Of(text) > room;
        html.Leaf("text", text, ("x", HtmlWriter.Number(x)), ("y", HtmlWriter.Number(y)), ("text-anchor", anchor), ("class", kind),
            ("transform", turn == 0 ? null : $"rotate({HtmlWriter.Number(turn)} {HtmlWriter.Number(x)} {HtmlWriter.Number(y)})"),
            ("textLength", isTooLong ? HtmlWriter.Number(room) : null), ("lengthAdjust", isTooLong ? "spacingAndGlyphs" : null));
    }
}
