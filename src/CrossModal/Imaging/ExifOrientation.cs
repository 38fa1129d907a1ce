using System.Buffers.Binary;

namespace CrossModal.Imaging;

/// <summary>Finds out how a camera was held (Exif 2.3, tag 0x0112) and turns its picture upright.</summary>
internal static class ExifOrientation
{
    /// <summary>The picture is stored upright.</summary>
    public const int AsStored = 1;

    private const uint Orientations = 8;
    private const ushort Tag = 0x0112;
    private const ushort ShortType = 3;
    private const ushort LongType = 4;
    private const int EntryBytes = 12;
    private const byte MarkerPrefix = 0xFF, Exif = 0xE1, StartOfScan = 0xDA, EndOfImage = 0xD9;

    private static ReadOnlySpan<byte> Signature => "Exif\0\0"u8;

    /// <summary>The orientation a JPEG file states (T.81, B.1.1), 1 to 8; 1 when it states none that makes sense.</summary>
    public static int OfJpeg(ReadOnlySpan<byte> file)
    {
        for (var at = 2; ;)
        {
            // Stray bytes may stand before a marker, as decoders allow, and any number of fill bytes FF.
            while (at < file.Length && file[at] != MarkerPrefix) at++;
            while (at < file.Length && file[at] == MarkerPrefix) at++;
            if (at + 3 > file.Length) return AsStored;
            var kind = file[at++];
            if (kind is StartOfScan or EndOfImage) return AsStored;
            if (StandsAlone(kind)) continue;
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length < 2 || at + length > file.Length) return AsStored;
            var body = file.Slice(at + 2, length - 2);
            if (kind == Exif && body.StartsWith(Signature)) return OfExif(body);
            at += length;
        }
    }

    /// <summary>The orientation that Exif data states, with or without the signature JPEG puts before it, 1 to 8; 1 when it states none
    /// that makes sense.</summary>
    public static int OfExif(ReadOnlySpan<byte> data)
    {
        while (data.StartsWith(Signature)) data = data[Signature.Length..];
        return OfTiff(data);
    }

    /// <summary>The picture turned and mirrored as its orientation asks.</summary>
    public static RgbImage Upright(RgbImage image, int orientation)
    {
        if (orientation == AsStored) return image;
        var (width, height) = (image.Width, image.Height);
        var turned = orientation >= 5 ? new RgbImage(height, width) : new RgbImage(width, height);
        for (var y = 0; y < turned.Height; y++)
            for (var x = 0; x < turned.Width; x++)
                turned[x, y] = orientation switch
                {
                    2 => image[width - 1 - x, y],
                    3 => image[width - 1 - x, height - 1 - y],
                    4 => image[x, height - 1 - y],
                    5 => image[y, x],
                    6 => image[y, height - 1 - x],
                    7 => image[width - 1 - y, height - 1 - x],
                    _ => image[width - 1 - y, x],
                };
        return turned;
    }

    /// <summary>Whether a marker has no segment behind it: a stuffed zero, TEM, RST0 to RST7 and SOI.</summary>
    private static bool StandsAlone(byte kind) => kind is 0 or 1 or >= 0xD0 and <= 0xD8;

    private static int OfTiff(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8 || !(tiff.StartsWith("II"u8) || tiff.StartsWith("MM"u8))) return AsStored;
        var little = tiff[0] == (byte)'I';
        var first = Long(tiff[4..], little);
        if (first > tiff.Length - 2) return AsStored;
        var entries = Short(tiff[(int)first..], little);
        for (var i = 0; i < entries; i++)
        {
            var at = (int)first + 2 + EntryBytes * i;
            if (at + EntryBytes > tiff.Length) return AsStored;
            if (Short(tiff[at..], little) != Tag) continue;
            var value = Short(tiff[(at + 2)..], little) switch
            {
                ShortType => Short(tiff[(at + 8)..], little),
                LongType => Long(tiff[(at + 8)..], little),
                _ => 0u,
            };
            return value is >= AsStored and <= Orientations ? (int)value : AsStored;
        }

        return AsStored;
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Long(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
