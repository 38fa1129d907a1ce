namespace CrossModal.Imaging;

/// <summary>How a new pixel is made of the old ones; all use half-pixel centres.</summary>
internal enum ResizeFilter
{
    /// <summary>The old pixel at the new one's centre.</summary>
    Nearest,

    /// <summary>The four old pixels around the new one's centre, even when shrinking (which then skips pixels).</summary>
    Bilinear,

    /// <summary>As <see cref="Bilinear"/>, but when shrinking the triangle is widened so that every old pixel counts.</summary>
    BilinearAntialias,

    /// <summary>Keys' cubic of a = −½ over sixteen old pixels, widened when shrinking.</summary>
    BicubicAntialias,

    /// <summary>A sinc windowed by a sinc of three lobes, widened when shrinking.</summary>
    LanczosAntialias,
}
