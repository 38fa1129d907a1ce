using System.Buffers.Binary;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Reads the records of a TFRecord file: a length and its checksum, the data and their checksum.</summary>
internal static class RecordFile
{
    private const int HeadBytes = 12;
    private const int ChecksumBytes = 4;

    /// <summary>Whether a file begins as a TFRecord does: with a length whose checksum follows.</summary>
    public static bool IsTfRecord(ReadOnlySpan<byte> start) =>
        start.Length >= HeadBytes && BinaryPrimitives.ReadUInt32LittleEndian(start[8..]) == Crc32C.Masked(start[..8]);

    /// <summary>Reads records one after the other.</summary>
    /// <exception cref="FileFormatException">While taking them: a checksum differs, or the file was cut short.</exception>
    /// <exception cref="IOException">While taking them: the file cannot be read.</exception>
    public static IEnumerable<(long Start, byte[] Data)> Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        while (stream.Position < stream.Length)
        {
            var start = stream.Position;
            yield return (start, One(stream, path));
        }
    }

    /// <summary>Reads the record that begins at a byte.</summary>
    /// <exception cref="FileFormatException">A checksum differs, or the file was cut short.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static byte[] Read(string path, long start)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        stream.Position = start;
        return One(stream, path);
    }

    private static byte[] One(FileStream stream, string path)
    {
        var start = stream.Position;
        Span<byte> head = stackalloc byte[HeadBytes];
        if (stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) < HeadBytes)
            throw new FileFormatException(path, $"was cut short: a record begins at byte {start} and does not end");
        if (!IsTfRecord(head)) throw new FileFormatException(
            path, $"the checksum of a record's length differs, at byte {start}: the file is damaged, or no TFRecord");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        var left = stream.Length - stream.Position - ChecksumBytes;
        if (left < 0 || length > (ulong)Math.Min(left, Array.MaxLength))
            throw new FileFormatException(path, $"was cut short: a record of {length} bytes begins at byte {start}");
        var data = new byte[length];
        stream.ReadExactly(data);
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        stream.ReadExactly(checksum);
        return BinaryPrimitives.ReadUInt32LittleEndian(checksum) == Crc32C.Masked(data) ? data
            : throw new FileFormatException(path, $"the checksum of the record at byte {start} differs: the file is damaged");
    }
}
