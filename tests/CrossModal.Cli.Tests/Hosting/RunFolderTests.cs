using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Runs;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Plans;
using CrossModal.Imaging;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Hosting;

/// <summary>Folders of runs: held by one process at a time, and gone on with by what made them alone.</summary>
public sealed class RunFolderTests : IDisposable
{
    private static readonly string[] Small = ["--dim", "8", "--heads", "2", "--layers", "1", "--steps", "2"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Recordings_that_changed_are_not_gone_on_with_and_nothing_of_the_run_is_lost()
    {
        Record("mine", 5);
        string[] command = ["train", .. Small, "--data", _folder["mine"], "--out", _folder["run"]];
        Assert.Equal(0, ToolRun.Of(command).ExitCode);
        var before = Content();

        // The same command goes on, as it always has, and so does one whose recordings lie elsewhere.
        Assert.Contains("goes on after step 2 of 2", ToolRun.Of(command).Output);
        Directory.Move(_folder["mine"], _folder["moved"]);
        command[^3] = _folder["moved"];
        Assert.Equal(0, ToolRun.Of(command).ExitCode);
        Assert.Equal(before, Content());

        var actions = _folder["moved/episode_001/actions.npy"];
        var kept = File.ReadAllBytes(actions);
        File.WriteAllBytes(actions, File.ReadAllBytes(_folder["moved/episode_002/actions.npy"]));
        Differs(command, "recordings: episode_001 of other content", "normalisation of actions");
        File.WriteAllBytes(actions, kept);
        Png.Write(_folder["moved/episode_003/001.png"], new RgbImage(20, 12));
        Differs(command, "(recordings: episode_003 of other content)");
        Record("moved", 6);
        Differs(command, "recordings: episode_003 of other content, episode_005 new");
        Directory.Delete(_folder["moved"], recursive: true);
        Record("moved", 5, "close the red box");
        Differs(command, "recordings: episode_000, episode_001, episode_002, episode_003, episode_004 of other content", "words 3 (",
            "-> 4 (");
        Record("many", 12);
        Differs(["train", .. Small, "--data", _folder["many"], "--out", _folder["run"]], "and 2 more new", "held-out episodes");
        Differs(["train", .. Small, "--out", _folder["run"]], "--task none -> pick");
        Assert.Equal(before, Content());

        Record("moved", 5, "close the red box");
        Assert.Equal(0, ToolRun.Of([.. command, "--restart"]).ExitCode);
        Assert.NotEqual(before["model.safetensors"], Content()["model.safetensors"]);
        Assert.Equal(0, ToolRun.Of(command).ExitCode);
    }

    [Theory]
    [InlineData("--seed", "5", "--seed 0 -> 5")]
    [InlineData("--control", "no-vision", "--control none -> no-vision")]
    [InlineData("--strategy", "co-attention", "--strategy cross-attention -> co-attention")]
    [InlineData("--steps", "3", "--steps 2 -> 3")]
    [InlineData("--task", "all", "--task pick -> pick place push relational")]
    [InlineData("--camera", "96", "--camera 64 -> 96")]
    [InlineData("--vary", "true", "--vary no -> yes")]
    [InlineData("--layers", "2", "--layers 1 -> 2")]
    public void Another_option_is_named_with_both_values(string option, string value, string expected)
    {
        string[] command = ["train", .. Small, "--episodes", "1", "--out", _folder["run"]];
        Assert.Equal(0, ToolRun.Of(command).ExitCode);
        Differs([.. Without(command, option), option, value], expected);
        Assert.Equal(0, ToolRun.Of([.. command[..^4], "--task", "pick", "--episodes", "2", "--out", _folder["run"]]).ExitCode);
    }

    [Fact]
    public void Every_command_that_trains_keeps_to_its_own_run()
    {
        var protocol = Protocol("tiny", 2);
        string[][] commands =
        [
            ["train", .. Small, "--episodes", "1", "--out", _folder["run"]],
            ["demo", "--steps", "1", "--episodes", "1", "--out", _folder["run"]],
            ["pretrain", .. Small, "--batch", "4", "--scenes", "25", "--out", _folder["run"]],
            ["compare", "--protocol", protocol, "--only", "concat-pooled", "--out", _folder["run"]],
        ];
        foreach (var command in commands)
        {
            Assert.Equal((0, ""), (ToolRun.Of(command).ExitCode, ToolRun.Of(command).Error));
            foreach (var other in commands.Where(c => c[0] != command[0])) Differs(other, $"command {command[0]} -> {other[0]}");
            Directory.Delete(_folder["run"], recursive: true);
        }

        Assert.Equal(0, ToolRun.Of(commands[2]).ExitCode);
        Differs([.. commands[2], "--objective", "words", "matching"], "--objective All -> Matching, Words");
        Assert.Equal(0, ToolRun.Of([.. commands[3], "--restart"]).ExitCode);
        Assert.False(File.Exists(_folder["run/policy.json"]));
        Differs(["compare", "--protocol", Protocol("other", 4), "--only", "concat-pooled", "--out", _folder["run"]], "name tiny -> other",
            "recipe.steps 2 -> 4");
        Assert.Equal(0, ToolRun.Of("compare", "--protocol", protocol, "--only", "concat-pooled", "concat-tokens", "--out",
            _folder["run"]).ExitCode);
    }

    [Fact]
    public void Other_weights_to_start_from_are_another_run()
    {
        string[] pretrain = ["pretrain", .. Small, "--batch", "4", "--scenes", "25", "--out", _folder["pre"]];
        string[] command = ["train", .. Small, "--episodes", "1", "--init", _folder["pre"], "--out", _folder["run"]];
        Assert.Equal(0, ToolRun.Of(pretrain).ExitCode);
        Assert.Equal(0, ToolRun.Of(command).ExitCode);
        Assert.Equal(0, ToolRun.Of(command).ExitCode);
        Assert.Equal(0, ToolRun.Of([.. pretrain, "--seed", "3", "--restart"]).ExitCode);
        Differs(command, "weights of --init ");
    }

    [Theory]
    [InlineData("train")]
    [InlineData("demo")]
    [InlineData("pretrain")]
    [InlineData("compare")]
    public void A_folder_in_use_is_refused_at_once_with_its_holder(string command)
    {
        var out_ = _folder["run"];
        string[] args = [command, .. command == "compare" ? ["--protocol", Protocol("tiny", 2)] : (string[])["--steps", "2"], "--out",
            out_];
        using (RunFolder.Take(out_, new RunDescription("train"), restart: false))
        {
            var run = ToolRun.Of(args);
            Assert.Equal(2, run.ExitCode);
            Assert.Matches($@"^crossmodal: {out_}: the folder is in use by process {Environment.ProcessId} since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d; ", run.OnlyError());
        }

        // Never claimed, it is gone with its holder.
        Assert.False(Directory.Exists(out_));
    }

    [Fact]
    public void A_folder_whose_holder_was_killed_is_taken_over_whatever_its_process_number_is_now()
    {
        string[] args = ["train", "--dim", "8", "--heads", "2", "--layers", "1", "--episodes", "1", "--out", _folder["run"], "--steps"];
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "CrossModal.Cli.dll"), .. args, "100000"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        using (var process = Process.Start(start)!)
        {
            using var patience = new Timer(_ => process.Kill(), null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
            while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("training: step", StringComparison.Ordinal)) { }
            Assert.Contains($"is in use by process {process.Id} since ", Refused([.. args, "100000"]));
            process.Kill();
            process.WaitForExit();
        }

        // What it left says that a process that lives, this one, holds the folder.
        Assert.True(File.Exists(_folder["run/run.lock"]));
        File.WriteAllText(_folder["run/run.owner"], $"process {Environment.ProcessId} since 2020-01-01 00:00:00");
        Assert.Equal(0, ToolRun.Of([.. args, "2", "--restart"]).ExitCode);
        Assert.False(File.Exists(_folder["run/run.lock"]) || File.Exists(_folder["run/run.owner"]));
    }

