using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public sealed class FrameTests
{
    [Fact]
    public void A_picture_becomes_a_frame_over_its_own_bytes()
    {
        var image = new RgbImage(3, 2);
        Frame frame = image;
        image[2, 1] = new Rgb(7, 8, 9);
        Assert.Equal((3, 2, PixelFormat.Rgb, 9), (frame.Width, frame.Height, frame.Format, frame.Stride));
        Assert.Equal(9, frame.Bytes[17]);
        Assert.Throws<ArgumentNullException>(() => { Frame none = (RgbImage)null!; });
    }

    [Theory]
    [InlineData(PixelFormat.Rgb, new byte[] { 1, 2, 3 }, 1, 2, 3)]
    [InlineData(PixelFormat.Bgr, new byte[] { 1, 2, 3 }, 3, 2, 1)]
    [InlineData(PixelFormat.Rgba, new byte[] { 1, 2, 3, 99 }, 1, 2, 3)]
    [InlineData(PixelFormat.Bgra, new byte[] { 1, 2, 3, 99 }, 3, 2, 1)]
    [InlineData(PixelFormat.Gray, new byte[] { 5 }, 5, 5, 5)]
    public void Colours_are_found_in_every_format_behind_any_stride(PixelFormat format, byte[] pixel, byte red, byte green, byte blue)
    {
        // Two by two pixels, the last of which differs; 2 bytes of 200 lie behind the first row.
        byte[] bytes = [.. pixel, .. pixel, 200, 200, .. pixel, .. pixel.Select(b => (byte)(b + 10))];
        var image = new Frame(bytes, 2, 2, format, 2 * pixel.Length + 2).ToImage();
        Assert.Equal(new Rgb(red, green, blue), image[0, 0]);
        Assert.Equal(new Rgb(red, green, blue), image[1, 0]);
        Assert.Equal(new Rgb(red, green, blue), image[0, 1]);
        Assert.Equal(new Rgb((byte)(red + 10), (byte)(green + 10), (byte)(blue + 10)), image[1, 1]);
    }

    [Fact]
    public void The_last_row_needs_no_bytes_behind_it()
    {
        Assert.Equal(10, new Frame(new byte[19], 3, 2, PixelFormat.Rgb, 10).Stride);
        Assert.Equal(4, new Frame(new byte[12], 1, 3, PixelFormat.Bgra).Stride);
    }

    [Theory]
    [InlineData(900000, 640, 480, PixelFormat.Rgb, 1920, "Frame: 640x480 Rgb with a stride of 1920 bytes needs 921600 bytes, got 900000")]
    [InlineData(307199, 640, 480, PixelFormat.Gray, 0, "Frame: 640x480 Gray with a stride of 640 bytes needs 307200 bytes, got 307199")]
    [InlineData(18, 3, 2, PixelFormat.Bgr, 10, "Frame: 3x2 Bgr with a stride of 10 bytes needs 19 bytes, got 18")]
    [InlineData(0, 60000, 60000, PixelFormat.Rgba, 0,
        "Frame: 60000x60000 Rgba with a stride of 240000 bytes needs 14400000000 bytes, got 0")]
    [InlineData(921600, 640, 480, PixelFormat.Rgba, 1920,
        "Frame: a stride of 1920 bytes is less than a row of 640 Rgba pixels, 2560 bytes")]
    [InlineData(921600, 640, 480, PixelFormat.Rgb, -1920,
        "Frame: a stride of -1920 bytes is less than a row of 640 Rgb pixels, 1920 bytes")]
    [InlineData(0, 0, 480, PixelFormat.Rgb, 0, "Frame: 0x480 is not a size a picture can have")]
    [InlineData(9, 3, -1, PixelFormat.Rgb, 0, "Frame: 3x-1 is not a size a picture can have")]
    [InlineData(0, int.MaxValue, 1, PixelFormat.Bgra, 0, "Frame: a row of 2147483647 Bgra pixels has 8589934588 bytes, over 2^31")]
    [InlineData(9, 3, 1, (PixelFormat)7, 0, "PixelFormat: there is no format 7")]
    public void What_cannot_be_a_picture_is_refused_with_its_numbers(int bytes, int width, int height, PixelFormat format, int stride,
        string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() =>
            { _ = new Frame(new byte[bytes], width, height, format, stride); }).Message);
}
