using System.Globalization;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Engine.Formats;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Tabletop.Learning;
using CrossModal.Training;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Numbers that overflow: a training that diverges, and weights that were never usable.</summary>
public sealed class OverflowTests : IDisposable
{
    private static readonly string[] Small = ["--dim", "8", "--heads", "2", "--layers", "1"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("demo", "--episodes", "1")]
    [InlineData("train", "--episodes", "1", "--dim", "8", "--heads", "2", "--layers", "1")]
    [InlineData("train", "--data", "recordings", "--dim", "8", "--heads", "2", "--layers", "1")]
    [InlineData("pretrain", "--batch", "4", "--scenes", "25", "--dim", "8", "--heads", "2", "--layers", "1")]
    public void A_training_that_diverges_says_so_in_a_line_and_names_the_checkpoint_it_went_on_from(params string[] command)
    {
        Record();
        string[] all = [.. command.Select(word => word == "recordings" ? _folder[word] : word), "--steps", "8", "--out", _folder["run"]];
        using var stop = new CancellationTokenSource();
        using var output = new StoppingWriter("training: step 1/8", stop);
        Assert.Equal(1, AllCommands.Tool(AllCommands.List()).Run(all, new Terminal(output, TextWriter.Null), stop.Token));
        var checkpoint = Checkpoint.Newest(_folder["run"])!;
        Enlarge(checkpoint.ModelPath, 1e30f);

        var run = ToolRun.Of(all);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"crossmodal: training diverged: step {checkpoint.Info.Step + 1}: the ", run.OnlyError());
        Assert.EndsWith($", with the weights of {checkpoint.Folder}", run.OnlyError());
        Assert.False(File.Exists(_folder["run/policy.json"]));
    }

    [Fact]
    public void A_policy_whose_weights_overflow_is_named_by_whoever_uses_it()
    {
        Record();
        Policy("tabletop");
        Assert.Equal(0, ToolRun.Of(["train", "--data", _folder["recordings"], "--steps", "1", "--out", _folder["mine"],
            .. Small]).ExitCode);
        Png.Write(_folder["photo.png"], new RgbImage(20, 20));
        Enlarge(_folder["tabletop/model.safetensors"], 1e30f);
        Enlarge(_folder["mine/model.safetensors"], 1e30f);
        foreach (var (policy, command) in ((string, string[])[])
        [
            ("tabletop", ["evaluate", "--checkpoint", _folder["tabletop"], "--episodes", "30"]),
            ("mine", ["evaluate", "--checkpoint", _folder["mine"], "--data", _folder["recordings"]]),
            ("tabletop", ["attend", "--checkpoint", _folder["tabletop"], "--image", _folder["photo.png"], "--instruction",
                "pick up the red cup", "--proprioception", "0,0,0,0,0", "--out", _folder["maps"]]),
        ])
        {
            var run = ToolRun.Of(command);
            Assert.Equal(2, run.ExitCode);
            Assert.StartsWith($"crossmodal: {Path.Combine(_folder[policy], "model.safetensors")}: the weights make numbers overflow: the ",
                run.OnlyError());
            Assert.Matches(@"the largest weight is \d.*E\+30, in '", run.OnlyError().Replace("e+30", "E+30", StringComparison.Ordinal));
        }

        var started = ToolRun.Of(["train", "--init", _folder["tabletop"], "--steps", "2", "--episodes", "1", "--out", _folder["new"],
            .. Small]);
        Assert.Equal(2, started.ExitCode);
        Assert.StartsWith($"crossmodal: {_folder["tabletop"]}: the weights make numbers overflow: training diverged: step 1: the loss is ",
            started.OnlyError());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_policy_with_weights_that_are_not_finite_is_named_with_the_tensor(float value)
    {
        Policy("policy");
        Png.Write(_folder["photo.png"], new RgbImage(20, 20));
        Enlarge(_folder["policy/model.safetensors"], 1, ("fusion.layers.0.cross_attn.q_proj.bias", value));
        foreach (var command in (string[][])
        [
            ["evaluate", "--checkpoint", _folder["policy"], "--episodes", "1"],
            ["attend", "--checkpoint", _folder["policy"], "--image", _folder["photo.png"], "--instruction", "pick up the red cup"],
            ["train", "--init", _folder["policy"], "--out", _folder["new"], .. Small],
        ])
        {
            var run = ToolRun.Of(command);
            Assert.Equal(2, run.ExitCode);
            Assert.Equal($"crossmodal: {Path.Combine(_folder["policy"], "model.safetensors")}: 'fusion.layers.0.cross_attn.q_proj.bias' [8] holds a number that is not finite", run.OnlyError());
        }
    }

    [Fact]
    public void Fusing_names_the_checkpoint_or_the_features_whichever_overflows()
    {
        Npy.Write(_folder["words.npy"], StoredArray.From([.. Enumerable.Repeat(0.5f, 16)], 2, 8));
        Npy.Write(_folder["patches.npy"], StoredArray.From([.. Enumerable.Range(0, 32).Select(i => 0.1f * i)], 4, 8));
        Npy.Write(_folder["huge.npy"], StoredArray.From([.. Enumerable.Repeat(3e38f, 32)], 4, 8));
        string[] Fuse(string vision, params string[] more) =>
            ["fuse", "--language", _folder["words.npy"], "--vision", _folder[vision], "--heads", "2", "--out", _folder["fused.npz"],
            .. more];
        Assert.Equal(0, ToolRun.Of(Fuse("patches.npy", "--save-checkpoint", _folder["weights.safetensors"])).ExitCode);
        File.Delete(_folder["fused.npz"]);
        Assert.Contains("the features are too large for single precision",
            Refused(Fuse("huge.npy", "--checkpoint", _folder["weights.safetensors"])));
        Enlarge(_folder["weights.safetensors"], 1e30f);
        Assert.Contains($"{_folder["weights.safetensors"]}: the weights make numbers overflow: the fused tokens hold ",
            Refused(Fuse("patches.npy", "--checkpoint", _folder["weights.safetensors"])));
        Enlarge(_folder["weights.safetensors"], 1, ("layers.0.cross_attn.q_proj.bias", float.NaN));
        Assert.Contains($"{_folder["weights.safetensors"]}: 'layers.0.cross_attn.q_proj.bias' [8] holds a number that is not finite",
            Refused(Fuse("patches.npy", "--checkpoint", _folder["weights.safetensors"])));
        Assert.False(File.Exists(_folder["fused.npz"]));
    }

    [Theory]
    [InlineData("train", "--steps", "0", "--steps must be at least 1, got 0")]
    [InlineData("train", "--steps", "-3", "--steps must be at least 1, got -3")]
    [InlineData("pretrain", "--steps", "0", "--steps must be at least 1, got 0")]
    [InlineData("pretrain", "--momentum", "NaN", "--momentum must be 0 to 0.999999, got NaN")]
    [InlineData("pretrain", "--momentum", "Infinity", "--momentum must be 0 to 0.999999, got Infinity")]
    [InlineData("pretrain", "--momentum", "-0.1", "--momentum must be 0 to 0.999999, got -0.1")]
    [InlineData("demo", "--steps", "0", "--steps must be at least 1, got 0")]
    public void A_number_no_training_can_have_is_refused_by_the_name_of_its_option(string command, string option, string value,
        string message)
    {
        Assert.Contains(message, Refused([command, option, value, "--out", _folder["run"]]));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    private static string Refused(string[] args)
    {
        var run = ToolRun.Of(args);
        Assert.Equal(2, run.ExitCode);
        return run.OnlyError();
    }

    /// <summary>An untrained policy of the tabletop.</summary>
    private void Policy(string name) =>
        CrossModal.Policies.PolicyFolder.Save(_folder[name],
            new TabletopLossSource("cross-attention", new FusionOptions(8, 2), new TabletopRecipe()).Policy);

    /// <summary>Multiplies all weights in a file, and sets the first number of some.</summary>
    private static void Enlarge(string path, float factor, params (string Name, float First)[] set)
    {
        var file = SafeTensors.Read(path);
        var tensors = file.Tensors.Select(t =>
        {
            var values = Array.ConvertAll(t.Value.ToSingles(), v => v * factor);
            foreach (var (_, first) in set.Where(s => s.Name == t.Key)) values[0] = first;
            return KeyValuePair.Create(t.Key, StoredArray.From(values, [.. t.Value.Shape]));
        }).ToList();
        SafeTensors.Write(path, tensors, file.Metadata);
    }

    /// <summary>Five episodes of three steps.</summary>
    private void Record()
    {
        var random = new Random(5);
        for (var e = 0; e < 5; e++)
        {
            var path = _folder[string.Create(CultureInfo.InvariantCulture, $"recordings/episode_{e:000}")];
            Directory.CreateDirectory(path);
            Npy.Write(Path.Combine(path, "actions.npy"),
                StoredArray.From([.. Enumerable.Range(0, 6).Select(_ => random.NextSingle())], 3, 2));
            for (var t = 0; t < 3; t++)
            {
                var picture = new RgbImage(20, 12);
                random.NextBytes(picture.Pixels);
                Png.Write(Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{t:000}.png")), picture);
            }

            File.WriteAllText(Path.Combine(path, "episode.json"), "{\"instruction\": \"open the drawer\"}");
        }
    }
}
