using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CrossModal.Onnx.Tests;

/// <summary>What is written beside a model, and what is refused.</summary>
public sealed class FileTests
{
    [Fact]
    public void The_manifest_lists_inputs_outputs_opset_and_the_digest_of_every_file()
    {
        using var folder = new TemporaryFolder();
        var file = Onnx.Export(MadePolicy.Of(), folder["policy.onnx"], new OnnxOptions { Opset = 23, Maps = true });
        var manifest = JsonNode.Parse(File.ReadAllText(folder["policy.onnx.json"]))!;
        Assert.Equal("crossmodal-onnx/1", (string?)manifest["format"]);
        Assert.Equal(23, (int)manifest["opset"]!);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.Path))), (string?)manifest["files"]![0]!["sha256"]);
        Assert.Equal(["picture", "words", "mask", "proprioception"], manifest["inputs"]!.AsArray().Select(port => (string)port!["name"]!));
        Assert.Equal(["action", "gripper", "points", "map.fusion.layers.0.cross_attn.camera", "map.fusion.layers.1.cross_attn.camera"],
            manifest["outputs"]!.AsArray().Select(port => (string)port!["name"]!));
        Assert.Equal("[\"batch\",\"words\"]", manifest["inputs"]![1]!["shape"]!.ToJsonString());
        Assert.Equal(["policy.onnx", "policy.onnx.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [RuntimeFact]
    public void The_model_itself_says_how_pictures_words_and_states_are_prepared()
    {
        using var folder = new TemporaryFolder();
        var trained = MadePolicy.Of();
        Onnx.Export(trained, folder["policy.onnx"]);
        using var model = new OnnxModelRun(folder["policy.onnx"]);
        Assert.Equal("32", model.Metadata["crossmodal.picture.size"]);
        Assert.Equal("[\"cup\",\"pick\",\"red\",\"the\",\"up\"]", model.Metadata["crossmodal.words.vocabulary"]);
        var states = JsonNode.Parse(model.Metadata["crossmodal.proprioception"])!.AsArray();
        Assert.Equal(trained.States!.Mean, states.Select(state => (float)state!["mean"]!));
        Assert.Equal(trained.States.Deviation, states.Select(state => (float)state!["deviation"]!));
        Assert.Contains("centred", model.Metadata["crossmodal.picture.letterbox"], StringComparison.Ordinal);
    }

    [RuntimeFact]
    public void Weights_above_the_threshold_lie_in_a_file_beside_the_model_and_give_the_same_results()
    {
        using var folder = new TemporaryFolder();
        var trained = MadePolicy.Of();
        var inside = Onnx.Export(trained, folder["inside.onnx"]);
        var outside = Onnx.Export(trained, folder["outside.onnx"], new OnnxOptions { MostBytesInside = 10_000 });
        Assert.Null(inside.DataPath);
        Assert.Equal(folder["outside.onnx.data"], outside.DataPath);
        Assert.True(new FileInfo(outside.DataPath!).Length > 10_000);
        Assert.True(new FileInfo(outside.Path).Length < new FileInfo(inside.Path).Length);
        Assert.Equal(2, JsonNode.Parse(File.ReadAllText(outside.ManifestPath))!["files"]!.AsArray().Count);
        var (input, states) = MadePolicy.Draw(trained, 2, 4, seed: 3);
        using var first = new OnnxModelRun(inside.Path);
        using var second = new OnnxModelRun(outside.Path);
        Assert.Equal(first.Run([.. MadePolicy.Inputs(trained, input, states)])["action"].Values,
            second.Run([.. MadePolicy.Inputs(trained, input, states)])["action"].Values);
    }

    [Fact]
    public void Every_weight_is_stored_once()
    {
        using var folder = new TemporaryFolder();
        var trained = MadePolicy.Of();
        var file = Onnx.Export(trained, folder["policy.onnx"], new OnnxOptions { Opset = 23 });
        var weights = trained.Policy.ParameterCount * sizeof(float);
        Assert.InRange(file.Bytes, weights, weights + 60_000);
    }

    [Fact]
    public void A_file_of_weights_of_an_earlier_export_goes_when_the_model_holds_them()
    {
        using var folder = new TemporaryFolder();
        Onnx.Export(MadePolicy.Of(), folder["policy.onnx"], new OnnxOptions { MostBytesInside = 0 });
        Assert.True(File.Exists(folder["policy.onnx.data"]));
        Onnx.Export(MadePolicy.Of(), folder["policy.onnx"]);
        Assert.False(File.Exists(folder["policy.onnx.data"]));
    }

    [Fact]
    public void A_folder_that_is_missing_is_made_and_one_in_the_models_place_is_refused_with_nothing_left()
    {
        using var folder = new TemporaryFolder();
        Onnx.Export(MadePolicy.Of(), folder["new/deeper/policy.onnx"]);
        Assert.True(File.Exists(folder["new/deeper/policy.onnx"]));
        var error = Assert.Throws<IOException>(() => Onnx.Export(MadePolicy.Of(), folder["new"]));
        Assert.StartsWith(folder["new"], error.Message, StringComparison.Ordinal);
        Assert.Equal([folder["new"]], Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(0)]
    public void An_unknown_opset_is_refused_before_anything_is_written(int opset)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<OnnxExportException>(() => Onnx.Export(MadePolicy.Of(), folder["policy.onnx"],
            new OnnxOptions { Opset = opset }));
        Assert.Equal($"opset {opset} is not one of 17, 23", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Past_frames_follow_the_other_inputs_and_the_model_says_their_order_and_what_an_episode_begins_with()
    {
        using var folder = new TemporaryFolder();
        Onnx.Export(MadePolicy.Of(views: 2, past: 3), folder["policy.onnx"]);
        var manifest = JsonNode.Parse(File.ReadAllText(folder["policy.onnx.json"]))!;
        Assert.Equal(["picture_camera0", "picture_camera1", "words", "mask", "proprioception", "past_picture_camera0",
            "past_picture_camera1", "past_mask"], manifest["inputs"]!.AsArray().Select(port => (string)port!["name"]!));
        Assert.Equal("""["batch",3,3,32,32]""", manifest["inputs"]![5]!["shape"]!.ToJsonString());
        var said = manifest["metadata"]!;
        Assert.Equal("3", (string?)said["crossmodal.past.frames"]);
        Assert.Equal("""{"past_picture_camera0":"picture_camera0","past_picture_camera1":"picture_camera1"}""",
            (string?)said["crossmodal.past.inputs"]);
        Assert.Contains("the step before first", (string?)said["crossmodal.past.order"]);
        Assert.Contains("at the first step of an episode all false", (string?)said["crossmodal.past_mask"]);
        Onnx.Export(MadePolicy.Of(), folder["without.onnx"]);
        Assert.DoesNotContain("past", File.ReadAllText(folder["without.onnx.json"]));
    }

    [Fact]
    public void A_batch_or_an_example_without_samples_or_tokens_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<OnnxExportException>(() => Onnx.Export(MadePolicy.Of(), folder["policy.onnx"], new OnnxOptions { Batch = 0 }));
        var fusion = MadePolicy.Of().Policy.Fusion;
        Assert.Throws<OnnxExportException>(() => Onnx.Export(fusion, new StrategyExample(0, 16), folder["strategy.onnx"]));
        Assert.Throws<OnnxExportException>(() => Onnx.Export(fusion, new StrategyExample(3, 0), folder["strategy.onnx"]));
        Assert.Throws<OnnxExportException>(() => Onnx.Export(fusion, new StrategyExample(3), folder["strategy.onnx"]));
    }

    [Fact]
    public void An_operation_without_a_mapping_is_refused_by_its_name_and_layer()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<OnnxExportException>(() => Onnx.Export(new OwnOperationFusion(), new StrategyExample(3, 16),
            folder["strategy.onnx"]));
        Assert.Equal("the operation 'Halve' has no mapping to ONNX (at or after the layer 'mix')", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
