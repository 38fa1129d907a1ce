using System.IO.Compression;

namespace CrossModal.Engine.Formats;

/// <summary>
/// Reads and writes numpy's .npz files: zip archives with one .npy file per array. An archive cannot make the reader
/// reserve memory for more than it really inflates, nor inflate more than the stated limit.
/// </summary>
public static class Npz
{
    /// <summary>The most bytes all arrays of an archive may take together, unless the caller says otherwise: 4 GiB.</summary>
    public const long DefaultLimit = 4L << 30;

    private const string Extension = ".npy";
    private const int BufferBytes = 1 << 16;

    // Deflate spends at least 2 bits on 258 bytes, so no honest entry is packed tighter; the slack is for tiny ones.
    private const int MostInflation = 1032;
    private const int InflationSlack = 4096;

    // The first day a zip entry can name, so that the same arrays give the same bytes.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads a file; the arrays come in the archive's order, named without <c>.npy</c>.</summary>
    /// <exception cref="FileFormatException">
    /// The archive or an array in it is damaged, appears twice, or holds more than <paramref name="limit"/> bytes.
    /// </exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static IReadOnlyDictionary<string, StoredArray> Read(string path, long limit = DefaultLimit)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        return Read(stream, path, limit);
    }

    /// <summary>The names of a file's arrays, in the archive's order.</summary>
    /// <exception cref="FileFormatException">The archive is damaged.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static IReadOnlyList<string> Names(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        return Open(stream, path, archive => (IReadOnlyList<string>)[.. archive.Entries.Select(e => e.FullName)
            .Where(n => n.EndsWith(Extension, StringComparison.Ordinal)).Select(n => n[..^Extension.Length])]);
    }

    /// <summary>Reads one array of a file, whatever the others hold.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message names the file and the array.</exception>
    /// <exception cref="FileFormatException">
    /// The archive or the array is damaged, the array appears twice, or it holds more than <paramref name="limit"/> bytes.
    /// </exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static StoredArray Read(string path, string array, long limit = DefaultLimit)
    {
        ArgumentNullException.ThrowIfNull(array);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        var found = Open(stream, path, archive =>
            ReadAll(archive.Entries.Where(e => e.FullName == array + Extension), stream.Length, path, limit));
        return found.TryGetValue(array, out var read) ? read
            : throw new KeyNotFoundException($"{path}: there is no array '{array}' in the file");
    }

    /// <summary>Reads a whole stream; <paramref name="name"/> stands in the messages.</summary>
    /// <exception cref="FileFormatException">
    /// The archive or an array in it is damaged, appears twice, or holds more than <paramref name="limit"/> bytes.
    /// </exception>
    public static IReadOnlyDictionary<string, StoredArray> Read(Stream stream, string name, long limit = DefaultLimit)
    {
        stream = MeasuredStream.Of(stream);
        return Open(stream, name, archive => ReadAll(archive.Entries, stream.Length, name, limit));
    }

    private static T Open<T>(Stream stream, string name, Func<ZipArchive, T> take)
    {
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return take(archive);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new FileFormatException(name, "the file is not a readable zip archive, at its directory", e);
        }
    }

    /// <summary>Writes arrays through <see cref="AtomicFile"/>; the same arrays always give the same bytes.</summary>
    /// <exception cref="ArgumentException">A name is given twice or is empty, or an array has a type that numpy does not have.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, StoredArray>> arrays, bool compress = false)
    {
        ArgumentNullException.ThrowIfNull(arrays);
        var names = new HashSet<string>();
        AtomicFile.Write(path, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var (name, array) in arrays)
            {
                if (name.Length == 0 || !names.Add(name))
                    throw new ArgumentException(
                        $"{path}: the array name {FileFormatException.Quote(name)} is {(name.Length == 0 ? "empty" : "given twice")}",
                        nameof(arrays));
                var entry = archive.CreateEntry(
                    name + Extension, compress ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
                entry.LastWriteTime = Epoch;
                using var packed = entry.Open();
                Npy.Write(packed, array);
            }
        });
    }

    private static OrderedDictionary<string, StoredArray> ReadAll(IEnumerable<ZipArchiveEntry> entries, long length, string name,
        long limit)
    {
        var arrays = new OrderedDictionary<string, StoredArray>();
        long packed = 0, inflated = 0;
        foreach (var entry in entries)
        {
            var quoted = "entry " + FileFormatException.Quote(entry.FullName);
            if (!entry.FullName.EndsWith(Extension, StringComparison.Ordinal))
                throw new FileFormatException(name, $"{quoted} is not an .npy file");
            if (entry.IsEncrypted)
                throw new FileFormatException(name, $"{quoted} is encrypted");
            var key = entry.FullName[..^Extension.Length];
            if (arrays.ContainsKey(key))
                throw new FileFormatException(name, $"{quoted} is there twice");
            packed += entry.CompressedLength;
            if (entry.CompressedLength < 0 || packed > length)
                throw new FileFormatException(name, $"{quoted} overlaps another or runs past the end of the file");
            if (entry.Length < 0 || entry.Length > InflationSlack + MostInflation * entry.CompressedLength)
                throw new FileFormatException(
                    name, $"{quoted} promises {entry.Length} bytes out of {entry.CompressedLength}, more than deflate can");
            inflated += entry.Length;
            if (inflated > limit)
                throw new FileFormatException(name, $"{quoted} takes the arrays over the limit of {limit} bytes");
            arrays.Add(key, ReadEntry(entry, name, quoted));
        }

        return arrays;
    }

    private static StoredArray ReadEntry(ZipArchiveEntry entry, string name, string quoted)
    {
        try
        {
            using var stream = new CheckedStream(entry.Open());
            var array = Npy.ReadExactly(stream, entry.Length, $"{name}: {quoted}");
            if (stream.ReadByte() >= 0)
                throw new FileFormatException(name, $"{quoted} holds more than the {entry.Length} bytes it promises");
            if (stream.Crc != entry.Crc32)
                throw new FileFormatException(
                    name, $"{quoted} has the check value {stream.Crc:x8} and should have {entry.Crc32:x8}");
            return array;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new FileFormatException(name, $"{quoted} cannot be unpacked", e);
        }
    }

    /// <summary>What ZipArchive and its streams throw at bytes they cannot make sense of; IOException when an offset points
    /// nowhere.</summary>
    private static bool IsDamage(Exception e) =>
        e is InvalidDataException or IOException;

    /// <summary>Computes the check value of what passes through, which ZipArchive does not compare by itself.</summary>
    private sealed class CheckedStream(Stream inner) : Stream
    {
        public uint Crc { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            Crc = Crc32.Of(buffer[..read], Crc);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
