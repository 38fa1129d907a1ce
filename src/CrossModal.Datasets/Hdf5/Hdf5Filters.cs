using System.IO.Compression;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>What was done to the chunks of a data set when they were written, undone in reverse.</summary>
internal sealed class Hdf5Filters
{
    private const int Deflate = 1;
    private const int Shuffle = 2;
    private const int Fletcher32 = 3;
    private const int Lzf = 32000;
    private readonly List<int> _filters = [];
    private readonly Hdf5File _file;

    /// <summary>Reads a filter message; null for none.</summary>
    /// <exception cref="FileFormatException">It is damaged, or names a filter that is not read.</exception>
    public Hdf5Filters(Hdf5File file, byte[]? message)
    {
        _file = file;
        if (message is null) return;
        var bytes = new Hdf5Bytes(message, file.Path, 0);
        var (version, count) = (bytes.Byte(), bytes.Byte());
        bytes.Skip(version == 1 ? 6 : 0);
        for (var i = 0; i < count; i++)
        {
            var id = (int)bytes.Whole(2);
            var name = version == 1 || id >= 256 ? bytes.Whole(2) : 0;
            bytes.Skip(2);
            var values = bytes.Whole(2);
            bytes.Skip(version == 1 ? (name + 7) / 8 * 8 : name);
            bytes.Skip(4 * values + (version == 1 && values % 2 == 1 ? 4 : 0));
            if (id is not (Deflate or Shuffle or Fletcher32 or Lzf))
                throw new FileFormatException(
                    file.Path, $"has data compressed by filter {id} of HDF5, which is not read (gzip, LZF, shuffle and Fletcher32 are); write it again with h5repack -f GZIP=4");
            _filters.Add(id);
        }
    }

    /// <summary>Undoes the filters.</summary>
    /// <param name="chunk">The bytes as stored.</param>
    /// <param name="skipped">A bit for each filter that was not used on this chunk.</param>
    /// <param name="length">How many bytes come out.</param>
    /// <param name="elementSize">Bytes of a value.</param>
    /// <exception cref="FileFormatException">They are damaged.</exception>
    public byte[] Undo(byte[] chunk, long skipped, int length, int elementSize)
    {
        for (var i = _filters.Count - 1; i >= 0; i--)
        {
            if ((skipped >> i & 1) != 0) continue;
            chunk = _filters[i] switch
            {
                Fletcher32 => chunk.Length >= 4 ? chunk[..^4] : throw _file.Damaged("a chunk is too short for its checksum"),
                Shuffle => Unshuffle(chunk, elementSize),
                Lzf => UnpackLzf(chunk, length),
                _ => Inflate(chunk, length),
            };
        }

        return chunk.Length == length ? chunk : throw _file.Damaged($"a chunk of {length} bytes has {chunk.Length}");
    }

    // A checksum may follow the data, so that a little more than the data itself can come out.
    private byte[] Inflate(byte[] chunk, int length)
    {
        var plain = new byte[length + 4];
        try
        {
            using var stream = new ZLibStream(new MemoryStream(chunk), CompressionMode.Decompress);
            var read = stream.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false);
            return plain[..read];
        }
        catch (InvalidDataException)
        {
            throw _file.Damaged("a chunk compressed by gzip cannot be unpacked");
        }
    }

    private static byte[] Unshuffle(byte[] chunk, int size)
    {
        if (size <= 1) return chunk;
        var (plain, count) = (new byte[chunk.Length], chunk.Length / size);
        for (var i = 0; i < count; i++)
            for (var b = 0; b < size; b++) plain[i * size + b] = chunk[b * count + i];
        chunk.AsSpan(count * size).CopyTo(plain.AsSpan(count * size));
        return plain;
    }

    /// <summary>LibLZF: literals, and copies of what was unpacked before.</summary>
    private byte[] UnpackLzf(byte[] chunk, int length)
    {
        var plain = new byte[length];
        var (at, end) = (0, 0);
        while (at < chunk.Length)
        {
            int control = chunk[at++];
            if (control < 32)
            {
                var literal = control + 1;
                if (literal > chunk.Length - at || literal > length - end) throw Wrong();
                chunk.AsSpan(at, literal).CopyTo(plain.AsSpan(end));
                (at, end) = (at + literal, end + literal);
                continue;
            }

            var count = control >> 5;
            if (count == 7) count += at < chunk.Length ? chunk[at++] : throw Wrong();
            count += 2;
            if (at >= chunk.Length) throw Wrong();
            var from = end - ((control & 31) << 8) - chunk[at++] - 1;
            if (from < 0 || count > length - end) throw Wrong();
            for (var i = 0; i < count; i++) plain[end++] = plain[from++];
        }

        return plain[..end];

        FileFormatException Wrong() => _file.Damaged("a chunk compressed by LZF cannot be unpacked");
    }
}
