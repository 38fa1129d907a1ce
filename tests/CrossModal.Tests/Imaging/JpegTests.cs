using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public sealed class JpegTests
{
    [TurboJpegFact]
    public void Baseline_progressive_and_grey_files_are_read_as_Pillow_reads_them()
    {
        foreach (var name in new[] { "baseline", "progressive", "grey" })
        {
            var (read, expected) = (Jpeg.Read(Fixture($"{name}.jpg")), Png.Read(Fixture($"{name}.png")));
            Assert.Equal((expected.Width, expected.Height), (read.Width, read.Height));
            // Other releases of the library may round the transform otherwise.
            Assert.All(read.Pixels.Zip(expected.Pixels), p => Assert.InRange(p.First - p.Second, -2, 2));
        }
    }

    [TurboJpegFact]
    public void A_picture_is_turned_upright_as_its_exif_data_says()
    {
        var file = File.ReadAllBytes(Fixture("exif.jpg"));
        var stored = Jpeg.Read(new MemoryStream(file), "x");
        Assert.Equal((24, 16), (stored.Width, stored.Height));
        var at = file.AsSpan().IndexOf(new byte[] { 0x01, 0x12, 0x00, 0x03 }) + 9;
        foreach (var orientation in Enumerable.Range(2, 7))
        {
            file[at] = (byte)orientation;
            Assert.Equal(ExifOrientation.Upright(stored, orientation).Pixels, Jpeg.Read(new MemoryStream(file), "x").Pixels);
        }

        file[at] = 9;
        Assert.Equal(stored.Pixels, Jpeg.Read(new MemoryStream(file), "x").Pixels);
    }

    [Theory]
    [InlineData(1, 3, "0 1 2 3 4 5")]
    [InlineData(2, 3, "2 1 0 5 4 3")]
    [InlineData(3, 3, "5 4 3 2 1 0")]
    [InlineData(4, 3, "3 4 5 0 1 2")]
    [InlineData(5, 2, "0 3 1 4 2 5")]
    [InlineData(6, 2, "3 0 4 1 5 2")]
    [InlineData(7, 2, "5 2 4 1 3 0")]
    [InlineData(8, 2, "2 5 1 4 0 3")]
    public void Every_orientation_turns_as_Pillow_turns(int orientation, int width, string pillow)
    {
        var image = new RgbImage(3, 2, [.. Enumerable.Range(0, 18).Select(i => (byte)(i / 3))]);
        var upright = ExifOrientation.Upright(image, orientation);
        Assert.Equal(width, upright.Width);
        Assert.Equal(pillow, string.Join(' ', upright.Pixels.Where((_, i) => i % 3 == 0)));
    }

    [TurboJpegFact]
    public void Damage_a_kind_that_has_no_rgb_and_hostile_sizes_are_refused()
    {
        var file = File.ReadAllBytes(Fixture("baseline.jpg"));
        Assert.Contains("x: the JPEG picture is damaged: Premature end of JPEG file", Refused(file[..900]));
        Assert.Contains("x: is not a JPEG picture that can be read", Refused(file[..100]));
        Assert.Contains("x: ", Refused(File.ReadAllBytes(Fixture("cmyk.jpg"))));
        var size = file.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 }) + 5;
        foreach (var (height, width, message) in new[] { (20000, 20000, "is not between 1x1 and"), (4000, 4000, "cannot come out of 1285 bytes") })
        {
            var hostile = file.ToArray();
            (hostile[size], hostile[size + 1], hostile[size + 2], hostile[size + 3]) = ((byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains(message, Refused(hostile));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 16);
        }
    }

    [TurboJpegFact]
    public void Damaged_files_give_a_picture_or_one_clear_error() => Mutation.Check(
        [.. new[] { "exif.jpg", "grey.jpg", "progressive.jpg" }.Select(n => File.ReadAllBytes(Fixture(n)))],
        stream => Picture.Read(stream, "fuzz"), seed: 71, mostMemory: bytes => Jpeg.MostMemory(bytes) + (1 << 16));

    [Fact]
    public void Without_the_library_the_error_says_how_to_install_it()
    {
        Assert.Null(TurboJpeg.Load("libthatdoesnotexist.so.9"));
        var error = Assert.Throws<FileFormatException>(() => Jpeg.Read(new MemoryStream([0xFF, 0xD8, 0xFF]), "photo.jpg", null));
        Assert.StartsWith("photo.jpg: a JPEG picture is read with libturbojpeg, which was not found; install it (", error.Message);
        Assert.Contains("convert the picture to PNG", error.Message);
    }

    private static string Fixture(string name) => Path.Combine(ReferenceFolders.Fixtures, "pictures", name);

    private static string Refused(byte[] file) => Assert.Throws<FileFormatException>(() => Jpeg.Read(new MemoryStream(file), "x")).Message;
}
