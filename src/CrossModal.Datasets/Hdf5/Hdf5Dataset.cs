using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>An array in an HDF5 file; its first axis is time.</summary>
internal sealed class Hdf5Dataset
{
    private const int MostAxes = 8;
    private readonly Hdf5File _file;
    private readonly string _name;
    private readonly Hdf5Filters _filters;
    private readonly byte[]? _compact;
    private readonly long _address = Hdf5File.Undefined;
    private readonly int[]? _chunk;
    private readonly List<Hdf5Chunk> _chunks = [];

    /// <summary>Reads the description of a data set.</summary>
    /// <exception cref="FileFormatException">It is damaged, or of a form that is not read.</exception>
    public Hdf5Dataset(Hdf5Object header, string name)
    {
        (_file, _name) = (header.File, name);
        var type = new Hdf5Bytes(header.Message(3) ?? throw Damaged("has no type"), _file.Path, 0);
        Type = Hdf5Type.Read(ref type);
        (Shape, var most) = ReadShape(new Hdf5Bytes(header.Message(1) ?? throw Damaged("has no shape"), _file.Path, 0));
        _filters = new Hdf5Filters(_file, header.Message(11));
        var layout = new Hdf5Bytes(header.Message(8)!, _file.Path, 0);
        var (version, kind) = (layout.Byte(), layout.Byte());
        if (version is not (3 or 4)) throw new FileFormatException(
            _file.Path, $"'{name}' is stored in layout version {version}, which is not read; write it again with h5repack");
        switch (kind)
        {
            case 0:
                _compact = layout.Take(layout.Whole(2)).ToArray();
                break;
            case 1:
                _address = layout.Address();
                break;
            case 2 when version == 3:
                var rank = layout.Byte() - 1;
                var tree = layout.Address();
                _chunk = ReadChunk(ref layout, rank, 4);
                _chunks = Hdf5Chunks.Read(_file, tree, rank);
                break;
            case 2:
                var flags = layout.Byte();
                var axes = layout.Byte() - 1;
                var extentBytes = layout.Byte();
                _chunk = ReadChunk(ref layout, axes, extentBytes);
                layout.Skip(extentBytes);
                _chunks = Indexed(ref layout, flags, most);
                break;
            default:
                throw new FileFormatException(
                    _file.Path, $"'{name}' is stored in layout {kind}, such as one of several files, which is not read; write it again with h5repack");
        }
    }

    /// <summary>The type of its values.</summary>
    public Hdf5Type Type { get; }

    /// <summary>Its extents.</summary>
    public long[] Shape { get; }

    /// <summary>Steps along the first axis; 0 for a single value.</summary>
    public long Rows => Shape.Length == 0 ? 0 : Shape[0];

    /// <summary>Values of a step.</summary>
    public long Width => Shape.Skip(1).Aggregate(1L, Product);

    /// <summary>How many steps are best read at once, so that no chunk is unpacked twice.</summary>
    public int RowsAtOnce => _chunk is { Length: > 0 } ? _chunk[0] : 1;

    /// <summary>Reads numbers of some steps, <c>[count, Width]</c>; those of 64 bits are rounded to 32.</summary>
    /// <exception cref="FileFormatException">The data are damaged, or no numbers.</exception>
    public float[] Singles(long first, long count)
    {
        if (!Type.IsNumeric) throw new FileFormatException(_file.Path, $"'{_name}' holds no numbers");
        var bytes = Bytes(first, count);
        var values = new float[bytes.Length / Type.Size];
        Type.ToSingles(bytes, values);
        return values;
    }

    /// <summary>Reads all texts.</summary>
    /// <exception cref="FileFormatException">The data are damaged, or no texts.</exception>
    public string[] Texts() => Type.Kind == Hdf5Kind.FixedText
        ? [.. Bytes(0, Rows).Chunk(Type.Size).Select(text => Encoding.UTF8.GetString(text).TrimEnd('\0', ' '))]
        : throw new FileFormatException(_file.Path, $"'{_name}' holds no texts");

    /// <summary>Reads some steps as they are stored, <c>count · Width</c> values.</summary>
    /// <exception cref="FileFormatException">The data are damaged.</exception>
    public byte[] Bytes(long first, long count)
    {
        if (first < 0 || count < 0 || first > Rows - count)
            throw new FileFormatException(_file.Path, $"'{_name}' has {Rows} steps, not {first + count}");
        var row = Product(Width, Type.Size);
        var bytes = new byte[ByteLimit.Check(Product(row, count), _file.Length, _file.Path, $"'{_name}'")];
        if (_compact is not null)
        {
            if ((first + count) * row > _compact.Length) throw Damaged("is cut short");
            _compact.AsSpan((int)(first * row), bytes.Length).CopyTo(bytes);
        }
        else if (_chunk is not null) FromChunks(bytes, first, count);
        else if (_address != Hdf5File.Undefined) bytes = _file.Block(_address + first * row, bytes.Length);
        return bytes;
    }

