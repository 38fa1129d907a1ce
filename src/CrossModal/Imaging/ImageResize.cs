namespace CrossModal.Imaging;

/// <summary>
/// Resizes pictures and planes of numbers, rows and columns apart. Pixel i covers [i, i + 1), so the centre of new pixel i lies at
/// (i + ½)·old/new − ½; this is what PyTorch calls <c>align_corners=False</c> and Pillow always does.
/// </summary>
public static class ImageResize
{
    /// <summary>A picture in another size.</summary>
    /// <exception cref="ArgumentException">A side is not positive.</exception>
    public static RgbImage Resize(RgbImage image, int width, int height, ResizeFilter filter)
    {
        ArgumentNullException.ThrowIfNull(image);
        var resized = new RgbImage(width, height);
        var values = Array.ConvertAll(image.Pixels, b => (float)b);
        var result = Resize(values, image.Height, image.Width, RgbImage.Channels, height, width, filter);
        for (var i = 0; i < result.Length; i++)
            resized.Pixels[i] = (byte)Math.Clamp(MathF.Round(result[i]), 0, 255);
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
        return Resize(values, rows, columns, 1, newRows, newColumns, filter);
    }

    private static float[] Resize(
        ReadOnlySpan<float> values, int rows, int columns, int channels, int newRows, int newColumns, ResizeFilter filter)
    {
        var narrow = new float[rows * newColumns * channels]; // [rows, newColumns, channels]
        var taps = Taps(columns, newColumns, filter);
        for (var y = 0; y < rows; y++)
            for (var x = 0; x < newColumns; x++)
                for (var i = 0; i < taps[x].Weights.Length; i++)
                    for (var c = 0; c < channels; c++)
                        narrow[(y * newColumns + x) * channels + c] +=
                            taps[x].Weights[i] * values[(y * columns + taps[x].First + i) * channels + c];

        var stride = newColumns * channels;
        var result = new float[newRows * stride]; // [newRows, newColumns, channels]
        taps = Taps(rows, newRows, filter);
        for (var y = 0; y < newRows; y++)
            for (var i = 0; i < taps[y].Weights.Length; i++)
                for (var x = 0; x < stride; x++)
                    result[y * stride + x] += taps[y].Weights[i] * narrow[(taps[y].First + i) * stride + x];
        return result;
    }

    /// <summary>For every new index, the run of old ones it is made of; the weights of a run sum to 1.</summary>
    private static (int First, float[] Weights)[] Taps(int count, int newCount, ResizeFilter filter)
    {
        var ratio = (double)count / newCount;
        var support = filter == ResizeFilter.BilinearAntialias ? Math.Max(1, ratio) : 1;
        var taps = new (int, float[])[newCount];
        for (var i = 0; i < newCount; i++)
        {
            var center = (i + 0.5) * ratio;
            if (filter == ResizeFilter.Nearest)
            {
                taps[i] = (Math.Min((int)center, count - 1), [1f]);
                continue;
            }

            // Cutting the triangle off at the border and normalising repeats the border pixel.
            var first = Math.Max(0, (int)Math.Floor(center - support + 0.5));
            var end = Math.Min(count, (int)Math.Floor(center + support + 0.5));
            var weights = new float[end - first];
            var sum = 0.0;
            for (var k = 0; k < weights.Length; k++)
                sum += Triangle((first + k + 0.5 - center) / support);
            for (var k = 0; k < weights.Length; k++)
                weights[k] = (float)(Triangle((first + k + 0.5 - center) / support) / sum);
            taps[i] = (first, weights);
        }

        return taps;
    }

    private static double Triangle(double distance) => Math.Max(0, 1 - Math.Abs(distance));
}
