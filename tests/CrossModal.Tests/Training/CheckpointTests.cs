using System.Text.Json.Nodes;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Training;

namespace CrossModal.Tests.Training;

public sealed class CheckpointTests
{
    private readonly Bag _model = new(("w", Tensor.From([1, 2, 3], [3])), ("b", Tensor.Scalar(4)));

    [Fact]
    public void What_was_saved_comes_back()
    {
        using var folder = new TemporaryFolder();
        var optimizer = Stepped();
        var average = new WeightAverage(_model, 0.9);
        _model["w"].Span.Fill(7);
        average.Update();
        Checkpoint.Save(folder.Path, Info(500) with { Configuration = new JsonObject { ["模型"] = "film" } }, _model, optimizer, average);

        var other = new Bag(("w", Tensor.Zeros([3])), ("b", Tensor.Scalar(0)));
        var otherOptimizer = new AdamW(ParameterGroups.All(other));
        var otherAverage = new WeightAverage(other, 0.9);
        var checkpoint = Checkpoint.Newest(folder.Path)!;
        checkpoint.Restore(other, otherOptimizer, otherAverage);
        Assert.Equal(_model.AllNumbers(), other.AllNumbers());
        Assert.Equal(optimizer.ExportState()["w.exp_avg"].ToSingles(), otherOptimizer.ExportState()["w.exp_avg"].ToSingles());
        Assert.Equal(1, otherOptimizer.ExportState()["w.step"].ToInt64s()[0]);
        Assert.Equal(average.Values["w"].ToArray(), otherAverage.Values["w"].ToArray());
        Assert.Equal(1, otherAverage.Updates);
        Assert.Equal(500, checkpoint.Info.Step);
        Assert.Equal("film", (string)checkpoint.Info.Configuration!["模型"]!);
        Assert.NotEmpty(checkpoint.Info.Library);
        Assert.True(checkpoint.HasAverage);
    }

    [Fact]
    public void A_kill_at_any_file_leaves_the_older_checkpoint_to_load()
    {
        using var folder = new TemporaryFolder();
        var optimizer = Stepped();
        Checkpoint.Save(folder.Path, Info(10), _model, optimizer);
        Checkpoint.Save(folder["elsewhere"], Info(20), _model, optimizer);
        string[] files = ["model.safetensors", "optimizer.safetensors", "training.json"];
        for (var written = 0; written <= files.Length; written++)
        {
            // As far as the writing of step 20 got: some files, under the unfinished name.
            Directory.CreateDirectory(folder["checkpoint-000020.tmp"]);
            foreach (var file in files[..written])
                File.Copy(folder["elsewhere", "checkpoint-000020", file], folder["checkpoint-000020.tmp", file], overwrite: true);
            Assert.Equal(10, Checkpoint.Newest(folder.Path)!.Info.Step);
        }

        // Between renaming the new and deleting the old, both are there.
        Checkpoint.Save(folder.Path, Info(20), _model, optimizer, keep: 2);
        Assert.Equal(20, Checkpoint.Newest(folder.Path)!.Info.Step);
        Assert.Equal(["checkpoint-000010", "checkpoint-000020"], Folders(folder));
        Checkpoint.Save(folder.Path, Info(1_000_000), _model, optimizer);
        Assert.Equal(["checkpoint-1000000"], Folders(folder));
    }

    [Fact]
    public void A_folder_that_lost_a_file_is_passed_over()
    {
        using var folder = new TemporaryFolder();
        Checkpoint.Save(folder.Path, Info(10), _model, Stepped());
        Checkpoint.Save(folder.Path, Info(20), _model, Stepped(), keep: 2);
        File.Delete(folder["checkpoint-000020", "optimizer.safetensors"]);
        Assert.Equal(10, Checkpoint.Newest(folder.Path)!.Info.Step);
        Assert.Null(Checkpoint.Newest(folder["nowhere"]));
    }

    [Fact]
    public void Files_of_two_steps_are_not_loaded_together()
    {
        using var folder = new TemporaryFolder();
        Checkpoint.Save(folder.Path, Info(10), _model, Stepped());
        var newer = Checkpoint.Save(folder.Path, Info(20), _model, Stepped(), keep: 2);
        File.Copy(folder["checkpoint-000010", "optimizer.safetensors"], folder["checkpoint-000020", "optimizer.safetensors"],
            overwrite: true);
        var error = Assert.Throws<FileFormatException>(() => newer.Restore(_model, new AdamW(ParameterGroups.All(_model))));
        Assert.Contains("optimizer.safetensors: it is of step 10, training.json beside it of step 20", error.Message);
    }

