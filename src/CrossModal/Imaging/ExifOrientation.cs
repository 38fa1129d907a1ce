using System.Buffers.Binary;

namespace CrossModal.Imaging;

/// <summary>Finds out how a camera was held (Exif 2.3, tag 0x0112) and turns its picture upright.</summary>
internal static class ExifOrientation
{
    /// <summary>The picture is stored upright.</summary>
    public const int AsStored = 1;

    private const int Orientations = 8;
    private const ushort Tag = 0x0112;
    private const ushort ShortType = 3;
    private const int EntryBytes = 12;
    private const byte Exif = 0xE1, StartOfScan = 0xDA;

    /// <summary>The orientation a JPEG file states, 1 to 8; 1 when it states none that makes sense.</summary>
    public static int Find(ReadOnlySpan<byte> file)
    {
        // Segments follow the two bytes of the start: FF, kind, length with its own two bytes.
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF && file[at + 1] != StartOfScan;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (length < 2 || at + 2 + length > file.Length) break;
            var body = file.Slice(at + 4, length - 2);
            if (file[at + 1] == Exif && body.StartsWith("Exif\0\0"u8)) return FromTiff(body[6..]);
            at += 2 + length;
        }

        return AsStored;
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

    private static int FromTiff(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8 || !(tiff.StartsWith("II"u8) || tiff.StartsWith("MM"u8))) return AsStored;
        var little = tiff[0] == (byte)'I';
        var first = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (first > tiff.Length - 2) return AsStored;
        var entries = Short(tiff[(int)first..], little);
        for (var i = 0; i < entries; i++)
        {
            var at = (int)first + 2 + EntryBytes * i;
            if (at + EntryBytes > tiff.Length) return AsStored;
            if (Short(tiff[at..], little) != Tag || Short(tiff[(at + 2)..], little) != ShortType) continue;
            var value = Short(tiff[(at + 8)..], little);
            return value is >= AsStored and <= Orientations ? value : AsStored;
        }

        return AsStored;
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