    private void FromChunks(byte[] bytes, long first, long count)
    {
        var length = (int)_chunk!.Aggregate((long)Type.Size, Product);
        foreach (var chunk in _chunks)
        {
            if (chunk.Offset[0] >= first + count || chunk.Offset[0] + _chunk![0] <= first) continue;
            var stored = _file.Block(chunk.Address, chunk.Bytes);
            Place(_filters.Undo(stored, chunk.Skipped, length, Type.Size), chunk.Offset, bytes, first, count);
        }
    }

    /// <summary>Copies the runs of a chunk along the last axis to where they belong.</summary>
    private void Place(byte[] chunk, long[] offset, byte[] bytes, long first, long count)
    {
        var rank = Shape.Length;
        for (var d = 0; d < rank; d++)
            if (offset[d] < 0 || offset[d] >= Shape[d]) return;
        var run = (int)Math.Min(_chunk![^1], Shape[^1] - offset[^1]);
        if (rank == 1)
        {
            var (from, to) = (Math.Max(first, offset[0]), Math.Min(first + count, offset[0] + run));
            if (to > from) chunk.AsSpan((int)(from - offset[0]) * Type.Size, (int)(to - from) * Type.Size)
                .CopyTo(bytes.AsSpan((int)(from - first) * Type.Size));
            return;
        }

        var index = new int[rank - 1];
        while (true)
        {
            var (source, target, inside) = (0L, 0L, true);
            for (var d = 0; d < rank - 1; d++)
            {
                var at = offset[d] + index[d];
                inside &= d == 0 ? at >= first && at < first + count : at < Shape[d];
                source = source * _chunk[d] + index[d];
                target = target * (d == 0 ? count : Shape[d]) + at - (d == 0 ? first : 0);
            }

            if (inside)
                chunk.AsSpan((int)(source * _chunk[^1] * Type.Size), run * Type.Size)
                    .CopyTo(bytes.AsSpan((int)((target * Shape[^1] + offset[^1]) * Type.Size)));
            var axis = rank - 2;
            while (axis >= 0 && ++index[axis] == _chunk[axis]) index[axis--] = 0;
            if (axis < 0) return;
        }
    }

    private int[] ReadChunk(ref Hdf5Bytes layout, int rank, int bytes)
    {
        if (rank != Shape.Length) throw Damaged($"has chunks of {rank} axes, and {Shape.Length} itself");
        if (bytes is < 1 or > 8) throw Damaged($"has extents of chunks in {bytes} bytes");
        var chunk = new int[rank];
        for (var d = 0; d < rank; d++)
            chunk[d] = layout.Whole(bytes) is >= 0 and <= int.MaxValue and var extent ? (int)extent : int.MaxValue;
        ByteLimit.Check(chunk.Aggregate((long)Type.Size, Product), _file.Length, _file.Path, $"a chunk of '{_name}'");
        return chunk.Contains(0) ? throw Damaged("has chunks without extent") : chunk;
    }

    /// <summary>The chunks by an index of the latest version.</summary>
    private List<Hdf5Chunk> Indexed(ref Hdf5Bytes layout, int flags, long[] most)
    {
        const int PlainEdges = 1, PackedAlone = 2;
        var kind = layout.Byte();
        var bytes = _chunk!.Aggregate((long)Type.Size, Product);
        var alone = (flags & PackedAlone) != 0 && kind == 1 ? (layout.Address(), layout.Whole(4)) : (bytes, 0L);
        layout.Skip(kind switch { 3 => 1, 4 => 5, 5 => 6, _ => 0 });
        var index = new Hdf5ChunkIndex(_file, Shape, most, _chunk!, bytes) { PlainEdges = (flags & PlainEdges) != 0 };
        return index.Read(kind, alone, layout.Address())
            ?? throw new FileFormatException(_file.Path,
                $"'{_name}' has a chunk index of kind {kind}, which is not read; write it again with h5repack");
    }

    private (long[] Shape, long[] Most) ReadShape(Hdf5Bytes space)
    {
        var (version, rank) = (space.Byte(), space.Byte());
        if (version is < 1 or > 2 || rank > MostAxes) throw Damaged($"has a shape of version {version} with {rank} axes");
        var limited = (space.Byte() & 1) != 0;
        space.Skip(version == 1 ? 5 : 1);
        var shape = new long[rank];
        for (var d = 0; d < rank; d++)
            if ((shape[d] = space.Address()) < 0) throw Damaged("has a negative extent");
        var most = shape.ToArray();
        for (var d = 0; limited && d < rank; d++) most[d] = space.Address();
        return (shape, most);
    }

    // Products of extents that a damaged file makes huge stay huge.
    private static long Product(long a, long b) => a != 0 && b > long.MaxValue / 2 / a ? long.MaxValue / 2 : a * b;

    private static long Product(long a, int b) => Product(a, (long)b);

    private FileFormatException Damaged(string what) => new(_file.Path, $"is damaged: '{_name}' {what}");
}
