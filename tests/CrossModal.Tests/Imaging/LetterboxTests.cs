using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public class LetterboxTests
{
    [Theory]
    [InlineData(640, 480, 224)]
    [InlineData(480, 640, 224)]
    [InlineData(333, 1, 64)]
    [InlineData(64, 64, 64)]
    [InlineData(17, 23, 96)]
    public void Points_come_back_to_where_they_were(int width, int height, int size)
    {
        var letterbox = Letterbox.Fit(width, height, size);
        Assert.Equal(size, Math.Max(letterbox.ContentWidth, letterbox.ContentHeight));
        foreach (var (x, y) in new[] { (0.0, 0.0), (width, height), (width * 0.3, height * 0.9) })
        {
            var (sx, sy) = letterbox.ToSquare(x, y);
            Assert.InRange(sx, 0, size);
            Assert.InRange(sy, 0, size);
            var (bx, by) = letterbox.ToImage(sx, sy);
            Assert.Equal(x, bx, 1e-9);
            Assert.Equal(y, by, 1e-9);
        }
    }

    [Fact]
    public void A_wide_picture_is_padded_above_and_below()
    {
        var letterbox = Letterbox.Fit(640, 360, 64);
        Assert.Equal((64, 36, 0, 14), (letterbox.ContentWidth, letterbox.ContentHeight, letterbox.OffsetX, letterbox.OffsetY));
        var photo = new RgbImage(640, 360);
        photo.Fill(new Rgb(10, 200, 30));
        var square = letterbox.Apply(photo, new Rgb(1, 2, 3));
        Assert.Equal(new Rgb(1, 2, 3), square[30, 13]);
        Assert.Equal(new Rgb(10, 200, 30), square[30, 14]);
        Assert.Equal(new Rgb(10, 200, 30), square[63, 49]);
        Assert.Equal(new Rgb(1, 2, 3), square[63, 50]);
        Assert.StartsWith(
            "Letterbox: made for 640x360, got 360x640",
            Assert.Throws<ArgumentException>(() => letterbox.Apply(new RgbImage(360, 640))).Message);
    }

    [Fact]
    public void Patches_lead_back_to_the_part_of_the_picture_they_see()
    {
        // 64x36 content from row 14 on; patches of 8x8 square pixels, 80x80 picture pixels.
        var letterbox = Letterbox.Fit(640, 360, 64);
        Assert.Null(letterbox.PatchInImage(0, 3, 8, 8));
        Assert.Equal((240.0, 0.0, 320.0, 20.0), letterbox.PatchInImage(1, 3, 8, 8));
        Assert.Equal((560.0, 20.0, 640.0, 100.0), letterbox.PatchInImage(2, 7, 8, 8));
        Assert.Equal(1, letterbox.PaddingShare(0, 3, 8, 8));
        Assert.Equal(0.75, letterbox.PaddingShare(1, 3, 8, 8), 1e-12);
        Assert.Equal(0, letterbox.PaddingShare(2, 3, 8, 8), 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => Letterbox.Fit(0, 5, 8));
    }
}
