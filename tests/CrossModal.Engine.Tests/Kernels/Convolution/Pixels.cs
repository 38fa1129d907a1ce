namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Maps that lie pixel by pixel, made element by element.</summary>
internal static class Pixels
{
    /// <summary>Planes <c>[B, C, P]</c> as <c>[B, P, C]</c>.</summary>
    public static float[] Of(ReadOnlySpan<float> planes, int batch, int channels, int pixels)
    {
        var result = new float[planes.Length];
        for (var b = 0; b < batch; b++)
            for (var c = 0; c < channels; c++)
                for (var p = 0; p < pixels; p++)
                    result[(b * pixels + p) * channels + c] = planes[(b * channels + c) * pixels + p];
        return result;
    }

    /// <summary>A map <c>[B, H, W, C]</c> in a frame of zeros.</summary>
    public static float[] Framed(ReadOnlySpan<float> map, int batch, int height, int width, int channels, int around)
    {
        var (rows, columns) = (height + 2 * around, width + 2 * around);
        var result = new float[batch * rows * columns * channels];
        for (var b = 0; b < batch; b++)
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                    for (var c = 0; c < channels; c++)
                        result[((b * rows + y + around) * columns + x + around) * channels + c] =
                            map[((b * height + y) * width + x) * channels + c];
        return result;
    }
}
