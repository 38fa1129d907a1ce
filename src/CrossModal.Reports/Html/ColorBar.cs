using CrossModal.Imaging;

namespace CrossModal.Reports;

/// <summary>What the colours of heat maps mean: the colours as they look over mid-grey, with the marks of their scale.</summary>
/// <param name="Options">How the heat maps were drawn.</param>
internal sealed record ColorBar(HeatMapOptions Options) : IReportPart
{
    private const int Width = 320;
    private const int Height = 12;

    /// <inheritdoc/>
    public void Write(HtmlWriter html)
    {
        using (html.Element("figure", ("class", "colorbar"), ("style", $"width:{Width}px")))
        {
            html.Image(HeatMap.ColorBar(Options, Width, Height), $"colours from low to high, {Options.Scale.Unit}");
            using (html.Element("div", ("class", "ticks")))
                foreach (var (position, label) in Options.Scale.Ticks)
                    html.Leaf("span", label, ("style", $"left:{HtmlWriter.Number(100 * position)}%"));
            html.Leaf("figcaption", Options.Scale.Unit, ("class", "caption"));
        }
    }
}
