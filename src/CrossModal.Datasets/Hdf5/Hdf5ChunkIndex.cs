namespace CrossModal.Datasets;

/// <summary>Finds the chunks of a data set by the indexes of HDF5's latest version: one chunk, chunks side by side, fixed array, extensible
/// array, version 2 B-tree.</summary>
/// <param name="file">The file.</param>
/// <param name="shape">Extents of the data set.</param>
/// <param name="most">The largest extents it may get; those without a limit are below 0.</param>
/// <param name="chunk">Extents of a chunk.</param>
/// <param name="chunkBytes">Bytes of an unpacked chunk.</param>
internal sealed class Hdf5ChunkIndex(Hdf5File file, long[] shape, long[] most, int[] chunk, long chunkBytes)
{
    private const int AddressBytes = 8;
    private const int MaskBytes = 4;
    private readonly List<Hdf5Chunk> _chunks = [];

    /// <summary>Whether chunks that reach beyond the data set were stored without filters.</summary>
    public bool PlainEdges { get; init; }

    /// <summary>All chunks.</summary>
    /// <param name="kind">The kind of index.</param>
    /// <param name="alone">Bytes and skipped filters of the only chunk, where that is packed.</param>
    /// <param name="root">Where the index begins.</param>
    /// <returns>Null for a kind that is not known.</returns>
    /// <exception cref="Engine.Formats.FileFormatException">The index is damaged.</exception>
    public List<Hdf5Chunk>? Read(int kind, (long Bytes, long Skipped) alone, long root)
    {
        if (kind is < 1 or > 5) return null;
        if (root == Hdf5File.Undefined) return _chunks;
        var axes = Enumerable.Range(0, shape.Length).ToArray();
        switch (kind)
        {
            case 1:
                _chunks.Add(new Hdf5Chunk(new long[shape.Length], root, alone.Bytes, alone.Skipped));
                break;
            case 2:
                for (var i = 0L; i < Count(axes); i++) Add(i, axes, root + i * chunkBytes, chunkBytes, 0);
                break;
            case 3:
                new Hdf5FixedArray(file).Read(root, Count(axes), (i, element) => Add(i, axes, element));
                break;
            case 4:
                // The axis without a limit varies slowest.
                var open = Math.Max(0, Array.FindIndex(most, m => m < 0));
                int[] ordered = [open, .. axes.Where(d => d != open)];
                new Hdf5ExtensibleArray(file).Read(root, Count(ordered), (i, element) => Add(i, ordered, element));
                break;
            default:
                Hdf5Tree.Read(file, root, OfRecord);
                break;
        }

        return _chunks;
    }

    private long Along(int axis) => ((most[axis] < 0 ? shape[axis] : most[axis]) + chunk[axis] - 1) / chunk[axis];

    private long Count(int[] axes)
    {
        // A product of extents that a damaged file makes huge stays huge; there are no more chunks than bytes.
        var count = axes.Length == 0 ? 1 : (shape[axes[0]] + chunk[axes[0]] - 1) / chunk[axes[0]];
        foreach (var axis in axes.Skip(1)) count = count != 0 && Along(axis) > long.MaxValue / count ? long.MaxValue : count * Along(axis);
        return count <= file.Length ? count : throw file.Damaged($"{count} chunks are listed in {file.Length} bytes");
    }

    private void OfRecord(ReadOnlySpan<byte> record)
    {
        var bytes = new Hdf5Bytes(record, file.Path, 0);
        var address = bytes.Address();
        var packed = record.Length - AddressBytes * (1 + shape.Length);
        var (size, skipped) = packed == 0 ? (chunkBytes, 0)
            : packed is > MaskBytes and <= MaskBytes + 8 ? (bytes.Whole(packed - MaskBytes), bytes.Whole(MaskBytes))
            : throw file.Damaged($"a chunk is described in {record.Length} bytes");
        var offset = new long[shape.Length];
        for (var d = 0; d < offset.Length; d++) offset[d] = unchecked(bytes.Address() * chunk[d]);
        Add(offset, address, size, skipped);
    }

    private void Add(long index, int[] axes, ReadOnlySpan<byte> element)
    {
        var bytes = new Hdf5Bytes(element, file.Path, 0);
        var address = bytes.Address();
        if (address == Hdf5File.Undefined) return;
        if (element.Length == AddressBytes) Add(index, axes, address, chunkBytes, 0);
        else if (element.Length is > AddressBytes + MaskBytes and <= AddressBytes + MaskBytes + 8)
            Add(index, axes, address, bytes.Whole(element.Length - AddressBytes - MaskBytes), bytes.Whole(MaskBytes));
        else throw file.Damaged($"a chunk is described in {element.Length} bytes");
    }

    private void Add(long index, int[] axes, long address, long size, long skipped)
    {
        var offset = new long[shape.Length];
        for (var i = axes.Length - 1; i > 0; i--)
        {
            offset[axes[i]] = index % Along(axes[i]) * chunk[axes[i]];
            index /= Along(axes[i]);
        }

        if (axes.Length > 0) offset[axes[0]] = index * chunk[axes[0]];
        Add(offset, address, size, skipped);
    }

    private void Add(long[] offset, long address, long size, long skipped)
    {
        file.Visit();
        var plain = PlainEdges && Enumerable.Range(0, offset.Length).Any(d => offset[d] + chunk[d] > shape[d]);
        _chunks.Add(new Hdf5Chunk(offset, address, size, plain ? -1 : skipped));
    }
}