    [Fact]
    public void A_file_cut_short_is_named()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Checkpoint.Save(folder.Path, Info(10), _model, Stepped());
        using (var stream = File.OpenWrite(checkpoint.ModelPath)) stream.SetLength(stream.Length - 3);
        Assert.Contains("model.safetensors", Assert.Throws<FileFormatException>(() => checkpoint.Restore(_model)).Message);
    }

    [Theory]
    [InlineData("{\"step\": 10, \"seed\": 1, \"batch_size\": 2}", "shards")]
    [InlineData("{\"step\": -4, \"seed\": 1, \"batch_size\": 2, \"shards\": 1}", "step")]
    [InlineData("{\"step\": \"ten\", \"seed\": 1, \"batch_size\": 2, \"shards\": 1}", "'step' in line 1")]
    [InlineData("null", "null")]
    [InlineData("{\"step\": 1", "")]
    public void A_damaged_training_json_is_named_with_its_key(string text, string key)
    {
        using var folder = new TemporaryFolder();
        Checkpoint.Save(folder.Path, Info(10), _model, Stepped());
        File.WriteAllText(folder["checkpoint-000010", "training.json"], text);
        var error = Assert.Throws<FileFormatException>(() => Checkpoint.Newest(folder.Path));
        Assert.Contains("training.json", error.Message);
        Assert.Contains(key, error.Message);
    }

    [Fact]
    public void An_optimiser_of_another_kind_is_refused_with_file_and_keys()
    {
        using var folder = new TemporaryFolder();
        var checkpoint = Checkpoint.Save(folder.Path, Info(10), _model, Stepped());
        var error = Assert.Throws<FileFormatException>(() => checkpoint.Restore(_model, new Sgd(ParameterGroups.All(_model), 0.1, 0.9)));
        Assert.Contains("optimizer.safetensors: the state does not match", error.Message);
        Assert.Contains("missing 'w.momentum_buffer' [3]", error.Message);
    }

    [Fact]
    public void A_step_is_saved_once()
    {
        using var folder = new TemporaryFolder();
        Checkpoint.Save(folder.Path, Info(10), _model, Stepped());
        Assert.Contains("step 10", Assert.Throws<IOException>(() => Checkpoint.Save(folder.Path, Info(10), _model, Stepped())).Message);
    }

    [Fact]
    public void A_model_file_comes_back_with_its_metadata()
    {
        using var folder = new TemporaryFolder();
        ModelFile.Save(folder["m.safetensors"], _model, [KeyValuePair.Create("strategy", "cross")]);
        var other = new Bag(("w", Tensor.Zeros([3])), ("b", Tensor.Scalar(0)));
        Assert.Equal("cross", ModelFile.Load(folder["m.safetensors"], other)["strategy"]);
        Assert.Equal(_model.AllNumbers(), other.AllNumbers());
    }

    [Fact]
    public void A_model_file_that_does_not_fit_is_refused_with_all_names_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        ModelFile.Save(folder["m.safetensors"], _model);
        var other = new Bag(("w", Tensor.Zeros([2])), ("c", Tensor.Scalar(5)));
        var error = Assert.Throws<FileFormatException>(() => ModelFile.Load(folder["m.safetensors"], other));
        foreach (var part in (string[])["m.safetensors", "'w' is [3], expected [2]", "missing 'c' []", "unexpected 'b'"])
            Assert.Contains(part, error.Message);
        Assert.Equal([0f, 0f, 5f], other.AllNumbers());
    }

    [Fact]
    public void A_model_file_with_a_number_that_is_not_finite_is_refused()
    {
        using var folder = new TemporaryFolder();
        var bad = new Bag(("w", Tensor.From([1, float.NaN, 3], [3])), ("b", Tensor.Scalar(4)));
        ModelFile.Save(folder["m.safetensors"], bad);
        Assert.Contains("'w' [3] holds a number that is not finite",
            Assert.Throws<FileFormatException>(() => ModelFile.Load(folder["m.safetensors"], _model)).Message);
    }

    [Fact]
    public void A_model_file_with_a_bad_last_parameter_changes_none_of_the_others()
    {
        using var folder = new TemporaryFolder();
        ModelFile.Save(folder["m.safetensors"], new Bag(("w", Tensor.From([7, 8, 9], [3])), ("b", Tensor.Scalar(float.PositiveInfinity))));
        Assert.Throws<FileFormatException>(() => ModelFile.Load(folder["m.safetensors"], _model));
        Assert.Equal([1f, 2f, 3f, 4f], _model.AllNumbers());
    }

    [Fact]
    public void Loading_keeps_the_memory_that_somebody_holds()
    {
        using var folder = new TemporaryFolder();
        ModelFile.Save(folder["m.safetensors"], _model);
        float[] held = [0, 0, 0];
        ModelFile.Load(folder["m.safetensors"], new Bag(("w", Tensor.From(held, [3])), ("b", Tensor.Scalar(0))));
        Assert.Equal([1f, 2f, 3f], held);
    }

    private static CheckpointInfo Info(int step) => new() { Step = step, Seed = ulong.MaxValue, BatchSize = 8, Shards = 2 };

    private static string[] Folders(TemporaryFolder folder) =>
        [.. Directory.GetDirectories(folder.Path, "checkpoint-*").Select(f => Path.GetFileName(f)).Order()];

    private AdamW Stepped()
    {
        var optimizer = new AdamW(ParameterGroups.All(_model));
        using var gradients = GivenGradients.Of((_model["w"], Tensor.Full([3], 1)), (_model["b"], Tensor.Scalar(1)));
        optimizer.Step(gradients);
        return optimizer;
    }
}
