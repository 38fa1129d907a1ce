using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

/// <summary>Resizing pixel after pixel as Pillow describes it: across, rounded to bytes, then down; and the letterbox made of it.</summary>
internal static class PlainResize
{
    private const int FractionBits = 22;

    public static RgbImage Resize(RgbImage image, int width, int height, ResizeFilter filter)
    {
        var narrow = new RgbImage(width, image.Height);
        var taps = ResizeTaps.Of(image.Width, width, filter);
        for (var y = 0; y < image.Height; y++)
            for (var x = 0; x < width; x++)
                narrow[x, y] = Sum(taps[x], i => image[i, y]);
        var resized = new RgbImage(width, height);
        taps = ResizeTaps.Of(image.Height, height, filter);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                resized[x, y] = Sum(taps[y], i => narrow[x, i]);
        return resized;
    }

    /// <summary>Planes <c>[3, size, size]</c>, 0–1, of the picture in a black square.</summary>
    public static float[] Planes(RgbImage image, int size)
    {
        var fit = Letterbox.Fit(image.Width, image.Height, size);
        var square = new RgbImage(size, size);
        square.Paste(Resize(image, fit.ContentWidth, fit.ContentHeight, ResizeFilter.BilinearAntialias), fit.OffsetX, fit.OffsetY);
        var planes = new float[square.Pixels.Length];
        for (var i = 0; i < planes.Length; i++) planes[i % 3 * size * size + i / 3] = square.Pixels[i] * (1f / 255);
        return planes;
    }

    private static Rgb Sum(ResizeTaps taps, Func<int, Rgb> pixel)
    {
        var (red, green, blue) = (1 << (FractionBits - 1), 1 << (FractionBits - 1), 1 << (FractionBits - 1));
        for (var i = 0; i < taps.Weights.Length; i++)
        {
            var weight = (int)(taps.Weights[i] * (1 << FractionBits) + (taps.Weights[i] < 0 ? -0.5 : 0.5));
            var old = pixel(taps.First + i);
            red += weight * old.R;
            green += weight * old.G;
            blue += weight * old.B;
        }

        return new Rgb(Byte(red), Byte(green), Byte(blue));
    }

    private static byte Byte(int sum) => (byte)Math.Clamp(sum >> FractionBits, 0, 255);
}
