using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using ParquetSharp;

namespace CrossModal.Datasets.Tests.Conversion;

/// <summary>Data sets written as another format, and back.</summary>
public sealed class ConversionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("camera")]
    [InlineData("front", "wrist")]
    public void Folders_become_LeRobot_and_folders_again_without_loss(params string[] cameras)
    {
        Made.LeRobot(_folder["lerobot"], 3, cameras);
        using var lerobot = Recordings.Open(_folder["lerobot"]);
        Assert.Equal(("LeRobot v3.0", 10.0), (lerobot.Format, lerobot.Rate));
        Assert.Equal(["dx", "turn"], lerobot.Column("action").Quantities.Select(q => q.Name));
        Assert.Empty(lerobot.Missing);
        FolderWriter.Write(lerobot, DataChoice.Of(lerobot, [.. lerobot.Cameras.Select(c => c.Name)], [], []), _folder["back"]);
        using var first = Recordings.Open(_folder["lerobot-folders"]);
        using var back = Recordings.Open(_folder["back"]);
        Same(first, back);
        Assert.Equal(first.Cameras, back.Cameras);
    }

    [Fact]
    public void Arrow_reads_tables_that_LeRobot_would_be_given()
    {
        Made.LeRobot(_folder["a"], 2);
        using var tasks = new ParquetFileReader(_folder["a/meta/tasks.parquet"]);
        Assert.Contains("\"index_columns\": [\"task\"]", tasks.FileMetaData.KeyValueMetadata["pandas"]);
        using var episodes = new ParquetFileReader(_folder["a/meta/episodes/chunk-000/file-000.parquet"]);
        var names = Enumerable.Range(0, episodes.FileMetaData.NumColumns)
            .Select(i => episodes.FileMetaData.Schema.Column(i).Path.ToDotVector()[0]).ToList();
        Assert.Equal([3, 4], Read<long?>(episodes, names.IndexOf("length")));
        Assert.Equal([0, 3], Read<long?>(episodes, names.IndexOf("dataset_from_index")));
        Assert.Equal([3, 7], Read<long?>(episodes, names.IndexOf("dataset_to_index")));
        using var data = new ParquetFileReader(_folder["a/data/chunk-000/file-000.parquet"]);
        Assert.Equal((7, 2), (data.FileMetaData.NumRows, data.FileMetaData.NumRowGroups));
        Assert.Equal("observation.images.camera.bytes", data.FileMetaData.Schema.Column(2).Path.ToDotString());
        using var arrow = new ParquetSharp.Arrow.FileReader(_folder["a/data/chunk-000/file-000.parquet"]);
        Assert.IsType<Apache.Arrow.Types.ListType>(arrow.Schema.GetFieldByName("action").DataType);
        Assert.Equal(
            ["bytes: binary", "path: utf8"],
            ((Apache.Arrow.Types.StructType)arrow.Schema.GetFieldByName("observation.images.camera").DataType).Fields.Select(f =>
                $"{f.Name}: {f.DataType.Name}"));
        Assert.Contains("\"mean\"", File.ReadAllText(_folder["a/meta/stats.json"]));

        static T[] Read<T>(ParquetFileReader file, int column)
        {
            using var group = file.RowGroup(0);
            using var reader = group.Column(column).LogicalReader<T>();
            return reader.ReadAll((int)group.MetaData.NumRows);
        }
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing()
    {
        Made.Folders(_folder["a"], 2, ["camera"], "\"picture_rate\": null");
        using var source = Recordings.Open(_folder["a"]);
        var choice = DataChoice.Of(source, [], [], []);
        Assert.Contains("give --rate (Hz)", Assert.Throws<ArgumentException>(() => LeRobotWriter.Write(source, choice, _folder["b"]))
            .Message);
        Assert.Contains("is there already", Assert.Throws<IOException>(() => FolderWriter.Write(source, choice, _folder["a"])).Message);
        File.WriteAllText(_folder["a/episode_001/002.png"], "no picture");
        Assert.Contains("002.png", Assert.Throws<FileFormatException>(() => FolderWriter.Write(source, choice, _folder["c/d"])).Message);
        Assert.Equal(["a"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [ProgramTheory("ffmpeg")]
    [InlineData(32, 16)]
    [InlineData(33, 17)]
    public void Videos_keep_numbers_exactly_and_pictures_nearly(int width, int height)
    {
        Made.Folders(_folder["a"], 3, ["front", "wrist"], width: width, height: height);
        using var source = Recordings.Open(_folder["a"]);
        LeRobotWriter.Write(source, DataChoice.Of(source, ["front", "wrist"], [], []), _folder["b"], videos: true);
        using var back = Recordings.Open(_folder["b"]);
        Assert.Empty(back.Missing);
        Assert.Equal((2, 3), (Directory.GetDirectories(_folder["b/videos"]).Length,
            Directory.GetFiles(_folder["b/videos/observation.images.wrist/chunk-000"], "file-*.mp4").Length));
        Assert.DoesNotContain("image", new ParquetFile(_folder["b/data/chunk-000/file-000.parquet"]).Leaves.Select(l => l.Path[0]));
        Assert.Equal((width, height, source.Rate), (back.Cameras[0].Width, back.Cameras[0].Height, back.Cameras[0].Rate));
        foreach (var (a, b) in source.Episodes.Zip(back.Episodes))
        {
            Assert.Equal(a.Instruction, b.Instruction);
            Assert.Equal(source.Numbers(a, source.Action), back.Numbers(b, back.Action));
            Assert.Equal(source.Numbers(a, source.State), back.Numbers(b, back.State));
            foreach (var (was, now) in a.Cameras.Zip(b.Cameras))
            {
                var (from, to) = (source.Frames(a, was).ToList(), back.Frames(b, now).ToList());
                Assert.Equal(from.Count, to.Count);
                foreach (var (x, y) in from.Zip(to)) Assert.InRange(Difference(x, y), 0, 3);
            }
        }

        // Neighbouring pictures differ by more: none is in another's place.
        var pictures = source.Frames(source.Episodes[0], "front").ToList();
        Assert.True(Difference(pictures[0], pictures[1]) > 6);
    }

    [RealDataFact("ffmpeg")]
    [Trait("Category", "Shared")]
    public void Videos_of_the_real_episodes_of_WidowX_hold_every_step()
    {
        using var source = Recordings.Open(RealData.Path("bridge_episodes"));
        LeRobotWriter.Write(source, DataChoice.Of(source, [], [], []), _folder["b"], rate: 5, videos: true);
        using var back = Recordings.Open(_folder["b"]);
        foreach (var (a, b) in source.Episodes.Zip(back.Episodes))
        {
            Assert.Equal(source.Numbers(a, source.Action), back.Numbers(b, back.Action));
            foreach (var (x, y) in source.Frames(a, a.Cameras[0]).Zip(back.Frames(b, b.Cameras[0])))
                Assert.InRange(Difference(x, y), 0, 6);
        }
    }

    private static double Difference(RgbImage a, RgbImage b) =>
        Enumerable.Range(0, a.Pixels.Length).Average(i => Math.Abs(a.Pixels[i] - b.Pixels[i]));

    [RealDataFact]
    [Trait("Category", "Shared")]
    public void The_real_episodes_of_WidowX_become_LeRobot_and_folders_again_without_loss()
    {
        using var source = Recordings.Open(RealData.Path("bridge_episodes"));
        LeRobotWriter.Write(source, DataChoice.Of(source, [], [], []), _folder["lerobot"]);
        using var lerobot = Recordings.Open(_folder["lerobot"]);
        FolderWriter.Write(lerobot, DataChoice.Of(lerobot, [], [], []), _folder["back"]);
        using var back = Recordings.Open(_folder["back"]);
        Same(source, back);
    }

    private static void Same(RecordingSource first, RecordingSource second)
    {
        Assert.Equal(first.Episodes.Select(e => (e.Name, e.Length, e.Instruction)),
            second.Episodes.Select(e => (e.Name, e.Length, e.Instruction)));
        Assert.Equal(first.Rate, second.Rate);
        foreach (var (a, b) in first.Episodes.Zip(second.Episodes))
        {
            Assert.Equal(first.Numbers(a, first.Action), second.Numbers(b, second.Action));
            Assert.Equal(first.Numbers(a, first.State), second.Numbers(b, second.State));
            foreach (var camera in a.Cameras)
                foreach (var (x, y) in first.Frames(a, camera).Zip(second.Frames(b, camera)))
                    Assert.True(x.Pixels.AsSpan().SequenceEqual(y.Pixels));
            Assert.Equal(a.Cameras, b.Cameras);
        }
    }
}
