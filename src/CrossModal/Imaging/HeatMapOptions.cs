namespace CrossModal.Imaging;

/// <summary>How a heat map is drawn.</summary>
public sealed record HeatMapOptions
{
    /// <summary>The colours.</summary>
    public ColorMap Map { get; init; } = ColorMap.Viridis;

    /// <summary>Flat patches or smooth.</summary>
    public HeatMapStyle Style { get; init; } = HeatMapStyle.Nearest;

    /// <summary>From weight to colour; the same for all frames of an episode.</summary>
    public HeatMapScale Scale { get; init; } = HeatMapScale.Multiples();

    /// <summary>Opacity of the strongest colour, 0–1; weaker ones have this times t^0.7.</summary>
    public double AlphaMax { get; init; } = 0.75;

    /// <summary>Side of the square each pixel of the photograph becomes first; for small camera frames.</summary>
    public int Enlarge { get; init; } = 1;
}