    [Fact]
    public void What_is_no_run_or_does_not_say_what_made_it_is_left_alone()
    {
        string[] command = ["train", .. Small, "--episodes", "1", "--out", _folder["run"]];
        Assert.Equal(0, ToolRun.Of(command).ExitCode);
        File.Delete(_folder["run/run.json"]);
        var before = Content();
        Assert.Contains("run: holds a run but no run.json that says what made it; choose another folder with --out, or begin anew with " +
            "--restart", Refused(command));
        Assert.Equal(before, Content());
        File.WriteAllText(_folder["run/run.json"], "{");
        Assert.Contains("run.json: does not describe a run", Refused(command));
        File.WriteAllText(_folder["run/notes.txt"], "mine");
        Assert.Equal(0, ToolRun.Of([.. command, "--restart"]).ExitCode);
        Assert.Equal("mine", File.ReadAllText(_folder["run/notes.txt"]));

        Directory.CreateDirectory(_folder["model"]);
        File.WriteAllText(_folder["model/model.safetensors"], "somebody's");
        foreach (var restart in (string[][])[[], ["--restart"]])
            Assert.Contains("model.safetensors: no run made it", Refused(["train", .. Small, "--out", _folder["model"], .. restart]));
        Assert.Equal("somebody's", File.ReadAllText(Directory.GetFileSystemEntries(_folder["model"]).Single()));

        // Cells of a comparison of an earlier version each say what made them.
        string[] compare = ["compare", "--protocol", Protocol("tiny", 2), "--only", "concat-pooled", "--out", _folder["cells"]];
        Assert.Equal(0, ToolRun.Of(compare).ExitCode);
        File.Delete(_folder["cells/run.json"]);
        Assert.Equal(0, ToolRun.Of(compare).ExitCode);
    }

