using System.Text.Json.Nodes;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Cli.Tests.Commands;

/// <summary><c>crossmodal data</c>, and training on what it converts.</summary>
public sealed class DataCommandTests : IDisposable
{
    private static readonly string[] Small = ["--dim", "8", "--heads", "2", "--layers", "1", "--steps", "1"];
    private readonly TemporaryFolder _folder = new();

    public DataCommandTests() => Write(6, "front", "wrist");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Info_says_what_a_data_set_holds_and_what_is_odd()
    {
        var run = ToolRun.Of("data", "info", _folder["a"], "--json", _folder["info.json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        foreach (var line in (string[])[
            ": own folders", "episodes  6, 24 steps (4 to 4 each)", "rate      10 steps a second", "camera    front: 8×6, PNG, 10 a second",
                "task      take cup 0: 3 episodes", "numbers   actions (action): 2 a step",
            "dx [m]  0 to 3", "warning   actions: 1 of 2 never change: turn"])
            Assert.Contains(line, run.Output);
        var result = JsonNode.Parse(File.ReadAllText(_folder["info.json"]))!;
        Assert.Equal(6, (int)result["episodes"]!);
        Assert.Equal("wrist", (string)result["cameras"]![1]!["name"]!);
    }

    [Fact]
    public void View_draws_films_and_actions_on_a_page()
    {
        var run = ToolRun.Of("data", "view", _folder["a"], "--out", _folder["page.html"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var page = File.ReadAllText(_folder["page.html"]);
        Assert.Equal(6 * 2 * 4, page.Split("data:image/png").Length - 1);
        Assert.Contains("action over step: dx, turn", page);
        Assert.Contains("Warning: actions: 1 of 2 never change: turn.", page);
    }

    [Fact]
    public void A_converted_data_set_trains_the_same_policy_as_the_original()
    {
        Assert.Equal(0, ToolRun.Of("data", "convert", _folder["a"], "--to", "lerobot", "--cameras", "front", "wrist", "--out", _folder["b"])
            .ExitCode);
        Assert.Equal((0, ""), Of(ToolRun.Of(["train", "--data", _folder["a"], "--cameras", "wrist", "--out", _folder["runs/a"],
            .. Small])));
        Assert.Equal((0, ""), Of(ToolRun.Of(["train", "--data", _folder["b"], "--cameras", "observation.images.wrist", "--out",
            _folder["runs/b"], .. Small])));

        // Which episodes are held out depends on their names, and those of plain folders are the same again.
        Assert.Equal(0, ToolRun.Of("data", "convert", _folder["b"], "--to", "folders", "--cameras", "observation.images.front",
            "observation.images.wrist", "--out", _folder["c"]).ExitCode);
        Assert.Equal((0, ""), Of(ToolRun.Of(["train", "--data", _folder["c"], "--cameras", "wrist", "--out", _folder["runs/c"],
            .. Small])));
        Assert.Equal(File.ReadAllBytes(_folder["runs/a/model.safetensors"]), File.ReadAllBytes(_folder["runs/c/model.safetensors"]));
        Assert.Equal(["wrist"], PolicyFolder.Load(_folder["runs/a"]).Signature.Cameras);

        // The policy says by itself which camera it is measured on.
        var measured = ToolRun.Of("evaluate", "--checkpoint", _folder["runs/b"], "--data", _folder["b"]);
        Assert.Equal((0, ""), (measured.ExitCode, measured.Error));
        Assert.Equal(3, Directory.GetDirectories(_folder["runs/cache"]).Length);
    }

    [Fact]
    public void Training_takes_cameras_state_and_size_by_name_and_goes_on_only_with_the_same()
    {
        string[] small = ["train", "--data", _folder["a"], "--cameras", "front", "wrist", "--state", "none", "--out", _folder["runs/a"],
            .. Small];
        string[] call = [.. small, "--image-size", "96"];
        Assert.Equal((0, ""), Of(ToolRun.Of(call)));
        var trained = PolicyFolder.Load(_folder["runs/a"]);
        Assert.Equal((2, 96, 0), (trained.Policy.Options.Fusion.Views, trained.Policy.Options.ImageSize,
            trained.Policy.Options.Proprioception));
        Assert.Equal(["front", "wrist"], trained.Signature.Cameras);
        Assert.Equal(["dx", "turn"], trained.Signature.Actions.Select(a => a.Name));
        Assert.Equal((0, ""), Of(ToolRun.Of(call)));
        Assert.Contains("holds another run (--image-size 96 -> none)", ToolRun.Of(small).OnlyError());
        Png.Write(_folder["a/episode_000/front/000.png"], new RgbImage(8, 6));
        Assert.Contains($"holds another run (recordings: {Path.Combine("episode_000", "front")} of other content)",
            ToolRun.Of(call).OnlyError());
    }

    [Fact]
    public void Wrong_calls_are_refused_in_a_line()
    {
        Assert.Contains("data needs info, convert or view", ToolRun.Of("data").OnlyError());
        Assert.Contains("data info needs the path of a data set", ToolRun.Of("data", "info").OnlyError());
        Assert.Contains("did you mean info?", ToolRun.Of("data", "inof", _folder["a"]).OnlyError());
        Assert.Contains("--out means nothing with data info", ToolRun.Of("data", "info", _folder["a"], "--out", "x").OnlyError());
        Assert.Contains("data convert needs --to folders or --to lerobot",
            ToolRun.Of("data", "convert", _folder["a"], "--out", "x").OnlyError());
        Assert.Contains("has several cameras; choose with --cameras: front, wrist",
            ToolRun.Of(["train", "--data", _folder["a"], "--out", _folder["x"], .. Small]).OnlyError());
        Assert.Contains("--cameras needs --data", ToolRun.Of(["train", "--cameras", "front", "--out", _folder["x"], .. Small]).OnlyError());
        Directory.CreateDirectory(_folder["photos"]);
        Png.Write(_folder["photos/000.png"], new RgbImage(2, 2));
        Assert.Contains("holds 1 pictures, but no actions, so no episodes; what is read: own folders",
            ToolRun.Of("data", "info", _folder["photos"]).OnlyError());
        Assert.False(Directory.Exists(_folder["x"]));
    }

    private static (int, string) Of(ToolRun run) => (run.ExitCode, run.Error);

    private void Write(int episodes, params string[] cameras)
    {
        for (var e = 0; e < episodes; e++)
        {
            foreach (var (c, camera) in cameras.Index())
                for (var t = 0; t < 4; t++)
                {
                    var image = new RgbImage(8, 6);
                    image[t, c] = new Rgb(200, (byte)(20 * e), 9);
                    Png.Write(_folder[$"a/episode_{e:000}/{camera}/{t:000}.png"], image);
                }

            Npy.Write(_folder[$"a/episode_{e:000}/actions.npy"], StoredArray.From([0f, 7, 1, 7, 2, 7, 3, 7], 4, 2));
            Npy.Write(_folder[$"a/episode_{e:000}/states.npy"], StoredArray.From([0f, e, 3, 4], 4, 1));
            File.WriteAllText(_folder[$"a/episode_{e:000}/episode.json"],
                $$"""{"instruction": "take cup {{e % 2}}", "rate_hz": 10, "actions": [{"name": "dx", "unit": "m"}, {"name": "turn", "unit": "rad"}]}""");
        }
    }
}
