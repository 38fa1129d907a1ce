using CrossModal.Engine.Formats;
using ParquetSharp;

namespace CrossModal.Datasets.Tests.Parquet;

/// <summary>Tables as Arrow C++ writes and reads them.</summary>
public sealed class ParquetFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Compression.Uncompressed)]
    [InlineData(Compression.Snappy)]
    [InlineData(Compression.Gzip)]
    [InlineData(Compression.Zstd)]
    [InlineData(Compression.Brotli)]
    [InlineData(Compression.Lz4)]
    public void A_table_of_Arrow_is_read_exactly_under_every_compression(Compression compression)
    {
        var lists = Enumerable.Range(0, 5000).Select(i =>
            i % 7 == 3 ? [] : Enumerable.Range(0, i % 5).Select(j => (float?)(i % 11 == 0 && j == 1 ? null : MathF.Sin(i * 0.1f + j)))
            .ToArray()).ToArray();
        var numbers = Enumerable.Range(0, 5000).Select(i => (long)(i / 100)).ToArray();
        var texts = Enumerable.Range(0, 5000).Select(i => i % 3 == 0 ? null : $"put {i % 4} on the plate 盘子").ToArray();
        var path = _folder["a.parquet"];
        using (var properties = new WriterPropertiesBuilder().Compression(compression).DataPagesize(4096).Build())
        using (var writer = new ParquetFileWriter(path,
            [new Column<float?[]>("action"), new Column<long>("episode_index"), new Column<string?>("task")], properties))
        {
            for (var half = 0; half < 2; half++)
            {
                using var group = writer.AppendRowGroup();
                using (var column = group.NextColumn().LogicalWriter<float?[]>())
                    column.WriteBatch(lists[(half * 2500)..(half * 2500 + 2500)]);
                using (var column = group.NextColumn().LogicalWriter<long>())
                    column.WriteBatch(numbers[(half * 2500)..(half * 2500 + 2500)]);
                using (var column = group.NextColumn().LogicalWriter<string?>())
                    column.WriteBatch(texts[(half * 2500)..(half * 2500 + 2500)]);
            }

            writer.Close();
        }

        using var file = new ParquetFile(path);
        Assert.Equal(5000, file.Rows);
        var (action, index, task) = (file.Read(file.Require("action")), file.Read(file.Require("episode_index")),
            file.Read(file.Require("task")));
        for (var i = 0; i < 5000; i++)
        {
            Assert.Equal(lists[i].Select(v => v ?? double.NaN), action.Row(i).ToArray());
            Assert.Equal([numbers[i]], index.Row(i).ToArray());
            Assert.Equal(texts[i], task.FirstBytes(i) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null);
        }

        // Rows across the border of two groups.
        var some = file.Read(file.Require("action"), 2490, 20);
        Assert.Equal(20, some.Rows);
        for (var i = 0; i < 20; i++) Assert.Equal(action.Row(2490 + i).ToArray(), some.Row(i).ToArray());
        Assert.Contains("has 5000 rows, not 5001", Assert.Throws<FileFormatException>(() => file.Read(file.Require("action"), 4999, 2))
            .Message);
    }

    [Fact]
    public void Arrow_reads_what_is_written()
    {
        float[][] lists = [[1, 2, 3], [], [4, float.MinValue], [5]];
        string[][] tasks = [["a"], ["b", "c 中"], [], ["d"]];
        var path = _folder["b.parquet"];
        using (var stream = File.Create(path))
        {
            var writer = new ParquetWriter(stream,
                [new("action", ParquetKind.Floats), new("index", ParquetKind.Int64), new("tasks", ParquetKind.Texts),
                    new("time", ParquetKind.Float), new("task", ParquetKind.Text), new("image", ParquetKind.Picture)]);
            for (var half = 0; half < 2; half++)
            {
                var range = (2 * half)..(2 * half + 2);
                writer.Write([lists[range], new long[] { 10 + half, -half }, tasks[range], new[] { 0.5f, half }, new[] { "x", "y" },
                    new[] { (new byte[] { 1, 2 }, "p"), ([], "") }]);
            }

            writer.Finish(("pandas", "{}"));
        }

        using var reader = new ParquetFileReader(path);
        Assert.Equal(4, reader.FileMetaData.NumRows);
        Assert.Equal("{}", reader.FileMetaData.KeyValueMetadata["pandas"]);
        for (var half = 0; half < 2; half++)
        {
            using var group = reader.RowGroup(half);
            Assert.Equal(lists[(2 * half)..(2 * half + 2)], Read<float?[]>(group, 0).Select(l => l.Select(v => v!.Value).ToArray()));
            Assert.Equal([10 + half, -half], Read<long?>(group, 1));
            Assert.Equal(tasks[(2 * half)..(2 * half + 2)], Read<string[]>(group, 2));
            Assert.Equal([0.5f, half], Read<float?>(group, 3));
            Assert.Equal(["x", "y"], Read<string>(group, 4));
        }

        using var own = new ParquetFile(path);
        Assert.Equal([1, 2], own.Read(own.Require("image", "bytes")).FirstBytes(0));
        Assert.Equal("p", System.Text.Encoding.UTF8.GetString(own.Read(own.Require("image", "path")).FirstBytes(2)!));
        var read = own.Read(own.Require("action"));
        for (var i = 0; i < 4; i++) Assert.Equal(lists[i].Select(v => (double)v), read.Row(i).ToArray());

        static T[] Read<T>(RowGroupReader group, int column)
        {
            using var reader = group.Column(column).LogicalReader<T>();
            return reader.ReadAll(2);
        }
    }

    [RealDataFact]
    [Trait("Category", "Shared")]
    public void Every_number_and_text_of_real_tables_is_what_Arrow_reads()
    {
        var tables = Directory.GetFiles(RealData.Folder!, "*.parquet", SearchOption.AllDirectories);
        Assert.True(tables.Length >= 11, $"{tables.Length} tables");
        Assert.All(tables, SameAsArrow);
    }

    private static void SameAsArrow(string path)
    {
        using var own = new ParquetFile(path);
        using var reader = new ParquetFileReader(path);
        Assert.Equal(reader.FileMetaData.NumRows, own.Rows);
        var compared = 0;
        foreach (var leaf in own.Leaves)
        {
            var read = own.Read(leaf);
            using var group = reader.RowGroup(0);
            var rows = (int)group.MetaData.NumRows;
            if (reader.FileMetaData.NumRowGroups > 1) read = own.Read(leaf, 0, rows);
            using var column = group.Column(leaf.Index);
            var values = Flat(column, rows);
            if (values is null) continue;
            compared++;
            Assert.Equal(values.Count, read.Starts[rows]);
            for (var i = 0; i < values.Count; i++)
                if (values[i] is string text) Assert.Equal(text, System.Text.Encoding.UTF8.GetString(read.Bytes[i]!));
                else Assert.Equal(Convert.ToDouble(values[i] ?? double.NaN, null), read.Numbers[i]);
        }

        Assert.Equal(own.Leaves.Count, compared);

        static List<object?>? Flat(ColumnReader column, int rows)
        {
            using var logical = column.LogicalReader();
            var found = new List<object?>();
            Add(logical.Apply(new All(rows)));
            return found;

            void Add(object? value)
            {
                if (value is string or null || value.GetType().IsPrimitive) found.Add(value);
                else
                    foreach (var inner in (System.Collections.IEnumerable)value) Add(inner);
            }
        }
    }

    private sealed class All(int rows) : ILogicalColumnReaderVisitor<object>
    {
        public object OnLogicalColumnReader<TElement>(LogicalColumnReader<TElement> reader) => reader.ReadAll(rows);
    }
}
