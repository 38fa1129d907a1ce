using CrossModal.Engine.Formats;

namespace CrossModal.Imaging;

/// <summary>
/// Reads every kind of PNG (W3C PNG, second edition, with the eXIf chunk) and writes 8-bit RGB. The picture is turned upright as its Exif
/// data says; gamma and colour profiles are not applied; bytes after the end chunk are ignored.
/// </summary>
public static class Png
{
    /// <summary>The widest and highest picture that is read, in pixels.</summary>
    public const int LongestSide = 16384;

    /// <summary>The most pixels that are read.</summary>
    public const int MostPixels = 100_000_000;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileFormatException">The bytes do not follow the format, or the picture is too large.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static RgbImage Read(string path) => Read(path, RgbConversion.OverWhite);

    /// <summary>Reads from the stream's position to its end; <paramref name="name"/> stands in the messages.</summary>
    /// <exception cref="FileFormatException">The bytes do not follow the format, or the picture is too large.</exception>
    public static RgbImage Read(Stream stream, string name) => Read(stream, name, RgbConversion.OverWhite);

    /// <summary>The same with a choice of what becomes of transparency and of 16-bit samples.</summary>
    internal static RgbImage Read(string path, RgbConversion conversion)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path, conversion);
    }

    /// <summary>The same with a choice of what becomes of transparency and of 16-bit samples.</summary>
    internal static RgbImage Read(Stream stream, string name, RgbConversion conversion)
    {
        stream = MeasuredStream.Of(stream);
        var length = stream.Length - stream.Position;
        if (length > Array.MaxLength)
            throw new FileFormatException(name, $"a PNG file of {length} bytes is over the limit of {Array.MaxLength}");
        var file = new byte[length];
        stream.ReadExactly(file);
        return new PngReader(file, name).Read(conversion);
    }

    /// <summary>Writes a file, through <see cref="AtomicFile"/>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        AtomicFile.Write(path, stream => PngWriter.Write(stream, image));
    }

    /// <summary>Writes to a stream.</summary>
    public static void Write(Stream stream, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        PngWriter.Write(stream, image);
    }
}
