namespace CrossModal.Imaging;

/// <summary>Where the colours lie in a pixel.</summary>
internal static class PixelFormats
{
    /// <summary>Bytes of one pixel.</summary>
    /// <exception cref="ArgumentException">There is no such format.</exception>
    public static int PixelBytes(this PixelFormat format) => format switch
    {
        PixelFormat.Rgb or PixelFormat.Bgr => 3,
        PixelFormat.Rgba or PixelFormat.Bgra => 4,
        PixelFormat.Gray => 1,
        _ => throw new ArgumentException($"PixelFormat: there is no format {(int)format}"),
    };

    /// <summary>The bytes of a pixel that hold its colours: red, green, blue; one for grey.</summary>
    public static ReadOnlySpan<int> ColorBytes(this PixelFormat format) => format switch
    {
        PixelFormat.Bgr or PixelFormat.Bgra => [2, 1, 0],
        PixelFormat.Gray => [0],
        _ => [0, 1, 2],
    };
}
