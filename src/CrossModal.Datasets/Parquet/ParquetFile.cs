using System.Buffers.Binary;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Reads tables of Apache Parquet (https://parquet.apache.org/docs/file-format), a column of some rows at a time.</summary>
/// <remarks>Columns of numbers, text and bytes, plain, in structs, or in lists of one level; lists of lists are given flat.</remarks>
internal sealed class ParquetFile : IDisposable
{
    private const int TailBytes = 8;

    // Episodes of one row group are read one after the other, their action, state and time in turn: what was decoded last is kept.
    private const int MostKept = 3;
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly List<(CompactStruct Group, long First, long Rows)> _groups = [];
    private readonly Queue<(CompactStruct Group, int Leaf, ParquetColumn Column)> _kept = new();

    /// <summary>Opens a file and reads its description.</summary>
    /// <exception cref="FileFormatException">It is no Parquet file, or damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ParquetFile(string path)
    {
        _path = path;
        _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            var footer = Footer();
            Leaves = ParquetLeaf.OfSchema(footer.List<CompactStruct>(2), path);
            foreach (var group in footer.List<CompactStruct>(4))
            {
                var rows = group.Whole(3);
                if (rows < 0 || rows > int.MaxValue - Rows) throw new FileFormatException(
                    path, $"the description of the table is damaged: a group of {rows} rows");
                if (group.List<CompactStruct>(1).Count != Leaves.Count)
                    throw new FileFormatException(path, "the description of the table is damaged: a group lacks columns");
                _groups.Add((group, Rows, rows));
                Rows += rows;
            }
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>Columns in their order.</summary>
    public IReadOnlyList<ParquetLeaf> Leaves { get; }

    /// <summary>Number of rows.</summary>
    public long Rows { get; }

    /// <summary>The column of a field, or of a field of a struct: the first whose path begins with the names.</summary>
    /// <returns>Null when there is none.</returns>
    public ParquetLeaf? Find(params string[] names) => Leaves.FirstOrDefault(l => l.Path.AsSpan().StartsWith(names));

    /// <summary>The column of a field that must be there.</summary>
    /// <exception cref="FileFormatException">It is not.</exception>
    public ParquetLeaf Require(params string[] names) =>
        Find(names) ?? throw new FileFormatException(_path, $"has no column {FileFormatException.Quote(string.Join('.', names))}");

    /// <summary>Reads a column.</summary>
    /// <exception cref="FileFormatException">It is damaged.</exception>
    public ParquetColumn Read(ParquetLeaf leaf) => Read(leaf, 0, Rows);

    /// <summary>Reads some rows of a column; only the row groups that hold them are decoded.</summary>
    /// <exception cref="FileFormatException">The column is damaged, or has no such rows.</exception>
    public ParquetColumn Read(ParquetLeaf leaf, long first, long count)
    {
        if (first < 0 || count < 0 || first > Rows - count) throw new FileFormatException(_path, $"has {Rows} rows, not {first + count}");
        var parts = new List<ParquetColumn>();
        foreach (var (group, start, rows) in _groups)
        {
            if (rows == 0 || start + rows <= first || start >= first + count) continue;
            var whole = Read(leaf, group, rows);
            parts.Add(Slice(whole, (int)Math.Max(0, first - start), (int)Math.Min(rows, first + count - start)));
        }

        return parts.Count == 1 ? parts[0] : Join(parts);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private ParquetColumn Read(ParquetLeaf leaf, CompactStruct group, long rows)
    {
        foreach (var kept in _kept)
            if (kept.Group == group && kept.Leaf == leaf.Index) return kept.Column;
        var column = group.List<CompactStruct>(1)[leaf.Index].Struct(3);
        var (data, dictionary, length) = (column.Whole(9), column.Whole(11, 0), column.Whole(7));
        var start = dictionary > 0 && dictionary < data ? dictionary : data;
        if (start < 0 || length < 0 || start > _stream.Length - length)
            throw new FileFormatException(_path, $"the column '{leaf.Path[0]}' runs past the end of the file");
        var chunk = new byte[ByteLimit.Check(length, _stream.Length, _path, $"the column '{leaf.Path[0]}'")];
        _stream.Position = start;
        _stream.ReadExactly(chunk);
        var read = new PageReader(leaf, column.Whole(4), _path, _stream.Length).Read(chunk, start, column.Whole(5), rows);
        if (_kept.Count == MostKept) _kept.Dequeue();
        _kept.Enqueue((group, leaf.Index, read));
        return read;
    }

    private CompactStruct Footer()
    {
        Span<byte> tail = stackalloc byte[TailBytes];
        Span<byte> head = stackalloc byte[4];
        if (_stream.Length < TailBytes + 4) throw new FileFormatException(_path, $"is no Parquet file: it has {_stream.Length} bytes");
        _stream.ReadExactly(head);
        _stream.Position = _stream.Length - TailBytes;
        _stream.ReadExactly(tail);
        if (!head.SequenceEqual("PAR1"u8) || !tail[4..].SequenceEqual("PAR1"u8))
            throw new FileFormatException(_path, head.StartsWith("vers"u8)
                ? "is a Git LFS pointer, not the file itself: download it (git lfs pull)"
                : "is no Parquet file, or was cut short: it does not begin and end with PAR1");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length > _stream.Length - TailBytes - 4)
            throw new FileFormatException(_path, $"its description of {length} bytes is longer than the file");
        var bytes = new byte[length];
        _stream.Position = _stream.Length - TailBytes - length;
        _stream.ReadExactly(bytes);
        return new CompactReader(bytes, _path, _stream.Length - TailBytes - length).ReadStruct();
    }

    private static ParquetColumn Slice(ParquetColumn whole, int from, int to)
    {
        if (from == 0 && to == whole.Rows) return whole;
        var (first, last) = (whole.Starts[from], whole.Starts[to]);
        return new ParquetColumn(
            [.. whole.Starts[from..(to + 1)].Select(s => s - first)], whole.Numbers.Length > 0 ? whole.Numbers[first..last]
                : [], whole.Bytes.Length > 0 ? whole.Bytes[first..last] : []);
    }

    private static ParquetColumn Join(List<ParquetColumn> parts)
    {
        var starts = new List<int>();
        var values = 0;
        foreach (var part in parts)
        {
            foreach (var start in part.Starts.AsSpan(..^1)) starts.Add(values + start);
            values += part.Starts[^1];
        }

        starts.Add(values);
        return new ParquetColumn([.. starts], [.. parts.SelectMany(p => p.Numbers)], [.. parts.SelectMany(p => p.Bytes)]);
    }
}
