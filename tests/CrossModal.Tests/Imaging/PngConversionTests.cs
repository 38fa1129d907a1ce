using System.Buffers.Binary;
using CrossModal.Imaging;

namespace CrossModal.Tests.Imaging;

/// <summary>What Pillow's <c>convert("RGB")</c> and <c>ImageOps.exif_transpose</c> make of PNG files; the values are those of Pillow
/// 9.4.</summary>
public sealed class PngConversionTests
{
    private static readonly byte[] Palette = [10, 20, 30, 0, 0, 0, 7, 8, 9, 200, 100, 50];

    public static TheoryData<int, int, int[], byte[]?, int[]> Kinds() => new()
    {
        // Colour type, bits, samples of a row, tRNS, what Pillow gives.
        { 0, 1, [1, 0, 1], null, [255, 255, 255, 0, 0, 0, 255, 255, 255] },
        { 0, 1, [1, 0, 1], [0, 0], [255, 255, 255, 0, 0, 0, 255, 255, 255] },
        { 0, 2, [0, 1, 2, 3], [0, 1], [0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255] },
        { 0, 4, [0, 7, 10, 15], [0, 7], [0, 0, 0, 119, 119, 119, 170, 170, 170, 255, 255, 255] },
        { 0, 8, [1, 2, 3], [0, 2], [1, 1, 1, 2, 2, 2, 3, 3, 3] },
        { 0, 16, [0, 1, 127, 255, 256, 65535], null, [0, 0, 0, 1, 1, 1, 127, 127, 127, 255, 255, 255, 255, 255, 255, 255, 255, 255] },
        { 0, 16, [200, 300], [0, 200], [200, 200, 200, 255, 255, 255] },
        { 2, 8, [1, 2, 3, 4, 5, 6], [0, 1, 0, 2, 0, 3], [1, 2, 3, 4, 5, 6] },
        { 2, 16, [0x80FF, 0x4080, 0x00FF, 0xFFFF, 0xFF80, 1], null, [128, 64, 0, 255, 255, 0] },
        { 2, 16, [0x80FF, 0x4080, 0x00FF], [0x80, 0xFF, 0x40, 0x80, 0, 0xFF], [128, 64, 0] },
        { 3, 1, [1, 0, 1], null, [0, 0, 0, 10, 20, 30, 0, 0, 0] },
        { 3, 2, [0, 1, 2, 3], [0, 128], [10, 20, 30, 0, 0, 0, 7, 8, 9, 200, 100, 50] },
        { 3, 4, [0, 1, 2, 3], [255, 0], [10, 20, 30, 0, 0, 0, 7, 8, 9, 200, 100, 50] },
        { 3, 8, [3, 0], [0, 0, 0, 0], [200, 100, 50, 10, 20, 30] },
        { 4, 8, [10, 0, 20, 128], null, [10, 10, 10, 20, 20, 20] },
        { 4, 16, [0x80FF, 0x4000, 0x0180, 0], null, [128, 128, 128, 1, 1, 1] },
        { 6, 8, [10, 20, 30, 0, 40, 50, 60, 128], null, [10, 20, 30, 40, 50, 60] },
        { 6, 16, [0x80FF, 0x4080, 0x00FF, 0x7FFF], null, [128, 64, 0] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_published_model_is_given_what_Pillow_converts(int color, int depth, int[] samples, byte[]? transparency, int[] pillow)
    {
        var channels = PngSample.Channels(color);
        List<(string, byte[])> chunks = color == 3 ? [("PLTE", depth == 1 ? Palette[..6] : Palette)] : [];
        if (transparency is not null) chunks.Add(("tRNS", transparency));
        foreach (var interlaced in new[] { false, true })
        {
            var file = PngSample.Encode(samples.Length / channels, 1, color, depth, interlaced, (x, _, c) => samples[x * channels + c],
                [.. chunks]);
            Assert.Equal(pillow, Png.Read(new MemoryStream(file), "x", RgbConversion.Pillow).Pixels.Select(b => (int)b));
            Assert.Equal(pillow, Picture.Read(new MemoryStream(file), "x", RgbConversion.Pillow).Pixels.Select(b => (int)b));
        }
    }

    [Fact]
    public void What_a_person_is_shown_stays_over_white()
    {
        var file = PngSample.Encode(2, 1, 6, 8, false, (x, _, c) => new[] { 10, 20, 30, 0, 40, 50, 60, 255 }[4 * x + c]);
        Assert.Equal([255, 255, 255, 40, 50, 60], Picture.Read(new MemoryStream(file), "x").Pixels);
        var grey = PngSample.Encode(1, 1, 0, 16, false, (_, _, _) => 32896);
        Assert.Equal([128, 128, 128], Picture.Read(new MemoryStream(grey), "x").Pixels);
    }

    // As for JPEG: the six pixels 0 to 5 of 3×2, by exif_transpose.
    [Theory]
    [InlineData(0, 3, "0 1 2 3 4 5")]
    [InlineData(1, 3, "0 1 2 3 4 5")]
    [InlineData(2, 3, "2 1 0 5 4 3")]
    [InlineData(3, 3, "5 4 3 2 1 0")]
    [InlineData(4, 3, "3 4 5 0 1 2")]
    [InlineData(5, 2, "0 3 1 4 2 5")]
    [InlineData(6, 2, "3 0 4 1 5 2")]
    [InlineData(7, 2, "5 2 4 1 3 0")]
    [InlineData(8, 2, "2 5 1 4 0 3")]
    [InlineData(9, 3, "0 1 2 3 4 5")]
    public void A_picture_is_turned_upright_as_its_exif_chunk_says(int orientation, int width, string pillow)
    {
        foreach (var little in new[] { false, true })
            foreach (var type in new ushort[] { 3, 4 })
                foreach (var signed in new[] { false, true })
                    foreach (var behind in new[] { false, true })
                    {
                        var chunk = ("eXIf", Exif(orientation, little, type, signed));
                        var file = PngSample.Encode(3, 2, 0, 8, false, (x, y, _) => 3 * y + x, behind ? [] : [chunk]);
                        if (behind) file = [.. file[..^12], .. PngSample.File(chunk)[8..], .. file[^12..]];
                        foreach (var conversion in Enum.GetValues<RgbConversion>())
                        {
                            var image = Png.Read(new MemoryStream(file), "x", conversion);
                            Assert.Equal(width, image.Width);
                            Assert.Equal(pillow, string.Join(' ', image.Pixels.Where((_, i) => i % 3 == 0)));
                        }
                    }
    }

    [Fact]
    public void Exif_data_that_makes_no_sense_leaves_a_picture_as_it_is_stored()
    {
        var whole = Exif(6, little: false, type: 3, signed: false);
        byte[][] broken = [[], [1, 2, 3], .. Enumerable.Range(0, whole.Length - 6).Select(n => whole[..n]), Exif(6, false, 2, false)];
        foreach (var data in broken)
        {
            var image = Png.Read(new MemoryStream(PngSample.Encode(3, 2, 0, 8, false, (x, y, _) => 3 * y + x, ("eXIf", data))), "x");
            Assert.Equal((3, 2), (image.Width, image.Height));
        }
    }

    /// <summary>Exif data of one entry before which stands another.</summary>
    internal static byte[] Exif(int orientation, bool little, ushort type, bool signed)
    {
        var data = new byte[8 + 2 + 2 * 12 + 4];
        void Short(int at, int value)
        {
            if (little) BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(at), (ushort)value);
            else BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(at), (ushort)value);
        }

        void Long(int at, int value)
        {
            if (little) BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(at), value);
            else BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(at), value);
        }

        (data[0], data[1]) = little ? ((byte)'I', (byte)'I') : ((byte)'M', (byte)'M');
        Short(2, 42);
        Long(4, 8);
        Short(8, 2);
        foreach (var (at, tag, value) in new[] { (10, 0x0100, 3), (22, 0x0112, orientation) })
        {
            Short(at, tag);
            Short(at + 2, type);
            Long(at + 4, 1);
            if (type == 4) Long(at + 8, value);
            else Short(at + 8, value);
        }

        return signed ? [.. "Exif\0\0"u8, .. data] : data;
    }
}
