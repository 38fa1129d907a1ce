using CrossModal.Imaging;

namespace CrossModal.Reports;

/// <summary>What the colours of heat maps mean: the colours over mid-grey, with the marks of their scale.</summary>
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
            var unit = html.IsChinese ? Chinese(Options.Scale) : Options.Scale.Unit;
            html.Image(HeatMap.ColorBar(Options, Width, Height), unit);
            using (html.Element("div", ("class", "ticks")))
                foreach (var (position, label) in Options.Scale.Ticks)
                    html.Leaf("span", label, ("style", $"left:{HtmlWriter.Number(100 * position)}%"));
            html.Leaf("figcaption", unit, ("class", "caption"));
        }
    }

    private static string Chinese(HeatMapScale scale) => scale switch
    {
        { IsSigned: true } => "带符号的相关性",
        { IsFitted: true } => "均匀权重的倍数，对数刻度，按本帧的最小值与最大值拉伸",
        _ => "均匀权重的倍数，对数刻度",
    };
}
