namespace CrossModal.Imaging;

/// <summary>How the space between patch centres is filled.</summary>
public enum HeatMapStyle
{
    /// <summary>Every patch is one flat area: shows the true resolution.</summary>
    Nearest,

    /// <summary>Bilinear between the patch centres: the numbers are interpolated first and coloured afterwards.</summary>
    Smooth,
}