    [Fact]
    public void A_refusal_leaves_no_folder_behind()
    {
        Record("broken", 5);
        File.Delete(_folder["broken/episode_002/actions.npy"]);
        File.WriteAllText(_folder["bad.json"], "{}");
        string[][] commands =
        [
            ["train", "--data", _folder["none"]], ["train", "--data", _folder["broken"]], ["train", "--dim", "6"],
                ["train", "--init", _folder["none"]], ["train", "--camera", "70"],
            ["pretrain", "--heads", "5"], ["pretrain", "--scenes", "26"], ["compare", "--protocol", _folder["bad.json"]],
                ["compare", "--quick", "--only", "nobody"], ["compare", "--quick", "--full"],
            ["attend", "--checkpoint", _folder["none"], "--image", "x.png", "--instruction", "go"],
                ["question", "--number", "3", "--checkpoint", _folder["none"]], ["question", "--number", "5"],
        ];
        foreach (var command in commands)
        {
            Refused([.. command, "--out", _folder["new/run"], "--json", _folder["results/r.json"]]);
            Assert.False(Directory.Exists(_folder["new"]), string.Join(' ', command));
            Assert.False(Directory.Exists(_folder["results"]), string.Join(' ', command));
        }

        // A folder that was there stays, empty as it was.
        Directory.CreateDirectory(_folder["new"]);
        Refused("train", "--dim", "6", "--out", _folder["new"]);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["new"]));
    }

    [Fact]
    public void Digests_tell_names_and_bytes_apart_and_no_order()
    {
        File.WriteAllText(_folder["a.json"], "xy");
        File.WriteAllText(_folder["b.json"], "z");
        var first = RecordingsDigest.Of([_folder["a.json"], _folder["b.json"]]);
        Assert.Equal(first, RecordingsDigest.Of([_folder["b.json"], _folder["a.json"]]));
        File.WriteAllText(_folder["a.json"], "x");
        File.WriteAllText(_folder["b.json"], "yz");
        Assert.NotEqual(first, RecordingsDigest.Of([_folder["a.json"], _folder["b.json"]]));
    }

    private void Differs(string[] command, params string[] expected)
    {
        var error = Refused(command);
        Assert.StartsWith($"crossmodal: {_folder["run"]}: holds another run (", error);
        Assert.Contains("choose another folder with --out, or begin anew with --restart", error);
        Assert.All(expected, part => Assert.Contains(part, error));
    }

    private static string Refused(params string[] args)
    {
        var run = ToolRun.Of(args);
        Assert.Equal(2, run.ExitCode);
        return run.OnlyError();
    }

    private static IEnumerable<string> Without(string[] command, string option) =>
        command.Index().Where(a => a.Item != option && (a.Index == 0 || command[a.Index - 1] != option)).Select(a => a.Item);

    private Dictionary<string, string> Content() =>
        ((string[])["model.safetensors", "policy.json", "losses.csv"])
        .ToDictionary(f => f, f => Convert.ToHexString(File.ReadAllBytes(_folder[$"run/{f}"])));

    private string Protocol(string name, int steps)
    {
        ComparisonFile.WriteProtocol(_folder[$"{name}.json"], new ComparisonProtocol
        {
            Name = name,
            Width = 16,
            Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = steps, Scenes = 2, Instructions = 2 },
            Episodes = new ProtocolEpisodes(1, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 1 },
        });
        return _folder[$"{name}.json"];
    }

    /// <summary>Episodes of two steps, two numbers an action.</summary>
    private void Record(string name, int episodes, string instruction = "open the drawer")
    {
        for (var e = 0; e < episodes; e++)
        {
            var random = new Random(e);
            var path = _folder[string.Create(CultureInfo.InvariantCulture, $"{name}/episode_{e:000}")];
            if (Directory.Exists(path) && instruction == "open the drawer") continue;
            Directory.CreateDirectory(path);
            Npy.Write(Path.Combine(path, "actions.npy"),
                StoredArray.From([.. Enumerable.Range(0, 4).Select(_ => random.NextSingle())], 2, 2));
            for (var t = 0; t < 2; t++)
            {
                var picture = new RgbImage(20, 12);
                random.NextBytes(picture.Pixels);
                Png.Write(Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{t:000}.png")), picture);
            }

            File.WriteAllText(Path.Combine(path, "episode.json"), new JsonObject { ["instruction"] = instruction }.ToJsonString());
        }
    }
}
