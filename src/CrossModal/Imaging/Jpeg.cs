using System.Runtime.InteropServices;
using CrossModal.Engine.Formats;

namespace CrossModal.Imaging;

/// <summary>
/// Reads JPEG files, baseline and progressive, with libturbojpeg where it is installed. The picture is turned upright as its Exif data
/// says; colour profiles are not applied.
/// </summary>
internal static class Jpeg
{
    // Huffman codes have at least a bit and a block 64 pixels: a file of n bytes cannot hold more than 512·n pixels. (Arithmetic coding,
    // which no camera writes, could.)
    private const long MostPixelsPerByte = 512;

    /// <summary>The most memory that reading a file of so many bytes takes, in bytes: the file, and twice the picture when it must be
    /// turned.</summary>
    internal static long MostMemory(long fileBytes) =>
        fileBytes + 2 * RgbImage.Channels * Math.Min(Png.MostPixels, MostPixelsPerByte * fileBytes);

    /// <summary>Whether libturbojpeg was found.</summary>
    public static bool IsInstalled => TurboJpeg.Installed is not null;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">libturbojpeg is not installed (the message says how to install it), the bytes do not follow
    /// the format, or the picture is too large.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static RgbImage Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path);
    }

    /// <summary>Reads from the stream's position to its end; <paramref name="name"/> stands in the messages.</summary>
    /// <exception cref="FileFormatException">As for a file.</exception>
    public static RgbImage Read(Stream stream, string name) => Read(stream, name, TurboJpeg.Installed);

    /// <summary>Reads with a library, or says how to install one.</summary>
    internal static RgbImage Read(Stream stream, string name, TurboJpeg? library)
    {
        if (library is null)
            throw new FileFormatException(name,
                $"a JPEG picture is read with libturbojpeg, which was not found; install it ({TurboJpeg.HowToInstall}) or convert the picture to PNG");
        stream = MeasuredStream.Of(stream);
        var length = stream.Length - stream.Position;
        if (length > Array.MaxLength)
            throw new FileFormatException(name, $"a JPEG file of {length} bytes is over the limit of {Array.MaxLength}");
        var file = new byte[length];
        stream.ReadExactly(file);
        var decoder = library.Start();
        if (decoder == 0) throw new InsufficientMemoryException($"{name}: libturbojpeg got no memory for a decoder");
        try
        {
            return ExifOrientation.Upright(Decode(library, decoder, file, name), ExifOrientation.OfJpeg(file));
        }
        finally
        {
            library.End(decoder);
        }
    }

    private static RgbImage Decode(TurboJpeg library, nint decoder, byte[] file, string name)
    {
        var length = new CULong((nuint)file.Length);
        if (library.ReadHeader(decoder, file, length, out var width, out var height, out _, out var colors) != 0 || width <= 0
            || height <= 0)
            throw new FileFormatException(name, $"is not a JPEG picture that can be read: {Problem(library, decoder)}");
        if (colors is TurboJpeg.Cmyk or TurboJpeg.Ycck)
            throw new FileFormatException(name,
                $"is a JPEG picture in {(colors == TurboJpeg.Cmyk ? "CMYK" : "YCCK, a form of CMYK")}, the four colours of printing, which is not read; convert it to RGB");
        var pixels = (long)width * height;
        if (width > Png.LongestSide || height > Png.LongestSide || pixels > Png.MostPixels)
            throw new FileFormatException(name,
                $"a picture of {width}x{height} is not between 1x1 and {Png.LongestSide}x{Png.LongestSide} with {Png.MostPixels} pixels");
        if (pixels > MostPixelsPerByte * file.Length)
            throw new FileFormatException(name, $"a picture of {width}x{height} cannot come out of {file.Length} bytes");
        var image = new RgbImage(width, height);
        if (library.Decompress(decoder, file, length, image.Pixels, width, width * RgbImage.Channels, height, TurboJpeg.PixelFormatRgb,
            TurboJpeg.LimitScans) == 0)
            return image;

        // Cameras leave stray bytes between segments; nothing is lost by them. Every other oddity means damage.
        var problem = Problem(library, decoder);
        return problem.Contains("extraneous bytes", StringComparison.Ordinal) ? image
            : throw new FileFormatException(name, $"the JPEG picture is damaged: {problem}");
    }

    private static string Problem(TurboJpeg library, nint decoder) =>
        Marshal.PtrToStringUTF8(library.LastError(decoder)) ?? "no reason given";
}
