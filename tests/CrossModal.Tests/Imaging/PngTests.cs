using CrossModal.Engine.Formats;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

public sealed class PngTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossmodal");

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<int, int, bool> Kinds()
    {
        var kinds = new TheoryData<int, int, bool>();
        foreach (var (color, depths) in new (int, int[])[]
                 { (0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]) })
            foreach (var depth in depths)
            {
                kinds.Add(color, depth, false);
                kinds.Add(color, depth, true);
            }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_is_read(int color, int depth, bool interlaced)
    {
        var most = (1 << depth) - 1;
        foreach (var (width, height) in new[] { (1, 1), (3, 2), (9, 11), (17, 5), (5, 20) })
        {
            var random = new Random(100 * color + depth);
            var samples = new int[height, width, 4];
            for (var i = 0; i < height * width * 4; i++)
                samples[i / 4 / width, i / 4 % width, i % 4] = random.Next(most + 1);
            var palette = new byte[3 * (most + 1)];
            random.NextBytes(palette);
            var file = PngSample.Encode(
                width, height, color, depth, interlaced, (x, y, c) => samples[y, x, c],
                color == 3 ? [("PLTE", palette)] : [("tEXt", [1, 2, 3])]);
            var image = Png.Read(new MemoryStream(file), "x");

            Assert.Equal((width, height), (image.Width, image.Height));
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                {
                    int At(int c) => samples[y, x, c];
                    var expected = color switch
                    {
                        3 => new Rgb(palette[3 * At(0)], palette[3 * At(0) + 1], palette[3 * At(0) + 2]),
                        0 => Over(At(0), At(0), At(0), most, most),
                        4 => Over(At(0), At(0), At(0), At(1), most),
                        2 => Over(At(0), At(1), At(2), most, most),
                        _ => Over(At(0), At(1), At(2), At(3), most),
                    };
                    Assert.Equal(expected, image[x, y]);
                }
        }
    }

    [Fact]
    public void Transparent_colours_are_laid_over_white()
    {
        var palette = PngSample.Encode(
            3, 1, 3, 2, false, (x, _, _) => x, ("PLTE", [10, 20, 30, 0, 0, 0, 7, 8, 9]), ("tRNS", [0, 128]));
        Assert.Equal([255, 255, 255, 127, 127, 127, 7, 8, 9], Png.Read(new MemoryStream(palette), "x").Pixels);

        // Only the exact 16-bit colour is transparent, not its neighbour that rounds to the same 8 bits.
        var rgb = PngSample.Encode(2, 1, 2, 16, false, (x, _, c) => 256 * c + x, ("tRNS", [0, 1, 1, 1, 2, 1]));
        Assert.Equal([0, 1, 2, 255, 255, 255], Png.Read(new MemoryStream(rgb), "x").Pixels);

        var grey = PngSample.Encode(2, 1, 0, 1, false, (x, _, _) => x, ("tRNS", [0, 0]));
        Assert.Equal([255, 255, 255, 255, 255, 255], Png.Read(new MemoryStream(grey), "x").Pixels);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(64, 64)]
    public void Written_pictures_come_back(int width, int height)
    {
        var random = new Random(width);
        var image = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                image[x, y] = new Rgb((byte)(x * 4), (byte)(y * 4 + random.Next(3)), (byte)(x * y));
        var path = Path.Combine(_folder.FullName, "folder", "image.png");
        Png.Write(path, image);
        var read = Png.Read(path);
        Assert.Equal((width, height), (read.Width, read.Height));
        Assert.Equal(image.Pixels, read.Pixels);
    }

    [Fact]
    public void Smooth_pictures_are_written_small()
    {
        var image = new RgbImage(256, 256);
        for (var y = 0; y < 256; y++)
            for (var x = 0; x < 256; x++)
                image[x, y] = new Rgb((byte)x, (byte)y, (byte)((x + y) / 2));
        var stream = new MemoryStream();
        Png.Write(stream, image);
        Assert.True(stream.Length < 4000, $"{stream.Length} bytes");
    }

    public static TheoryData<byte[], string> Hostile()
    {
        byte[] Header(int width, int height, int depth = 8, int color = 2, int interlace = 0) =>
            [(byte)(width >> 24), (byte)(width >> 16), (byte)(width >> 8), (byte)width, (byte)(height >> 24), (byte)(height >> 16),
                (byte)(height >> 8), (byte)height, (byte)depth, (byte)color, 0, 0, (byte)interlace];
        var one = PngSample.Deflate([0, 1, 2, 3]);
        var good = PngSample.File(("IHDR", Header(1, 1)), ("IDAT", one), ("IEND", []));
        var wrongSum = one.ToArray();
        wrongSum[^1] ^= 1;
        return new TheoryData<byte[], string>
        {
            { [], "the file does not begin as a PNG file does, at byte 0" },
            { [0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0, 0], "the file does not begin as a PNG file does, at byte 0" },
            { good[..8], "the file ends before its end chunk, at byte 8" },
            { good[..^12], $"the file ends before its end chunk, at byte {good.Length - 12}" },
            { good[..40], "the file ends before its end chunk, at byte 33" },
            { good[..46], $"chunk 'IDAT' of {one.Length} bytes runs past the end of the file, at byte 33" },
            { PngSample.File(("IDAT", one)), "the first chunk is not IHDR, at byte 8" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IHDR", Header(1, 1))), "chunk 'IHDR' is there twice, at byte 33" },
            { PngSample.File(("IHDR", [1])), "chunk 'IHDR' has 1 bytes and should have 13, at byte 8" },
            { PngSample.File(("IHDR", Header(0, 1))),
                "a picture of 0x1 is not between 1x1 and 16384x16384 with 100000000 pixels, at byte 8" },
            { PngSample.File(("IHDR", Header(-1, -1))),
                "a picture of 4294967295x4294967295 is not between 1x1 and 16384x16384 with 100000000 pixels, at byte 8" },
            { PngSample.File(("IHDR", Header(16384, 16384))),
                "a picture of 16384x16384 is not between 1x1 and 16384x16384 with 100000000 pixels, at byte 8" },
            { PngSample.File(("IHDR", Header(1, 1, depth: 3))), "colour type 2 with 3 bits is not a kind of PNG, at byte 8" },
            { PngSample.File(("IHDR", Header(1, 1, color: 5))), "colour type 5 with 8 bits is not a kind of PNG, at byte 8" },
            { PngSample.File(("IHDR", Header(1, 1, interlace: 2))),
                "compression 0, filter 0 and interlace 2 are not a kind of PNG, at byte 8" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IEND", [])), "there is no pixel data before the end chunk, at byte 33" },
            { PngSample.File(("IHDR", Header(1, 1)), ("ABCD", [])), "chunk 'ABCD' is not known, at byte 33" },
            { PngSample.File(("IHDR", Header(1, 1)), ("PLTE", [1, 2])),
                "chunk 'PLTE' of 2 bytes is misplaced or not a palette, at byte 33" },
            { PngSample.File(("IHDR", Header(1, 1, color: 3)), ("tRNS", [1])),
                "chunk 'tRNS' of 1 bytes is misplaced or does not fit the colour type, at byte 33" },
            { PngSample.File(("IHDR", Header(1, 1, color: 3)), ("IDAT", one)), "the pixel data comes before its palette, at byte 33" },
            { PngSample.File(("IHDR", Header(1, 1, color: 3)), ("PLTE", [1, 2, 3]), ("IDAT", PngSample.Deflate([0, 1])), ("IEND", [])),
                "row 0 has colour 1 of a palette of 1" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IDAT", one[..4]), ("tEXt", []), ("IDAT", one[4..])),
                "another chunk divides the pixel data, at byte 61" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IDAT", PngSample.Deflate([7, 1, 2, 3])), ("IEND", [])),
                "row 0 has the unknown filter 7" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IDAT", PngSample.Deflate([0, 1, 2])), ("IEND", [])),
                "the pixel data ends after 3 of 4 bytes" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IDAT", PngSample.Deflate([0, 1, 2, 3, 4])), ("IEND", [])),
                "there is pixel data beyond the 4 bytes of the picture" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IDAT", wrongSum), ("IEND", [])), "the pixel data cannot be unpacked" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IDAT", [1, 2, 3, 4]), ("IEND", [])), "the pixel data cannot be unpacked" },
            { PngSample.File(("IHDR", Header(1, 1)), ("IDAT", [0x78, 0x20, 1, 2, 3, 4, 5, 6]), ("IEND", [])),
                "the pixel data cannot be unpacked" },
            { PngSample.File(("IHDR", Header(9000, 9000)), ("IDAT", one), ("IEND", [])),
                $"a picture of 9000x9000 cannot come out of {one.Length} bytes of pixel data" },
        };
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_file_gives_one_clear_error(byte[] file, string problem)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<FileFormatException>(() => Png.Read(new MemoryStream(file), "bad.png"));
        Assert.Equal("bad.png: " + problem, error.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_changed_byte_is_noticed_by_the_check_value()
    {
        var file = PngSample.Encode(4, 4, 2, 8, false, (x, y, c) => x * y + c);
        file[45] ^= 4;
        var error = Assert.Throws<FileFormatException>(() => Png.Read(new MemoryStream(file), "x"));
        Assert.Matches("^x: chunk 'IDAT' has the check value [0-9a-f]{8} and should have [0-9a-f]{8}, at byte 33$", error.Message);
    }

    [Fact]
    public void Damaged_files_never_escape_or_exhaust_memory() =>
        Mutation.Check(Samples(), stream => Png.Read(stream, "fuzz"), seed: 5);

    [Fact]
    public void Damage_behind_right_check_values_never_escapes_or_exhausts_memory() =>
        Mutation.Check(Samples(), stream => Png.Read(stream, "fuzz"), seed: 6, PngSample.Repair);

    private static byte[][] Samples()
    {
        var random = new Random(8);
        return
        [
            PngSample.Encode(13, 9, 2, 8, false, (_, _, _) => random.Next(256)),
            PngSample.Encode(9, 9, 6, 16, true, (_, _, _) => random.Next(65536)),
            PngSample.Encode(20, 7, 3, 2, true, (_, _, _) => random.Next(4), ("PLTE", new byte[12]), ("tRNS", [1, 2])),
            PngSample.Encode(33, 5, 0, 1, false, (_, _, _) => random.Next(2)),
        ];
    }

    private static Rgb Over(int r, int g, int b, int alpha, int most)
    {
        byte Channel(int value)
        {
            var eight = Math.Round(value * 255.0 / most);
            var opacity = Math.Round(alpha * 255.0 / most) / 255;
            return (byte)Math.Floor(eight * opacity + 255 * (1 - opacity) + 0.5 - 1e-9);
        }

        return new Rgb(Channel(r), Channel(g), Channel(b));
    }
}
