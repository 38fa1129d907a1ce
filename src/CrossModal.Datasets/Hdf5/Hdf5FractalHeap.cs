using System.Numerics;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Reads objects of a fractal heap: links of large groups, attributes of which there are many.</summary>
internal sealed class Hdf5FractalHeap
{
    private const int HeaderBytes = 142;
    private const int MostLevels = 16;
    private const int LongestObject = 1 << 16;
    private readonly Hdf5File _file;
    private readonly int _offsetBytes;
    private readonly int _lengthBytes;
    private readonly int _width;
    private readonly long _least;
    private readonly int _directRows;
    private readonly long _root;
    private readonly int _rows;

    /// <summary>Reads the heap's header.</summary>
    /// <exception cref="FileFormatException">It is damaged, or of a form that is not read.</exception>
    public Hdf5FractalHeap(Hdf5File file, long address)
    {
        _file = file;
        file.Visit();
        var head = new Hdf5Bytes(file.Block(address, HeaderBytes), file.Path, address);
        head.Expect("FRHP"u8);
        head.Skip(3);
        if (head.Whole(2) != 0) throw new FileFormatException(
            file.Path, "keeps the members of a group compressed, which is not read; write it again with h5repack");
        head.Skip(1);
        var largest = head.Whole(4);
        head.Skip(96);
        _width = (int)head.Whole(2);
        (_least, var most) = (head.Address(), head.Address());
        var bits = (int)head.Whole(2);
        head.Skip(2);
        (_root, _rows) = (head.Address(), (int)head.Whole(2));
        var grows = _width > 0 && _least > 0 && most >= _least && BitOperations.IsPow2(_least) && BitOperations.IsPow2(most);
        if (!grows || bits is 0 or > 62)
            throw file.Damaged($"a heap grows by no powers of two, at byte {address}");
        _offsetBytes = (bits + 7) / 8;
        _lengthBytes = Math.Min((BitOperations.Log2((ulong)most) + 7) / 8, (BitOperations.Log2((ulong)Math.Max(1, largest)) + 7) / 8);
        _directRows = BitOperations.Log2((ulong)(most / _least)) + 2;
    }

    /// <summary>The object that an identifier names.</summary>
    /// <exception cref="FileFormatException">It is not there, or kept in a way that is not read.</exception>
    public byte[] Object(ReadOnlySpan<byte> identifier)
    {
        var bytes = new Hdf5Bytes(identifier, _file.Path, 0);
        var kind = bytes.Byte();
        if ((kind & 0x30) != 0) throw new FileFormatException(
            _file.Path, "keeps a very long name or attribute apart, which is not read; write it again with h5py's libver='earliest'");
        var (offset, length) = (bytes.Whole(_offsetBytes), bytes.Whole(_lengthBytes));
        if (length > LongestObject) throw _file.Damaged($"a heap holds an object of {length} bytes");
        return _file.Block(_rows == 0 ? _root + offset : Find(_root, _rows, 0, offset, 0), length);
    }

    /// <summary>Where in the file a place of the heap lies.</summary>
    private long Find(long block, int rows, long begin, long offset, int depth)
    {
        _file.Visit();
        if (depth > MostLevels) throw _file.Damaged($"a heap's blocks hold each other, at byte {block}");
        var at = block + 13 + _offsetBytes;
        for (var row = 0; row < rows; row++)
        {
            var size = row == 0 ? _least : row < 62 - BitOperations.Log2((ulong)_least) ? _least << (row - 1) : long.MaxValue / 2 / _width;
            if (offset - begin >= size * _width)
            {
                begin += size * _width;
                continue;
            }

            var column = (offset - begin) / size;
            var child = new Hdf5Bytes(_file.Block(at + 8 * (row * (long)_width + column), 8), _file.Path, at).Address();
            begin += column * size;
            return row < _directRows ? child + (offset - begin)
                : Find(child, BitOperations.Log2((ulong)size) - BitOperations.Log2((ulong)(_least * _width)) + 1, begin, offset, depth + 1);
        }

        throw _file.Damaged($"a heap has nothing at its byte {offset}");
    }
}
