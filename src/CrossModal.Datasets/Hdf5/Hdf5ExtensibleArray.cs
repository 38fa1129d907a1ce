using System.Numerics;

namespace CrossModal.Datasets;

/// <summary>Reads extensible arrays: the first elements in the index block, then blocks that grow by powers of two, the first of them
/// listed in the index block, the rest in blocks of addresses.</summary>
/// <param name="file">The file.</param>
internal sealed class Hdf5ExtensibleArray(Hdf5File file)
{
    private const int HeaderBytes = 72;
    private const int ChecksumBytes = 4;
    private const int BlockStart = 14;
    private int _size;
    private int _offsetBytes;
    private long _page;

    /// <summary>Reads the elements that were written.</summary>
    /// <param name="address">Where the header is.</param>
    /// <param name="needed">How many there are to be at most.</param>
    /// <param name="add">Takes each.</param>
    /// <exception cref="Engine.Formats.FileFormatException">The array is damaged.</exception>
    public void Read(long address, long needed, Hdf5Element add)
    {
        file.Visit();
        var head = new Hdf5Bytes(file.Block(address, HeaderBytes), file.Path, address);
        head.Expect("EAHD"u8);
        head.Skip(2);
        _size = head.Byte();
        var (bits, inIndex, least, leastPointers, pageBits) = (head.Byte(), head.Byte(), head.Byte(), head.Byte(), head.Byte());
        head.Skip(48);
        var index = head.Address();
        if (index == Hdf5File.Undefined) return;
        if (bits is 0 or > 62 || !BitOperations.IsPow2(least) || !BitOperations.IsPow2(leastPointers) || pageBits > 62)
            throw file.Damaged($"an array grows by no powers of two, at byte {address}");
        (_offsetBytes, _page) = ((bits + 7) / 8, 1L << pageBits);

        // Blocks of level u: 2^(u/2) of them, of least · 2^((u+1)/2) elements each.
        var levels = 1 + bits - BitOperations.Log2(least);
        var direct = 2 * BitOperations.Log2(leastPointers);
        var lists = Math.Max(0, levels - direct);
        var listed = 2 * (leastPointers - 1);
        var start = new Hdf5Bytes(
            file.Block(index, BlockStart + (long)inIndex * _size + 8L * (listed + lists)), file.Path, index);
        start.Expect("EAIB"u8);
        start.Skip(BlockStart - 4);
        for (var i = 0; i < inIndex; i++)
        {
            var element = start.Take(_size);
            if (i < needed) add(i, element);
        }

        var first = (long)inIndex;
        for (var level = 0; level < levels && first < needed; level++)
        {
            var (blocks, length) = (1L << level / 2, (long)least << (level + 1) / 2);
            if (level < direct)
                for (var b = 0; b < blocks; b++, first += length) Block(start.Address(), length, first, needed, default, add);
            else
            {
                List(start.Address(), blocks, length, first, needed, add);
                first += blocks * length;
            }
        }
    }

    /// <summary>A block of addresses of blocks.</summary>
    private void List(long address, long blocks, long length, long first, long needed, Hdf5Element add)
    {
        file.Visit();
        if (address == Hdf5File.Undefined) return;
        var bitmap = length > _page ? (length / _page + 7) / 8 : 0;
        var bytes = new Hdf5Bytes(file.Block(address, BlockStart + _offsetBytes + blocks * (bitmap + 8)), file.Path, address);
        bytes.Expect("EASB"u8);
        bytes.Skip(BlockStart - 4 + _offsetBytes);
        var written = bytes.Take(blocks * bitmap);
        for (var b = 0L; b < blocks && first < needed; b++, first += length)
            Block(bytes.Address(), length, first, needed, written.Slice((int)(b * bitmap), (int)bitmap), add);
    }

    /// <summary>A block of elements, in pages when it is large.</summary>
    private void Block(long address, long length, long first, long needed, ReadOnlySpan<byte> written, Hdf5Element add)
    {
        file.Visit();
        if (address == Hdf5File.Undefined || first >= needed) return;
        new Hdf5Bytes(file.Block(address, BlockStart), file.Path, address).Expect("EADB"u8);
        var (at, end) = (address + BlockStart + _offsetBytes, Math.Min(needed, first + length));
        if (length <= _page)
        {
            Hdf5FixedArray.Elements(file, at, _size, first, end, add);
            return;
        }

        at += ChecksumBytes;
        for (var p = 0L; p < length / _page && first + p * _page < end; p++, at += _page * _size + ChecksumBytes)
            if (written.IsEmpty || Hdf5FixedArray.IsWritten(written, p))
                Hdf5FixedArray.Elements(file, at, _size, first + p * _page, Math.Min(end, first + (p + 1) * _page), add);
    }
}
