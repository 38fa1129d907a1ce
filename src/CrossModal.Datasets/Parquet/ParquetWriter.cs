using System.Buffers.Binary;
using System.Text;

namespace CrossModal.Datasets;

/// <summary>Writes a table as Apache Parquet: uncompressed, PLAIN, one page a column and row group, every field nullable and none null, as
/// Arrow writes lists and texts.</summary>
/// <param name="stream">Where to; its position is the file's beginning.</param>
/// <param name="fields">The columns.</param>
internal sealed class ParquetWriter(Stream stream, IReadOnlyList<ParquetField> fields)
{
    private const int Optional = 1;
    private const int Repeated = 2;
    private const int Utf8 = 0;
    private const int ListOf = 3;
    private const int Rle = 3;
    private readonly List<(List<Chunk> Chunks, long Rows)> _groups = [];
    private long _at;

    private sealed record Chunk(string[] Path, ParquetType Type, long Values, long Start, long Bytes);

    /// <summary>Writes rows as a row group.</summary>
    /// <param name="columns">An array for each field, of the kind that <see cref="ParquetKind"/> says.</param>
    public void Write(IReadOnlyList<Array> columns)
    {
        if (_at == 0) Append("PAR1"u8);
        var chunks = new List<Chunk>();
        foreach (var (field, column) in fields.Zip(columns))
        {
            switch (column)
            {
                case long[] numbers:
                    chunks.Add(Flat(field, field.Paths[0], 1, numbers.Length, w =>
                        Each(w, numbers, 8, BinaryPrimitives.WriteInt64LittleEndian)));
                    break;
                case float[] numbers:
                    chunks.Add(Flat(field, field.Paths[0], 1, numbers.Length, w =>
                        Each(w, numbers, 4, BinaryPrimitives.WriteSingleLittleEndian)));
                    break;
                case string[] texts:
                    chunks.Add(Flat(field, field.Paths[0], 1, texts.Length, w => Texts(w, texts)));
                    break;
                case float[][] lists:
                    chunks.Add(Lists(field, lists, (w, list) => Each(w, list, 4, BinaryPrimitives.WriteSingleLittleEndian)));
                    break;
                case double[][] lists:
                    chunks.Add(Lists(field, lists, (w, list) => Each(w, list, 8, BinaryPrimitives.WriteDoubleLittleEndian)));
                    break;
                case string[][] lists:
                    chunks.Add(Lists(field, lists, Texts));
                    break;
                case (byte[] Bytes, string Path)[] pictures:
                    chunks.Add(Flat(field, field.Paths[0], 2, pictures.Length, w => Array.ForEach(pictures, p => Bytes(w, p.Bytes))));
                    chunks.Add(Flat(field, field.Paths[1], 2, pictures.Length, w =>
                        Array.ForEach(pictures, p => Bytes(w, Encoding.UTF8.GetBytes(p.Path)))));
                    break;
                default:
                    throw new ArgumentException($"ParquetWriter: a column of {column.GetType().Name}", nameof(columns));
            }
        }

        _groups.Add((chunks, columns[0].Length));
    }

    /// <summary>Ends the file.</summary>
    /// <param name="metadata">Texts by key, such as <c>pandas</c>.</param>
    public void Finish(params IReadOnlyList<(string Key, string Value)> metadata)
    {
        if (_at == 0) Append("PAR1"u8);
        var footer = new CompactWriter().Int32(1, 1).Structs(2, Schema(), (w, write) => write(w)).Int64(3, _groups.Sum(g => g.Rows))
            .Structs(4, _groups, (w, group) => w.Structs(1, group.Chunks, Describe).Int64(2, group.Chunks.Sum(c => c.Bytes))
                .Int64(3, group.Rows))
            .Structs(5, metadata, (w, pair) => w.Text(1, pair.Key).Text(2, pair.Value)).Text(6, "crossmodal").End().ToArray();
        Append(footer);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        Append(length);
        Append("PAR1"u8);
    }

    private static void Describe(CompactWriter writer, Chunk chunk) => writer.Int64(2, chunk.Start).Struct(3, w =>
        w.Int32(1, (int)chunk.Type).Int32s(2, [0, Rle]).Texts(3, chunk.Path).Int32(4, 0).Int64(5, chunk.Values).Int64(6, chunk.Bytes)
            .Int64(7, chunk.Bytes).Int64(9, chunk.Start));

