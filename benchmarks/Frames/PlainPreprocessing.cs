using CrossModal.Engine.Kernels;
using CrossModal.Imaging;

namespace CrossModal.Benchmarks.Frames;

/// <summary>The planes of a letterboxed frame, byte after byte: how it was done before there were kernels for it.</summary>
internal static class PlainPreprocessing
{
    /// <summary>Planes <c>[3, size, size]</c>, 0–1, of a frame.</summary>
    public static float[] Encode(Frame frame, int size)
    {
        var image = frame.Format == PixelFormat.Rgb ? new RgbImage(frame.Width, frame.Height, frame.Bytes.ToArray()) : frame.ToImage();
        var fit = Letterbox.Fit(image.Width, image.Height, size);
        var square = new RgbImage(size, size);
        square.Paste(Resize(image, fit.ContentWidth, fit.ContentHeight), fit.OffsetX, fit.OffsetY);
        var planes = new float[square.Pixels.Length];
        for (var i = 0; i < size * size; i++)
            for (var c = 0; c < RgbImage.Channels; c++) planes[c * size * size + i] = square.Pixels[RgbImage.Channels * i + c] * (1f / 255);
        return planes;
    }

    private static RgbImage Resize(RgbImage image, int width, int height)
    {
        const int Channels = RgbImage.Channels;
        var (stride, newStride) = (image.Width * Channels, width * Channels);
        var narrow = new byte[image.Height * newStride];
        var taps = ResizeTaps.Of(image.Width, width, ResizeFilter.BilinearAntialias);
        for (var x = 0; x < width; x++)
        {
            var weights = Fixed(taps[x].Weights);
            for (var y = 0; y < image.Height; y++)
                for (var c = 0; c < Channels; c++)
                    narrow[y * newStride + x * Channels + c] =
                        Sum(image.Pixels, y * stride + taps[x].First * Channels + c, Channels, weights);
        }

        var resized = new RgbImage(width, height);
        taps = ResizeTaps.Of(image.Height, height, ResizeFilter.BilinearAntialias);
        for (var y = 0; y < height; y++)
        {
            var weights = Fixed(taps[y].Weights);
            for (var x = 0; x < newStride; x++)
                resized.Pixels[y * newStride + x] = Sum(narrow, taps[y].First * newStride + x, newStride, weights);
        }

        return resized;
    }

    private static int[] Fixed(double[] weights) => Array.ConvertAll(weights, w => (int)(w * (1 << ResizeKernel.FractionBits) + 0.5));

    private static byte Sum(byte[] bytes, int first, int step, int[] weights)
    {
        var sum = 1 << (ResizeKernel.FractionBits - 1);
        for (var i = 0; i < weights.Length; i++) sum += weights[i] * bytes[first + i * step];
        return (byte)Math.Clamp(sum >> ResizeKernel.FractionBits, 0, 255);
    }
}
