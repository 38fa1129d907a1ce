using CrossModal.Cli.Tests.Hosting;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Tests.Checkpoints;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Policies whose words or pictures come from pretrained encoders, on the command line.</summary>
public sealed class EncoderOptionTests : IDisposable
{
    private static readonly string[] Small = ["--dim", "8", "--heads", "2", "--layers", "1"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_policy_with_a_text_encoder_is_trained_gone_on_with_evaluated_and_exported()
    {
        new PublishedFolder("bert") { Seed = 4 }.Write(_folder["bert"]);
        var run = ToolRun.Of(["train", .. Small, "--steps", "2", "--episodes", "1", "--text-encoder", _folder["bert"], "--out",
            _folder["run"]]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.True(File.Exists(_folder["run/text_encoder/vocab.txt"]));

        // The folder may move: what counts is its content.
        Directory.Move(_folder["bert"], _folder["moved"]);
        Assert.Equal(0, ToolRun.Of(["train", .. Small, "--steps", "2", "--episodes", "1", "--text-encoder", _folder["moved"], "--out",
            _folder["run"]]).ExitCode);
        var evaluated = ToolRun.Of("evaluate", "--checkpoint", _folder["run"], "--split", "Z2b", "--episodes", "2");
        Assert.Equal((0, ""), (evaluated.ExitCode, evaluated.Error));
        var exported = ToolRun.Of("export", "--checkpoint", _folder["run"], "--out", _folder["policy.onnx"], "--instruction",
            "pick red cup");
        Assert.Equal((0, ""), (exported.ExitCode, exported.Error));
        Assert.Contains("words           float32  [batch, words, 32]", exported.Output);
        var states = Npy.Read(_folder["policy.onnx.words.npy"]);
        Assert.Equal([3, 32], states.Shape.ToArray());
        Assert.Equal(PolicyFolder.Load(_folder["run"]).Tokenizer.InputOf("pick red cup"), states.ToSingles());

        new PublishedFolder("bert") { Seed = 5 }.Write(_folder["other"]);
        var refused = ToolRun.Of(["train", .. Small, "--steps", "2", "--episodes", "1", "--text-encoder", _folder["other"], "--out",
            _folder["run"]]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("text encoder", refused.OnlyError());
    }

    [Fact]
    public void The_demo_takes_a_text_encoder_too()
    {
        new PublishedFolder("bert") { Seed = 4 }.Write(_folder["bert"]);
        var run = ToolRun.Of("demo", "--steps", "2", "--episodes", "1", "--text-encoder", _folder["bert"], "--out", _folder["demo"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.True(File.Exists(_folder["demo/text_encoder/vocab.txt"]));
        Assert.Equal(32, PolicyFolder.Load(_folder["demo"]).Policy.Options.TextWidth);
    }

    [Fact]
    public void Recordings_are_learned_through_a_frozen_vision_tower()
    {
        new PublishedFolder("clip").Write(_folder["clip"]);
        for (var e = 0; e < 6; e++) Record(e);
        var run = ToolRun.Of(["train", "--data", _folder["data"], .. Small, "--steps", "2", "--vision-encoder", _folder["clip"],
            "--text-encoder", _folder["clip"], "--out", _folder["mine"]]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.NotEmpty(Directory.GetFiles(_folder["cache/features"]));
        Assert.Equal(32, PolicyFolder.Load(_folder["mine"]).Policy.Options.ImageSize);
        var evaluated = ToolRun.Of("evaluate", "--checkpoint", _folder["mine"], "--data", _folder["data"]);
        Assert.Equal((0, ""), (evaluated.ExitCode, evaluated.Error));
    }

    [Theory]
    [InlineData("--tune-text needs --text-encoder", "--tune-text")]
    [InlineData("--vision-size needs --vision-encoder", "--data", "x", "--vision-size", "64")]
    [InlineData("--vision-encoder needs --data", "--vision-encoder", "x.onnx")]
    [InlineData("--vision-mean: 'a,b' is not 3 numbers", "--data", "x", "--vision-encoder", "x.onnx", "--vision-mean", "a,b")]
    [InlineData("there is no such folder", "--text-encoder", "nowhere")]
    public void What_does_not_fit_is_one_line(string problem, params string[] options)
    {
        Directory.CreateDirectory(_folder["x"]);
        var run = ToolRun.Of(["train", .. options, "--out", _folder["run"]]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(problem, run.OnlyError());
        Assert.False(Directory.Exists(_folder["run"]));
    }

    private void Record(int number)
    {
        var (path, random) = (_folder[$"data/episode_{number:000}"], new Random(number));
        Directory.CreateDirectory(path);
        for (var t = 0; t < 3; t++)
        {
            var picture = new RgbImage(8, 6);
            random.NextBytes(picture.Pixels);
            Png.Write(Path.Combine(path, $"{t:000}.png"), picture);
        }

        Npy.Write(Path.Combine(path, "actions.npy"), StoredArray.From([.. Enumerable.Range(0, 6).Select(_ => random.NextSingle())], 3, 2));
        File.WriteAllText(Path.Combine(path, "episode.json"), $$"""{"instruction": "put the cup {{(number % 2 == 0 ? "left" : "right")}}", "steps": 3}""");
    }
}
