using CrossModal.Cli.Tests.Hosting;
using CrossModal.Datasets;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Every folder and file of <c>shared/realdata</c> is described and trained on, or refused with the reason.</summary>
[Trait("Category", "Shared")]
public sealed class RealDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [RealDataTheory]
    [InlineData("bridge_episodes", "own folders", null)]
    [InlineData("octo_bridge", "RLDS (TFRecord)", null, "--cameras", "image_0", "image_1", "image_2")]
    [InlineData("octo_bridge/bridge_dataset-train.tfrecord-00000-of-00001", "RLDS (TFRecord)",
        "has several cameras; choose with --cameras: image_0")]
    [InlineData("lerobot_v3_bimanual", "LeRobot v3.0", null)]
    [InlineData("lerobot_v3_so101_novideo", "LeRobot v3.0",
        "has no pictures; missing: all pictures of the camera observation.images.front")]
    [InlineData("lerobot_v21_g1", "LeRobot v2.1", "has no pictures; missing: tables of numbers of 97 of 100 episodes")]
    [InlineData("hdf5/robomimic.hdf5", "robomimic HDF5", null)]
    [InlineData("hdf5/libero_demo.hdf5", "LIBERO HDF5", null, "--cameras", "agentview_rgb", "eye_in_hand_rgb")]
    [InlineData("hdf5/aloha_episode_0.hdf5", "ALOHA HDF5", "has no instruction; give one with --instruction", "--cameras", "cam_high")]
    [InlineData("hdf5/aloha_compressed_episode_1.hdf5", "ALOHA HDF5", "holds 1 episodes; at least 2 are needed", "--cameras", "cam_high",
        "--instruction", "pick")]
    public void A_data_set_is_described_and_trained_on_or_refused(string name, string format, string? refused, params string[] options)
    {
        var path = ReferenceFolders.Beside("realdata", name)!;
        var described = ToolRun.Of("data", "info", path);
        Assert.Equal((0, ""), (described.ExitCode, described.Error));
        Assert.Contains($": {format}\n", described.Output);
        var trained = ToolRun.Of(["train", "--data", path, "--steps", "20", "--dim", "8", "--heads", "2", "--layers", "1", "--out",
            _folder["runs/a"], .. options]);
        if (refused is null) Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        else Assert.Contains(refused, trained.OnlyError());
        Assert.Equal(refused is null ? 0 : 2, trained.ExitCode);
        Assert.Equal(refused is null, File.Exists(_folder["runs/a/model.safetensors"]));
    }

    [RealDataTheory]
    [InlineData("", "is no data set itself; it holds the folders bridge_episodes, clip-tokenizer, hdf5")]
    [InlineData("README.md", "is no data set, nor a file that holds whole episodes")]
    [InlineData("hdf5", "put them into folders of their own")]
    [InlineData("language_table_real", "holds 17 pictures, but no actions, so no episodes")]
    [InlineData("language_table_real/frames", "holds 17 pictures, but no actions, so no episodes")]
    [InlineData("clip-tokenizer", "holds no data set")]
    [InlineData("clip-tokenizer/vocab.json", "is no data set, nor a file that holds whole episodes")]
    [InlineData("lerobot_v21_g1/data/chunk-000/episode_000000.parquet", "give the folder")]
    [InlineData("lerobot_v3_bimanual/videos/image/chunk-000/file-016.mp4", "give the folder")]
    public void What_is_no_data_set_is_refused_with_the_reason(string name, string reason)
    {
        var path = ReferenceFolders.Beside("realdata", name)!;
        foreach (var run in (ToolRun[])[ToolRun.Of("data", "info", path),
            ToolRun.Of("train", "--data", path, "--steps", "1", "--out", _folder["a"])])
        {
            Assert.Equal(2, run.ExitCode);
            Assert.Contains(reason, run.OnlyError());
        }
    }

    [RealDataFact]
    public void Every_other_folder_and_file_is_refused_in_one_line_that_names_it()
    {
        var root = ReferenceFolders.Beside("realdata")!;
        string[] described = ["bridge_episodes", "octo_bridge", "octo_bridge/bridge_dataset-train.tfrecord-00000-of-00001",
            "lerobot_v3_bimanual",
            "lerobot_v3_so101_novideo", "lerobot_v21_g1", "hdf5/robomimic.hdf5", "hdf5/libero_demo.hdf5", "hdf5/aloha_episode_0.hdf5",
                "hdf5/aloha_compressed_episode_1.hdf5"];
        var found = new List<string>();
        foreach (var path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories))
        {
            var run = ToolRun.Of("data", "info", path);
            if (run.ExitCode == 0) found.Add(Path.GetRelativePath(root, path).Replace('\\', '/'));
            else
            {
                Assert.Equal(2, run.ExitCode);
                Assert.Contains(Path.GetFileName(path), run.OnlyError());
            }
        }

        Assert.Equal(described.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    private static string? Missing() => ReferenceFolders.Beside("realdata") is null ? "../shared/realdata is missing"
        : !Ffmpeg.IsInstalled ? "ffmpeg is not installed" : !Jpeg.IsInstalled ? "libturbojpeg is not installed" : null;

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class RealDataFactAttribute([System.Runtime.CompilerServices.CallerMemberName] string test = "")
        : OptionalFact(Missing(), test);

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class RealDataTheoryAttribute([System.Runtime.CompilerServices.CallerMemberName] string test = "")
        : OptionalTheory(Missing(), test);
}
