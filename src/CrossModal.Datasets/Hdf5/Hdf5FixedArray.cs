namespace CrossModal.Datasets;

/// <summary>An element of an array in an HDF5 file.</summary>
/// <param name="index">Its number.</param>
/// <param name="element">Its bytes.</param>
internal delegate void Hdf5Element(long index, ReadOnlySpan<byte> element);

/// <summary>Reads fixed arrays: one block, in pages when it is large.</summary>
/// <param name="file">The file.</param>
internal sealed class Hdf5FixedArray(Hdf5File file)
{
    private const int HeaderBytes = 28;
    private const int ChecksumBytes = 4;
    private const int BlockStart = 14;

    /// <summary>Reads the elements that were written.</summary>
    /// <param name="address">Where the header is.</param>
    /// <param name="needed">How many there are to be at most.</param>
    /// <param name="add">Takes each.</param>
    /// <exception cref="Engine.Formats.FileFormatException">The array is damaged.</exception>
    public void Read(long address, long needed, Hdf5Element add)
    {
        file.Visit();
        var head = new Hdf5Bytes(file.Block(address, HeaderBytes), file.Path, address);
        head.Expect("FAHD"u8);
        head.Skip(2);
        var (size, pageBits, count, block) = (head.Byte(), head.Byte(), head.Address(), head.Address());
        if (block == Hdf5File.Undefined) return;
        if (count < 0 || count > file.Length) throw file.Damaged($"an array has {count} elements, at byte {address}");
        needed = Math.Min(needed, count);
        new Hdf5Bytes(file.Block(block, BlockStart), file.Path, block).Expect("FADB"u8);
        var page = pageBits < 32 ? 1L << pageBits : long.MaxValue;
        if (count <= page)
        {
            Elements(file, block + BlockStart, size, 0, needed, add);
            return;
        }

        var pages = (count + page - 1) / page;
        var written = file.Block(block + BlockStart, (pages + 7) / 8);
        var at = block + BlockStart + written.Length + ChecksumBytes;
        for (var p = 0L; p < pages && p * page < needed; p++, at += page * size + ChecksumBytes)
            if (IsWritten(written, p)) Elements(file, at, size, p * page, Math.Min(needed, (p + 1) * page), add);
    }

    /// <summary>Whether a page was written: a bit each, the highest first.</summary>
    public static bool IsWritten(ReadOnlySpan<byte> bits, long page) => (bits[(int)(page / 8)] & (0x80 >> (int)(page % 8))) != 0;

    /// <summary>Elements side by side.</summary>
    public static void Elements(Hdf5File file, long address, int size, long first, long end, Hdf5Element add)
    {
        file.Visit();
        if (end <= first) return;
        var bytes = new Hdf5Bytes(file.Block(address, (end - first) * size), file.Path, address);
        for (var i = first; i < end; i++) add(i, bytes.Take(size));
    }
}
