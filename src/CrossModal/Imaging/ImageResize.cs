namespace CrossModal.Imaging;

/// <summary>
/// Resizes pictures and planes of numbers, rows and columns apart. Pixel i covers [i, i + 1), so the centre of new pixel i lies at
/// (i + ½)·old/new − ½; this is what PyTorch calls <c>align_corners=False</c> and Pillow always does.
/// </summary>
/// <remarks>Pictures become what Pillow's <c>Image.resize</c> makes of them, bit for bit: columns first, then rows, weights of 22 bits
/// after the point, every pass rounded to bytes. (<see cref="ResizeFilter.Bilinear"/> has no counterpart there.)</remarks>
internal static class ImageResize
{
    /// <summary>A picture in another size.</summary>
    /// <exception cref="ArgumentException">A side is not positive.</exception>
    public static RgbImage Resize(RgbImage image, int width, int height, ResizeFilter filter)
    {
        ArgumentNullException.ThrowIfNull(image);
        var resized = new RgbImage(width, height);
        new ResizePlan(image.Width, image.Height, PixelFormat.Rgb, width, height, filter, planar: false).Run(image, resized.Pixels);
        return resized;
    }

    /// <summary>A plane <c>[rows, columns]</c> as <c>[newRows, newColumns]</c>.</summary>
    /// <exception cref="ArgumentException">A side is not positive, or the values do not fit the sides.</exception>
    public static float[] Resize(
        ReadOnlySpan<float> values, int rows, int columns, int newRows, int newColumns, ResizeFilter filter)
    {
        if (rows <= 0 || columns <= 0 || newRows <= 0 || newColumns <= 0 || values.Length != (long)rows * columns)
            throw new ArgumentException(
                $"ImageResize: {values.Length} values as [{rows},{columns}] cannot become [{newRows},{newColumns}]", nameof(values));
        var narrow = new float[rows * newColumns]; // [rows, newColumns]
        var taps = ResizeTaps.Of(columns, newColumns, filter);
        for (var y = 0; y < rows; y++)
            for (var x = 0; x < newColumns; x++)
                for (var i = 0; i < taps[x].Weights.Length; i++)
                    narrow[y * newColumns + x] += (float)taps[x].Weights[i] * values[y * columns + taps[x].First + i];

        var result = new float[newRows * newColumns]; // [newRows, newColumns]
        taps = ResizeTaps.Of(rows, newRows, filter);
        for (var y = 0; y < newRows; y++)
            for (var i = 0; i < taps[y].Weights.Length; i++)
                for (var x = 0; x < newColumns; x++)
                    result[y * newColumns + x] += (float)taps[y].Weights[i] * narrow[(taps[y].First + i) * newColumns + x];
        return result;
    }
}
