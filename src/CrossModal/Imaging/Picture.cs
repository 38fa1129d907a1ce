using CrossModal.Engine.Formats;

namespace CrossModal.Imaging;

/// <summary>Reads a photograph, PNG or JPEG, by what the file holds and not by its name.</summary>
public static class Picture
{
    private const int LongestSignature = 16;

    private static ReadOnlySpan<byte> PngStart => [0x89, (byte)'P', (byte)'N', (byte)'G'];

    private static ReadOnlySpan<byte> JpegStart => [0xFF, 0xD8, 0xFF];

    /// <summary>Reads a file; JPEG needs libturbojpeg (<see cref="Jpeg"/>).</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileFormatException">The file is neither, is damaged, or the picture is too large.</exception>
    /// <exception cref="IOException">The file is missing, a folder, or cannot be read; the message begins with the path.</exception>
    public static RgbImage Read(string path) => Read(path, RgbConversion.OverWhite);

    /// <summary>Reads from the stream's position to its end; <paramref name="name"/> stands in the messages.</summary>
    /// <exception cref="FileFormatException">The bytes are neither, are damaged, or the picture is too large.</exception>
    public static RgbImage Read(Stream stream, string name) => Read(stream, name, RgbConversion.OverWhite);

    /// <summary>The same; published models were made for <see cref="RgbConversion.Pillow"/>.</summary>
    internal static RgbImage Read(string path, RgbConversion conversion)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path)) throw new IOException($"{path}: is a folder, not a picture");
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file");
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path, conversion);
    }

    /// <summary>The same with a choice of what becomes of transparency and of 16-bit samples.</summary>
    internal static RgbImage Read(Stream stream, string name, RgbConversion conversion)
    {
        stream = MeasuredStream.Of(stream);
        var start = stream.Position;
        Span<byte> head = stackalloc byte[LongestSignature];
        head = head[..stream.ReadAtLeast(head, LongestSignature, throwOnEndOfStream: false)];
        stream.Position = start;
        if (head.StartsWith(PngStart)) return Png.Read(stream, name, conversion);
        if (head.StartsWith(JpegStart)) return Jpeg.Read(stream, name);
        throw new FileFormatException(name,
            $"{(head.IsEmpty ? "is empty, not a picture" : Kind(head) is { } kind ? $"is a {kind} picture" : "is not a picture")}; PNG and JPEG are read");
    }

    private static string? Kind(ReadOnlySpan<byte> head) =>
        head.StartsWith("GIF8"u8) ? "GIF"
        : head.StartsWith("BM"u8) ? "BMP"
        : head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) ? "TIFF"
        : head.Length < 12 ? null
        : head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8) ? "WebP"
        : head[4..].StartsWith("ftypavif"u8) ? "AVIF"
        : head[4..].StartsWith("ftyphei"u8) || head[4..].StartsWith("ftypmif1"u8) ? "HEIF"
        : null;
}
