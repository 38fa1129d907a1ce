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
    public void Exif_data_is_found_behind_fill_bytes_stray_bytes_and_markers_that_stand_alone()
    {
        // T.81 B.1.1.2 allows fill bytes before any marker; decoders pass over the others.
        var file = File.ReadAllBytes(Fixture("exif.jpg"));
        file[file.AsSpan().IndexOf(new byte[] { 0x01, 0x12, 0x00, 0x03 }) + 9] = 6;
        var expected = Jpeg.Read(new MemoryStream(file), "x");
        Assert.Equal((16, 24), (expected.Width, expected.Height));
        var exif = file.AsSpan().IndexOf(new byte[] { 0xFF, 0xE1 });
        var start = file.AsSpan(2).IndexOf((byte)0xFF) + 2;
        foreach (var at in new[] { start, exif })
            foreach (var between in new byte[][] { [0xFF], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0x01], [0xFF, 0xFF, 0xD3] })
            {
                var filled = Jpeg.Read(new MemoryStream([.. file[..at], .. between, .. file[at..]]), "x");
                Assert.Equal((16, 24), (filled.Width, filled.Height));
                Assert.Equal(expected.Pixels, filled.Pixels);
            }
    }

    [Theory]
    [InlineData("FF FF FF E1", 6)]
    [InlineData("00 17 FF E1", 6)]
    [InlineData("FF D0 FF FF 01 FF E1", 6)]
    [InlineData("FF E0 00 04 01 02 FF FF E1", 6)]
    [InlineData("FF E2 00 02 FF E1", 6)]
    [InlineData("FF D9 FF E1", 1)]
    [InlineData("FF DA FF E1", 1)]
    [InlineData("FF E0 00 01 FF E1", 1)]
    [InlineData("FF E0 FF FF FF E1", 1)]
    public void The_orientation_is_that_of_the_first_exif_segment_before_the_scan(string before, int orientation)
    {
        byte[] body = PngConversionTests.Exif(6, little: true, type: 3, signed: true);
        byte[] file = [0xFF, 0xD8, .. before.Split(' ').Select(b => Convert.ToByte(b, 16)), 0, (byte)(body.Length + 2), .. body];
        Assert.Equal(orientation, ExifOrientation.OfJpeg(file));
        for (var length = 0; length < file.Length; length++)
            Assert.Equal(ExifOrientation.AsStored, ExifOrientation.OfJpeg(file.AsSpan(0, length)));
    }

    [TurboJpegFact]
    public void The_colours_of_printing_are_named()
    {
        var file = File.ReadAllBytes(Fixture("cmyk.jpg"));
        Assert.Equal("x: is a JPEG picture in CMYK, the four colours of printing, which is not read; convert it to RGB", Refused(file));

        // The last byte of Adobe's segment says that the first three of the four are a luminance and two chrominances.
        file[file.AsSpan().IndexOf("Adobe"u8) + 11] = 2;
        Assert.Equal("x: is a JPEG picture in YCCK, a form of CMYK, the four colours of printing, which is not read; convert it to RGB",
            Refused(file));
    }

    [TurboJpegFact]
    public void Damage_and_hostile_sizes_are_refused()
    {
        var file = File.ReadAllBytes(Fixture("baseline.jpg"));
        Assert.Contains("x: the JPEG picture is damaged: Premature end of JPEG file", Refused(file[..900]));
        Assert.Contains("x: is not a JPEG picture that can be read", Refused(file[..100]));
        var size = file.AsSpan().IndexOf(new byte[] { 0xFF, 0xC0 }) + 5;
        foreach (var (height, width, message) in new[] { (20000, 20000, "is not between 1x1 and"),
            (4000, 4000, "cannot come out of 1285 bytes") })
        {
            var hostile = file.ToArray();
            (hostile[size], hostile[size + 1], hostile[size + 2], hostile[size + 3]) =
                ((byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width);
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
