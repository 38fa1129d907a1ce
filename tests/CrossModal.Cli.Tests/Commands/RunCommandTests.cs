using System.Text.Json;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Cli.Tests.Commands;

public sealed class RunCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_picture_of_a_folder_gives_the_action_that_the_library_gives()
    {
        var checkpoint = Policy("policy", views: 1);
        var pictures = Pictures("frames", 3);
        var run = ToolRun.Of("run", "--checkpoint", checkpoint, "--images", _folder["frames"], "--instruction", "pick up cup", "--state",
            "0.5,1,2", "--json", _folder["run.json"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("", run.Error);
        var json = JsonDocument.Parse(File.ReadAllText(_folder["run.json"])).RootElement;
        Assert.Equal("dx", json.GetProperty("names")[0].GetString());
        Assert.Equal("m", json.GetProperty("units")[0].GetString());
        using var policy = CrossModal.Policies.Policy.Load(checkpoint);
        policy.SetInstruction("pick up cup");
        for (var i = 0; i < pictures.Length; i++)
        {
            var action = policy.Act(new Observation(pictures[i]) { State = [0.5f, 1, 2] }).Action;
            for (var a = 0; a < action.Length; a++) Assert.Equal(action[a], json.GetProperty("actions")[i][a].GetSingle());
        }

        Assert.Equal(4, run.Output.TrimEnd().Split('\n').Length);
        Assert.Contains("dx [m]", run.Output);
    }

    [Fact]
    public void States_come_row_by_row_from_a_file_and_cameras_from_folders_of_their_own()
    {
        var checkpoint = Policy("two", views: 2);
        Pictures("both/front", 2);
        Pictures("both/side", 2);
        Npy.Write(_folder["states.npy"], StoredArray.From([0f, 0, 0, 1, 1, 1], 2, 3));
        var run = ToolRun.Of("run", "--checkpoint", checkpoint, "--images", _folder["both"], "--instruction", "cup", "--state",
            _folder["states.npy"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, run.Output.TrimEnd().Split('\n').Length);
        Pictures("both/side", 3);
        Assert.Equal("crossmodal: --images: the camera 'front' has 2 pictures, 'side' has 3; see crossmodal run --help",
            Fails(checkpoint, "--images", _folder["both"]));
        Assert.Contains("2 rows for 5 frames", Fails(checkpoint, "--camera-size", "8x8", "--frames", "5", "--state",
            _folder["states.npy"]));
    }

    [Fact]
    public void Measuring_prints_the_latency_of_every_part_and_the_bytes_allocated()
    {
        var run = ToolRun.Of("run", "--checkpoint", Policy("policy", views: 1), "--camera-size", "64x48", "--frames", "30", "--instruction",
            "cup", "--state", "0,0,0", "--measure", "--json", _folder["run.json"]);
        Assert.Equal(0, run.ExitCode);
        foreach (var part in (string[])["preprocessing", "vision", "fusion", "head", "step"]) Assert.Contains(part, run.Output);
        var result = JsonDocument.Parse(File.ReadAllText(_folder["run.json"])).RootElement;
        Assert.Equal(0, result.GetProperty("bytesAllocatedPerFrame").GetDouble());
        var step = result.GetProperty("milliseconds").GetProperty("step");
        Assert.InRange(step.GetProperty("median").GetDouble(), double.Epsilon, step.GetProperty("p99").GetDouble());
    }

    [Theory]
    [InlineData("run needs either --images or --camera-size")]
    [InlineData("run needs either --images or --camera-size", "--images", "x", "--camera-size", "8x8")]
    [InlineData("--camera-size: 'wide' is not a size", "--camera-size", "wide")]
    [InlineData("--camera-size: '0x8' is not a size", "--camera-size", "0x8")]
    [InlineData("--images: there is no folder 'nowhere'", "--images", "nowhere")]
    [InlineData("--state: 'a' is not a number", "--camera-size", "8x8", "--state", "a,1,2")]
    [InlineData("--state: 2 numbers, the policy takes 3", "--camera-size", "8x8", "--state", "1,2")]
    public void What_makes_no_sense_is_one_line(string message, params string[] args) =>
        Assert.Contains(message, Fails(Policy("policy", views: 1), args));

    private string Fails(string checkpoint, params string[] args)
    {
        var run = ToolRun.Of(["run", "--checkpoint", checkpoint, "--instruction", "cup", .. args]);
        Assert.Equal(2, run.ExitCode);
        return run.OnlyError();
    }

    private RgbImage[] Pictures(string name, int count)
    {
        Directory.CreateDirectory(_folder[name]);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var picture = new RgbImage(40, 30);
            new Random(i).NextBytes(picture.Pixels);
            Png.Write(Path.Combine(_folder[name], $"{i:000}.png"), picture);
            return picture;
        })];
    }

    private string Policy(string name, int views)
    {
        var tokenizer = new WordTokenizer(["cup", "pick", "up"]);
        var options = new PolicyOptions("cross-attention", new FusionOptions(16, 2, 1) { Views = views }, tokenizer.Count,
            2)
        { ImageSize = 32, Proprioception = 3 };
        var signature = PolicySignature.Unnamed(options) with { Actions = [new Quantity("dx", "m"), new Quantity("turn", "rad")] };
        if (views == 2) signature = signature with { Cameras = ["front", "side"] };
        PolicyFolder.Save(_folder[name], new TrainedPolicy(new LanguagePolicy(options, new RandomSource(4)), tokenizer,
            Normalization.Identity(2), new Normalization([1, 2, 3], [1, 1, 2]), "test")
        { Signature = signature });
        return _folder[name];
    }
}