    private List<Action<CompactWriter>> Schema()
    {
        List<Action<CompactWriter>> elements = [w => w.Text(4, "schema").Int32(5, fields.Count)];
        foreach (var field in fields)
        {
            if (field.Kind == ParquetKind.Picture)
            {
                elements.Add(w => w.Int32(3, Optional).Text(4, field.Name).Int32(5, 2));
                elements.Add(w => w.Int32(1, (int)field.Type).Int32(3, Optional).Text(4, "bytes"));
                elements.Add(w => w.Int32(1, (int)field.Type).Int32(3, Optional).Text(4, "path").Int32(6, Utf8));
                continue;
            }

            if (field.IsList)
            {
                elements.Add(w => w.Int32(3, Optional).Text(4, field.Name).Int32(5, 1).Int32(6, ListOf));
                elements.Add(w => w.Int32(3, Repeated).Text(4, "list").Int32(5, 1));
            }

            elements.Add(w =>
            {
                w.Int32(1, (int)field.Type).Int32(3, Optional).Text(4, field.IsList ? "element" : field.Name);
                if (field.Type == ParquetType.ByteArray) w.Int32(6, Utf8);
            });
        }

        return elements;
    }

    private Chunk Flat(ParquetField field, string[] path, int definition, int rows, Action<MemoryStream> write)
    {
        using var page = new MemoryStream();
        Level(page, [(rows, definition)]);
        write(page);
        return Page(field, path, rows, page);
    }

    private Chunk Lists<T>(ParquetField field, T[][] rows, Action<MemoryStream, T[]> write)
    {
        // A list that holds nothing is there (level 1) without an element (level 3).
        const int Empty = 1;
        const int Element = 3;
        using var page = new MemoryStream();
        Level(page, rows.SelectMany(row => ((int, int)[])[(1, 0), (row.Length - 1, 1)]));
        Level(page, rows.Select(row => row.Length == 0 ? (1, Empty) : (row.Length, Element)));
        foreach (var row in rows) write(page, row);
        return Page(field, field.Paths[0], rows.Sum(row => Math.Max(1, (long)row.Length)), page);
    }

    private Chunk Page(ParquetField field, string[] path, long values, MemoryStream page)
    {
        var start = _at;
        var head = new CompactWriter().Int32(1, 0).Int32(2, (int)page.Length).Int32(3, (int)page.Length)
            .Struct(5, w => w.Int32(1, (int)values).Int32(2, 0).Int32(3, Rle).Int32(4, Rle)).End().ToArray();
        Append(head);
        Append(page.GetBuffer().AsSpan(0, (int)page.Length));
        return new Chunk(path, field.Type, values, start, _at - start);
    }

    /// <summary>Levels of at most two bits as runs, after their length in bytes.</summary>
    private static void Level(MemoryStream page, IEnumerable<(int Count, int Level)> runs)
    {
        var start = page.Position;
        page.Write([0, 0, 0, 0]);
        var (count, level) = (0L, 0);
        foreach (var run in runs.Where(r => r.Count > 0))
        {
            if (run.Level != level && count > 0) Flush();
            (count, level) = (count + run.Count, run.Level);
        }

        if (count > 0) Flush();
        var length = (int)(page.Position - start - 4);
        BinaryPrimitives.WriteInt32LittleEndian(page.GetBuffer().AsSpan((int)start), length);

        void Flush()
        {
            var head = (ulong)count << 1;
            for (; head >= 128; head >>= 7) page.WriteByte((byte)(head & 127 | 128));
            page.WriteByte((byte)head);
            page.WriteByte((byte)level);
            count = 0;
        }
    }

    private delegate void WriteNumber<in T>(Span<byte> to, T value);

    private static void Each<T>(MemoryStream page, T[] values, int width, WriteNumber<T> write)
    {
        Span<byte> one = stackalloc byte[8];
        foreach (var value in values)
        {
            write(one, value);
            page.Write(one[..width]);
        }
    }

    private static void Texts(MemoryStream page, string[] texts)
    {
        foreach (var text in texts) Bytes(page, Encoding.UTF8.GetBytes(text));
    }

    private static void Bytes(MemoryStream page, byte[] bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        page.Write(length);
        page.Write(bytes);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _at += bytes.Length;
    }
}
