using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public sealed class FramePreprocessorTests
{
    [Theory]
    [InlineData(PixelFormat.Rgb)]
    [InlineData(PixelFormat.Bgr)]
    [InlineData(PixelFormat.Rgba)]
    [InlineData(PixelFormat.Bgra)]
    [InlineData(PixelFormat.Gray)]
    public void Frames_of_any_size_and_stride_become_the_planes_of_the_plain_letterbox_bit_for_bit(PixelFormat format)
    {
        var random = new Random((int)format);
        var preprocessors = new[] { 16, 63, 64, 96 }.Select(size => new FramePreprocessor(size)).ToArray();
        (int, int)[] sizes =
        [
            (640, 480), (1, 1), (64, 64), (64, 48), (20, 64), (65, 63), (900, 1), (1, 900), (15, 17), (200, 7), (5, 130),
            .. Enumerable.Range(0, 12).Select(_ => (random.Next(1, 901), random.Next(1, 901))),
            .. Enumerable.Range(0, 12).Select(_ => (random.Next(1, 70), random.Next(1, 70))),
        ];
        foreach (var (width, height) in sizes)
        {
            foreach (var preprocessor in preprocessors)
            {
                var stride = width * format.PixelBytes() + random.Next(8);
                var bytes = new byte[stride * height];
                random.NextBytes(bytes);
                var frame = new Frame(bytes, width, height, format, stride);
                var planes = Used(preprocessor.Size);
                preprocessor.Encode(frame, planes);
                Assert.Equal(PlainResize.Planes(frame.ToImage(), preprocessor.Size), planes);
            }
        }
    }

    [Fact]
    public void A_frame_becomes_what_the_letterbox_of_training_makes_of_it()
    {
        var photo = Noise(200, 120, 4);
        var square = Letterbox.Fit(200, 120, 64).Apply(photo);
        var planes = Used(64);
        new FramePreprocessor(64).Encode(photo, planes);
        for (var i = 0; i < planes.Length; i++) Assert.Equal(square.Pixels[i % 4096 * 3 + i / 4096] * (1f / 255), planes[i]);
    }

    [Fact]
    public void A_frame_leaves_nothing_behind_for_the_next()
    {
        var preprocessor = new FramePreprocessor(64);
        var planes = Used(64);
        foreach (var image in new[] { Noise(300, 100, 1), Noise(100, 300, 2), Noise(64, 64, 3), Noise(300, 100, 4), Noise(64, 10, 5),
            Noise(9, 5, 6) })
        {
            preprocessor.Encode(image, planes);
            Assert.Equal(PlainResize.Planes(image, 64), planes);
        }
    }

    [Fact]
    public void Frames_of_four_cameras_allocate_nothing_after_the_first_of_each()
    {
        var preprocessor = new FramePreprocessor(64);
        var planes = new float[3 * 64 * 64];
        var bytes = new byte[320 * 240 * 4];
        All();
        Assert.Equal(0, AllocatedBytes.Least(All));

        void All()
        {
            preprocessor.Encode(new Frame(bytes, 320, 240), planes);
            preprocessor.Encode(new Frame(bytes, 320, 240, PixelFormat.Bgra), planes);
            preprocessor.Encode(new Frame(bytes, 160, 200, PixelFormat.Gray), planes);
            preprocessor.Encode(new Frame(bytes, 100, 50, PixelFormat.Bgr, 333), planes);
            preprocessor.Encode(new Frame(bytes, 64, 48), planes);
        }
    }

    [Fact]
    public void A_fifth_size_takes_the_place_of_the_one_used_longest_ago()
    {
        var preprocessor = new FramePreprocessor(16);
        var planes = new float[3 * 16 * 16];
        foreach (var width in new[] { 20, 21, 22, 23, 20, 24 }) preprocessor.Encode(new RgbImage(width, 30), planes);
        RgbImage kept = new(20, 30), gone = new(21, 30);
        Assert.Equal(0, AllocatedBytes.Least(() => preprocessor.Encode(kept, planes)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        preprocessor.Encode(gone, planes);
        Assert.NotEqual(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_wrong_buffer_or_a_frame_never_made_is_refused_and_the_next_frame_works()
    {
        var preprocessor = new FramePreprocessor(64);
        var image = Noise(70, 50, 8);
        Assert.StartsWith("FramePreprocessor: [3,64,64] needs 12288 values, got 12287",
            Assert.Throws<ArgumentException>(() => preprocessor.Encode(image, new float[12287])).Message);
        Assert.StartsWith("FramePreprocessor: the frame has no pixels",
            Assert.Throws<ArgumentException>(() => preprocessor.Encode(default, new float[12288])).Message);
        var planes = Used(64);
        preprocessor.Encode(image, planes);
        Assert.Equal(PlainResize.Planes(image, 64), planes);
    }

    [Theory]
    [InlineData(nameof(ResizeFilter.Nearest))]
    [InlineData(nameof(ResizeFilter.Bilinear))]
    [InlineData(nameof(ResizeFilter.BilinearAntialias))]
    [InlineData(nameof(ResizeFilter.BicubicAntialias))]
    [InlineData(nameof(ResizeFilter.LanczosAntialias))]
    public void Every_filter_resizes_pictures_as_pixel_after_pixel_would(string name)
    {
        var filter = Enum.Parse<ResizeFilter>(name);
        var random = new Random(9);
        for (var i = 0; i < 12; i++)
        {
            // Black and white exceed 0–255 under negative weights.
            var image = Noise(random.Next(1, 200), random.Next(1, 200), i);
            if (i % 2 == 0)
                foreach (ref var b in image.Pixels.AsSpan()) b = (byte)(b < 128 ? 0 : 255);
            var (width, height) = (random.Next(1, 150), random.Next(1, 150));
            Assert.Equal(PlainResize.Resize(image, width, height, filter).Pixels, ImageResize.Resize(image, width, height, filter).Pixels);
        }
    }

    private static RgbImage Noise(int width, int height, int seed)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    /// <summary>Planes that held something else before.</summary>
    private static float[] Used(int size) => [.. Enumerable.Repeat(float.NaN, 3 * size * size)];
}
