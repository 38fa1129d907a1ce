using System.Text.Json.Nodes;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Cli.Tests.Commands;

/// <summary><c>crossmodal export</c>: what it writes and says, and what it refuses.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ExportCommandTests()
    {
        var tokenizer = new WordTokenizer(["cup", "pick"]);
        var options = new PolicyOptions("cross-attention", new FusionOptions(8, 2), tokenizer.Count, 2);
        var policy = new LanguagePolicy(options, new RandomSource(4));
        PolicyFolder.Save(_folder["policy"], new TrainedPolicy(policy, tokenizer, Normalization.Identity(2), null, "recordings"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_writes_a_model_and_a_manifest_into_a_new_folder_and_says_what_goes_in_and_comes_out()
    {
        var run = Export("--out", _folder["new/policy.onnx"], "--opset", "23", "--maps", "--json", _folder["run.json"]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal([_folder["new/policy.onnx"], _folder["new/policy.onnx.json"]],
            Directory.GetFiles(_folder["new"]).Order(StringComparer.Ordinal));
        Assert.Contains("words    int64    [batch, words]", run.Output);
        Assert.Contains("[batch, 2, words, 64]", run.Output);
        var result = JsonNode.Parse(File.ReadAllText(_folder["run.json"]))!;
        Assert.Equal(["picture", "words", "mask"], result["inputs"]!.AsArray().Select(port => (string)port!["name"]!));
        Assert.Equal(["action", "map.fusion.layers.0.cross_attn.camera"],
            result["outputs"]!.AsArray().Select(port => (string)port!["name"]!));
        Assert.True((int)result["operators"]!["Attention"]! > 0);
    }

    [Fact]
    public void A_number_for_batch_fixes_it() =>
        Assert.Contains("picture  float32  [4, 3, 64, 64]", Export("--out", _folder["p.onnx"], "--batch", "4").Output);

    [Fact]
    public void States_of_words_are_refused_where_words_are_numbers()
    {
        var run = Export("--out", _folder["p.onnx"], "--instruction", "pick cup");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--instruction needs a policy with a text encoder", run.OnlyError());
        Assert.False(File.Exists(_folder["p.onnx"]));
    }

    [Theory]
    [InlineData("--opset: '18' is not 17 or 23", "--opset", "18")]
    [InlineData("--opset: 'new' is not 17 or 23", "--opset", "new")]
    [InlineData("--batch: '0' is neither dynamic nor a whole number from 1 to 65536", "--batch", "0")]
    public void A_wrong_value_is_refused_and_nothing_is_written(string reason, params string[] options)
    {
        var run = Export(["--out", _folder["p.onnx"], .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal($"crossmodal: {reason}; see crossmodal export --help", run.OnlyError());
        Assert.Equal([_folder["policy"]], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_file_of_the_policy_is_not_overwritten()
    {
        var before = File.ReadAllBytes(_folder["policy/model.safetensors"]);
        foreach (var file in (string[])["policy/model.safetensors", "policy/policy.json"])
        {
            var run = Export("--out", _folder[file]);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("is the file of --checkpoint, which would be overwritten", run.OnlyError());
        }

        Assert.Equal(2, Export("--out", _folder["policy"]).ExitCode);
        Assert.Equal(before, File.ReadAllBytes(_folder["policy/model.safetensors"]));
    }

    [Fact]
    public void A_strategy_of_ones_own_with_an_operation_of_its_own_is_refused_by_the_operations_name()
    {
        var with = typeof(HalvedFusion).Assembly.Location;
        string[] sizes = ["--dim", "8", "--heads", "2", "--layers", "1", "--steps", "1", "--episodes", "1"];
        var train = ToolRun.Apart(_folder.Path, ["train", "--strategy", "halved", "--with", with, "--out", "run", .. sizes]);
        Assert.True(train.ExitCode == 0, train.Error);
        var run = ToolRun.Apart(_folder.Path, "export", "--checkpoint", "run", "--with", with, "--out", "halved.onnx");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("crossmodal: the operation 'Halve' has no mapping to ONNX (at or after the layer 'fusion.mix')", run.OnlyError());
        Assert.False(File.Exists(_folder["halved.onnx"]));
    }

    private ToolRun Export(params string[] options) => ToolRun.Of(["export", "--checkpoint", _folder["policy"], .. options]);
}
