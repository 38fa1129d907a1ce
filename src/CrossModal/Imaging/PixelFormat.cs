namespace CrossModal.Imaging;

/// <summary>The bytes of one pixel, in memory order.</summary>
public enum PixelFormat
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red, as OpenCV keeps pictures.</summary>
    Bgr,

    /// <summary>Red, green, blue, and an alpha that is left out.</summary>
    Rgba,

    /// <summary>Blue, green, red, and an alpha that is left out.</summary>
    Bgra,

    /// <summary>One byte for red, green and blue alike.</summary>
    Gray,
}
