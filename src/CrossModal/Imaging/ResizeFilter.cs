namespace CrossModal.Imaging;

/// <summary>How a new pixel is made of the old ones; all three use half-pixel centres.</summary>
public enum ResizeFilter
{
    /// <summary>The old pixel at the new one's centre.</summary>
    Nearest,

    /// <summary>The four old pixels around the new one's centre, even when shrinking (which then skips pixels).</summary>
    Bilinear,

    /// <summary>As <see cref="Bilinear"/>, but when shrinking the triangle is widened so that every old pixel counts.</summary>
    BilinearAntialias,
}
