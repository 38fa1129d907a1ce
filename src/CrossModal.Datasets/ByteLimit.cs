using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Bounds what a file may ask for, so that a damaged one cannot take all memory: no array read from it is larger than the file
/// allows.</summary>
internal static class ByteLimit
{
    // Compressed tables of numbers hold no more than a few times their file; small files may hold whole runs in a few bytes.
    private const long Least = 16L << 20;

    /// <summary>The most bytes that one array read from a file of so many bytes may take.</summary>
    public static long Of(long fileBytes) => Math.Min(Array.MaxLength, Least + 2 * fileBytes);

    /// <summary>A size that came out of a file, as the length of an array.</summary>
    /// <param name="bytes">The size, in bytes.</param>
    /// <param name="fileBytes">Length of the file.</param>
    /// <param name="file">The file, for errors.</param>
    /// <param name="what">What has the size, for errors.</param>
    /// <exception cref="FileFormatException">It is negative, or more than the file can hold.</exception>
    public static int Check(long bytes, long fileBytes, string file, string what) =>
        bytes >= 0 && bytes <= Of(fileBytes) ? (int)bytes
            : throw new FileFormatException(file, $"{what} has {bytes} bytes, which a file of {fileBytes} bytes cannot hold");
}
