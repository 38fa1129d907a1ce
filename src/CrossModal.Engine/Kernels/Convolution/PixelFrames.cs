namespace CrossModal.Engine.Kernels;

/// <summary>Where maps that lie pixel by pixel have a frame of zeros around each image: it is made where a map is written, so that the next
/// convolution reads windows at the border as all others.</summary>
/// <param name="IsInputFramed">Whether the input lies in the frame that its padding asks for,
/// <c>[B, H + 2 padding, W + 2 padding, C]</c>.</param>
/// <param name="Around">Pixels of zeros to write around each result, <c>[B, H' + 2 around, W' + 2 around, O]</c>.</param>
internal readonly record struct PixelFrames(bool IsInputFramed, int Around)
{
    /// <summary>Numbers of a framed map.</summary>
    public static int Length(int batch, int height, int width, int channels, int around) =>
        batch * (height + 2 * around) * (width + 2 * around) * channels;

    /// <summary>Writes the zeros beside some rows of an image, and above the first and below the last.</summary>
    /// <param name="image">The framed image.</param>
    /// <param name="height">Rows without the frame.</param>
    /// <param name="width">Columns without the frame.</param>
    /// <param name="channels">Numbers of a pixel.</param>
    /// <param name="around">Width of the frame.</param>
    /// <param name="first">First row.</param>
    /// <param name="rows">How many.</param>
    public static unsafe void Clear(float* image, int height, int width, int channels, int around, int first, int rows)
    {
        var (side, row) = (around * channels, (nint)(width + 2 * around) * channels);
        for (nint y = first + around; y < first + around + rows; y++)
        {
            new Span<float>(image + y * row, side).Clear();
            new Span<float>(image + (y + 1) * row - side, side).Clear();
        }

        if (first == 0) new Span<float>(image, around * (int)row).Clear();
        if (first + rows == height) new Span<float>(image + (height + around) * row, around * (int)row).Clear();
    }
}
