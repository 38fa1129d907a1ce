using System.Diagnostics;
using System.Globalization;
using CrossModal.Datasets.Tests.Hdf5;
using CrossModal.Datasets.Tests.TfRecord;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using ParquetSharp;

namespace CrossModal.Datasets.Tests.Damage;

/// <summary>Files with bytes changed, repeated, removed and cut off: each is read or refused by one kind of exception, quickly, in bounded
/// memory.</summary>
/// <remarks><c>CROSSMODAL_MUTATIONS</c> says how many of each reader; 10,000 take about ten minutes.</remarks>
public sealed class MutationTests : IDisposable
{
    private const int Few = 150;
    private const long MostBytes = 64 << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly int Count = int.TryParse(
        Environment.GetEnvironmentVariable("CROSSMODAL_MUTATIONS"), CultureInfo.InvariantCulture, out var count) ? count : Few;
    private readonly TemporaryFolder _folder = new();
    private readonly RandomSource _random = new(18);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Own_folders()
    {
        Made.Folders(_folder["a"], 2, ["camera"]);
        Mutate(_folder["a"], Directory.GetFiles(_folder["a/episode_000"]));
    }

    [Fact]
    public void LeRobot()
    {
        Made.LeRobot(_folder["a"], 3);
        Mutate(_folder["a"], Directory.GetFiles(_folder["a"], "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(Compression.Uncompressed)]
    [InlineData(Compression.Snappy)]
    [InlineData(Compression.Gzip)]
    [InlineData(Compression.Zstd)]
    [InlineData(Compression.Brotli)]
    [InlineData(Compression.Lz4)]
    public void Parquet(Compression compression)
    {
        var path = _folder["a.parquet"];
        using (var properties = new WriterPropertiesBuilder().Compression(compression).DataPagesize(512).Build())
        using (var writer = new ParquetFileWriter(path,
            [new Column<float?[]>("action"), new Column<long>("index"), new Column<string?>("task")], properties))
        {
            using var group = writer.AppendRowGroup();
            var rows = Enumerable.Range(0, 400).ToArray();
            using (var column = group.NextColumn().LogicalWriter<float?[]>())
                column.WriteBatch([.. rows.Select(i => Enumerable.Range(0, i % 4).Select(j => (float?)(i + j)).ToArray())]);
            using (var column = group.NextColumn().LogicalWriter<long>()) column.WriteBatch([.. rows.Select(i => (long)i / 7)]);
            using (var column = group.NextColumn().LogicalWriter<string?>())
                column.WriteBatch([.. rows.Select(i => i % 5 == 0 ? null : $"put {i % 3}")]);
            writer.Close();
        }

        Mutate(path, [path], read: () =>
        {
            using var file = new ParquetFile(path);
            foreach (var leaf in file.Leaves) file.Read(leaf);
        });
    }

    [Fact]
    public void Rlds()
    {
        var (whole, record) = (_folder["a.tfrecord"], Records.Episode("put it", [[1, 2], [3, 4], [5, 6]], 6));
        File.WriteAllBytes(whole, Records.File(record, record));

        // Half of them with right checksums, so that what lies within is read.
        Mutate(whole, [whole], bytes => _random.NextInt(2) == 0 ? Changed(bytes) : Records.File(Changed(record), record));
    }

    [Fact]
    public void Hdf5_as_PureHDF_writes_it()
    {
        Made.Robomimic(_folder["a.hdf5"]);
        Mutate(_folder["a.hdf5"], [_folder["a.hdf5"]]);
    }

    [ProgramFact("h5py")]
    public void Hdf5_of_the_latest_version()
    {
        Programs.RunPython(Hdf5LatestTests.Write, _folder["a.hdf5"], "latest", "10");
        Mutate(_folder["a.hdf5"], [_folder["a.hdf5"]]);
    }

    [RealDataTheory]
    [InlineData("hdf5/robomimic.hdf5")]
    [InlineData("hdf5/aloha_compressed_episode_1.hdf5")]
    [InlineData("hdf5/libero_demo.hdf5")]
    [Trait("Category", "Shared")]
    public void Hdf5_as_h5py_writes_it(string name)
    {
        File.Copy(RealData.Path(name), _folder["a.hdf5"]);
        File.SetAttributes(_folder["a.hdf5"], FileAttributes.Normal);

        // What describes the data takes little of the file and decides all: most changes fall there.
        Mutate(_folder["a.hdf5"], [_folder["a.hdf5"]], bytes => Changed(bytes, _random.NextInt(2) == 0 ? 0.02 : 1));
    }

    [RealDataTheory]
    [InlineData("lerobot_v3_so101_novideo")]
    [InlineData("lerobot_v21_g1")]
    [Trait("Category", "Shared")]
    public void Real_tables_of_LeRobot(string name)
    {
        foreach (var file in Directory.GetFiles(RealData.Path(name), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder["a"], Path.GetRelativePath(RealData.Path(name), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
            File.SetAttributes(copy, FileAttributes.Normal);
        }

        Mutate(_folder["a"], Directory.GetFiles(_folder["a"], "*.*", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith("LICENSE", StringComparison.Ordinal)).ToArray());
    }

    private void Mutate(string path, string[] files, Func<byte[], byte[]>? change = null, Action? read = null)
    {
        var originals = files.ToDictionary(f => f, File.ReadAllBytes);
        var faults = new List<string>();
        for (var i = 0; i < Count; i++)
        {
            var file = files[_random.NextInt(files.Length)];
            var changed = (change ?? (bytes => Changed(bytes)))(originals[file]);
            File.WriteAllBytes(file, changed);
            var (before, watch, outcome) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew(),
                Outcome(path, read ?? (() => Everything(path))));
            var (peak, took) = (LargestBytes(before), watch.Elapsed);
            if (outcome is not null || took > Longest || peak > 4L * originals.Values.Sum(b => b.Length) + MostBytes)
                faults.Add($"mutation {i} of {Path.GetFileName(file)}: {outcome ?? "read or refused"}, {took.TotalSeconds:0.0} s, {peak >> 20} MB");
            File.WriteAllBytes(file, originals[file]);
        }

        Assert.True(faults.Count == 0, $"{faults.Count} of {Count}:\n" + string.Join("\n", faults.Take(10)));
    }

    /// <summary>What was allocated altogether is more than was ever held: it bounds that from above.</summary>
    private static long LargestBytes(long before) => GC.GetAllocatedBytesForCurrentThread() - before;

    private static void Everything(string path)
    {
        using var source = Recordings.Open(path);
        foreach (var episode in source.Episodes)
        {
            foreach (var column in source.Columns) source.Numbers(episode, column.Name);
            source.Times(episode);
            foreach (var camera in episode.Cameras)
                foreach (var frame in source.Frames(episode, camera)) _ = frame.Width;
        }
    }

    /// <summary>Null when it was read or refused as it should be.</summary>
    private static string? Outcome(string path, Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (FileFormatException error)
        {
            return error.Message.Contains(path, StringComparison.Ordinal) ? null : $"does not name the file: {error.Message}";
        }
        catch (Exception error)
        {
            return error.ToString();
        }
    }

    /// <summary>A few changes at random places.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="share">The part of the file, from its beginning, in which they lie.</param>
    private byte[] Changed(byte[] bytes, double share = 1)
    {
        var changed = bytes.ToList();
        for (var n = 1 + _random.NextInt(3); n > 0 && changed.Count > 0; n--)
        {
            // Descriptions often stand at the end.
            var range = Math.Max(1, (int)(share * changed.Count));
            var at = _random.NextInt(4) == 0 ? changed.Count - 1 - _random.NextInt(Math.Min(changed.Count, 4096)) : _random.NextInt(range);
            switch (_random.NextInt(7))
            {
                case 0:
                    changed.RemoveRange(at, changed.Count - at);
                    break;
                case 1:
                    changed[at] ^= (byte)(1 << _random.NextInt(8));
                    break;
                case 2:
                    changed[at] = (byte)_random.NextInt(256);
                    break;
                case 3:
                    for (var i = at; i < Math.Min(changed.Count, at + 8); i++) changed[i] = 0xFF;
                    break;
                case 4:
                    for (var i = at; i < Math.Min(changed.Count, at + 4); i++) changed[i] = i == at + 3 ? (byte)0x7F : (byte)0xFF;
                    break;
                case 5:
                    changed.InsertRange(at, changed.GetRange(at, Math.Min(16, changed.Count - at)));
                    break;
                default:
                    changed.RemoveRange(at, Math.Min(1 + _random.NextInt(16), changed.Count - at));
                    break;
            }
        }

        return [.. changed];
    }
}
