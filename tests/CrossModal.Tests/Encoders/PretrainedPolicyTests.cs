using CrossModal.Data;
using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Recording;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Imitation;
using CrossModal.Policies;
using CrossModal.Tests.Checkpoints;
using CrossModal.Tests.Training;

namespace CrossModal.Tests.Encoders;

/// <summary>Policies whose words or pictures go through pretrained encoders: training, folders, compiled steps.</summary>
public sealed class PretrainedPolicyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecordedData _data = RecordedData.Split("here", [.. Enumerable.Range(0, 6).Select(Episode)]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bert", null)]
    [InlineData("clip", null)]
    [InlineData(null, "clip")]
    [InlineData(null, "vilt")]
    [InlineData("bert", "clip")]
    public void A_policy_that_was_trained_saved_and_loaded_decides_compiled_as_eager(string? text, string? vision)
    {
        var trainer = Trainer(20, text, vision);
        trainer.Run(_folder["run"]);
        PolicyFolder.Save(_folder["run"], trainer.Policy);
        Directory.Delete(_folder["encoders"], recursive: true);
        var loaded = PolicyFolder.Load(_folder["run"]);
        Assert.Equal(Weights(trainer.Policy), Weights(loaded));
        var episode = _data.Training[0];
        using var pass = Pass.Evaluation();
        var eager = loaded.Decide(ActionError.Inputs(loaded, episode, [0, 1], pass), pass).Action;
        using var policy = Policy.Of(loaded);
        Assert.Empty(policy.SetInstruction(episode.Instruction).Unknown);
        for (var step = 0; step < 2; step++)
        {
            var decided = policy.Act(new Observation(episode.Frames[step])).Action;
            var expected = new float[2];
            loaded.Actions.Undo(eager.Span.Slice(2 * step, 2), expected);
            for (var d = 0; d < 2; d++) Assert.Equal(expected[d], decided[d], 1e-5f);
        }

        // A word that training never had is no unknown one.
        var words = policy.SetInstruction(text is null ? "go left" : "fetch cup");
        Assert.Empty(words.Unknown);
        policy.Act(new Observation(episode.Frames[0]));
        Assert.All(policy.Maps(), map => Assert.Equal(words.Words.Count, map.Words));
    }

    [Fact]
    public void A_frozen_encoder_is_in_no_checkpoint_and_stays_as_it_is()
    {
        var trainer = Trainer(20, "bert", null);
        var before = ((TextEncoder)trainer.Policy.Tokenizer.Encoder!).Model.Parameters().Select(p => p.Value.ToArray()).ToList();
        trainer.Run(_folder["run"]);
        Assert.DoesNotContain(trainer.Policy.Policy.Parameters(), p => p.Key.Contains("encoder.layers", StringComparison.Ordinal)
            && p.Key.StartsWith("language.encoder", StringComparison.Ordinal));
        Assert.Equal(before, ((TextEncoder)trainer.Policy.Tokenizer.Encoder!).Model.Parameters().Select(p => p.Value.ToArray()));
    }

    [Fact]
    public void A_tuned_encoder_learns_and_its_weights_are_in_the_policys_file()
    {
        var trainer = Trainer(20, "bert", null, tune: true);
        var model = ((TextEncoder)trainer.Policy.Tokenizer.Encoder!).Model;
        var before = model.Parameters().Where(p => p.Key.Contains("q_proj.weight", StringComparison.Ordinal)).Select(p => p.Value.ToArray())
            .ToList();
        trainer.Run(_folder["run"]);
        Assert.All(before.Zip(model.Parameters().Where(p => p.Key.Contains("q_proj.weight", StringComparison.Ordinal))), p =>
            Assert.NotEqual(p.First, p.Second.Value.ToArray()));
        PolicyFolder.Save(_folder["run"], trainer.Policy);
        var loaded = PolicyFolder.Load(_folder["run"]);
        Assert.Equal(trainer.Policy.Tokenizer.InputOf("go left"), loaded.Tokenizer.InputOf("go left"));
        Assert.Contains(loaded.Policy.Parameters(), p => p.Key == "language.encoder.embed.words.weight");

        // What the recorded pass computed of pieces is what the words are given later.
        var inputs = new TextInputs(loaded.Tokenizer, 2, 4);
        inputs.Fill(["go left", "a cupcup b"]);
        using var pass = Pass.Evaluation();
        var words = inputs.Words(pass);
        foreach (var (row, text) in ((int, string)[])[(0, "go left"), (1, "a cupcup b")])
        {
            var states = loaded.Tokenizer.InputOf(text);
            for (var i = 0; i < states.Length; i++) Assert.Equal(states[i], words.Span[row * 4 * 32 + i], 1e-5f);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_was_stopped_and_goes_on_ends_with_the_same_bits(bool tune)
    {
        var (whole, stopped, resumed) = (Trainer(6, "bert", null, tune), Trainer(6, "bert", null, tune), Trainer(6, "bert", null, tune));
        whole.Run(_folder["whole"]);
        using var stop = new StopAfter(4);
        stopped.Run(_folder["parts"], stop, stop.Token);
        resumed.Run(_folder["parts"]);
        Assert.Equal(Weights(whole.Policy), Weights(resumed.Policy));
        Assert.Contains("another configuration", Assert.Throws<IOException>(() => Trainer(6, null, null).Run(_folder["parts"])).Message);
    }

    [Fact]
    public void A_policy_whose_encoder_was_replaced_or_is_missing_is_refused()
    {
        var trainer = Trainer(2, "bert", null);
        trainer.Run(_folder["run"]);
        PolicyFolder.Save(_folder["run"], trainer.Policy);
        new PublishedFolder("bert") { Seed = 9 }.Write(Path.Combine(_folder["run"], "text_encoder"));
        Assert.Contains("is not the encoder that the policy was trained with",
            Assert.Throws<FileFormatException>(() => PolicyFolder.Load(_folder["run"])).Message);
        Directory.Delete(Path.Combine(_folder["run"], "text_encoder"), recursive: true);
        Assert.Contains("text_encoder: there is no such folder",
            Assert.Throws<FileFormatException>(() => PolicyFolder.Load(_folder["run"])).Message);
    }

    [Fact]
    public void Features_are_computed_once_and_kept_on_disk()
    {
        var encoders = Encoders(null, "clip");
        var vision = encoders.OfVision()!;
        var (planes, first, again) = (new float[3 * 32 * 32], new float[vision.Length], new float[vision.Length]);
        for (var i = 0; i < planes.Length; i++) planes[i] = i % 7 / 7f;
        vision.Encode(planes, first);
        var file = Assert.Single(Directory.EnumerateFiles(_folder["features"]));
        Assert.Equal(4 * vision.Length, new FileInfo(file).Length);
        var changed = File.ReadAllBytes(file);
        BitConverter.TryWriteBytes(changed, 42f);
        File.WriteAllBytes(file, changed);
        vision.Encode(planes, again);
        Assert.Equal(42f, again[0]);
        Assert.Equal(first[1..], again[1..]);
        planes[0] = 0.5f;
        vision.Encode(planes, again);
        Assert.Equal(2, Directory.EnumerateFiles(_folder["features"]).Count());
    }

    [Fact]
    public void A_vision_encoder_that_is_no_folder_needs_a_package_and_methods_that_change_pixels_are_refused()
    {
        File.WriteAllText(_folder["x.onnx"], "");
        Assert.Contains("CrossModal.OnnxRuntime", Assert.Throws<FileFormatException>(() =>
            new PretrainedEncoders { Vision = _folder["x.onnx"] }.OfVision()).Message);
        Assert.Equal((_folder["x.onnx"], "a"), VisionEncoder.Split(_folder["x.onnx"] + ":a"));
        Assert.Equal((_folder["none:a"], null), VisionEncoder.Split(_folder["none:a"]));
        using var policy = Policy.Of(Trainer(1, null, "clip").Policy);
        policy.SetInstruction("go left");
        policy.Act(new Observation(_data.Training[0].Frames[0]));
        Assert.Contains("frozen vision encoder", Assert.Throws<NotSupportedException>(() => policy.Explained().Decision).Message);
    }

    private PolicyTrainer Trainer(int steps, string? text, string? vision, bool tune = false) =>
        new(new RecordedLossSource(_data, "cross-attention", new FusionOptions(16, 2, 1), steps, seed: 3,
            encoders: text is null && vision is null ? null : Encoders(text, vision, tune)));

    private PretrainedEncoders Encoders(string? text, string? vision, bool tune = false)
    {
        foreach (var (kind, seed) in new[] { (text, 5ul), (vision, 6ul) })
            if (kind is not null) new PublishedFolder(kind) { Seed = seed }.Write(Folder(kind, seed));
        return new PretrainedEncoders
        {
            Text = text is null ? null : Folder(text, 5),
            TuneText = tune,
            Vision = vision is null ? null : Folder(vision, 6),
            FeatureCache = _folder["features"],
        };
    }

    private string Folder(string kind, ulong seed) => Path.Combine(_folder["encoders"], $"{kind}{seed}");

    private static float[] Weights(TrainedPolicy trained) => [.. trained.Policy.Parameters().SelectMany(p => p.Value.ToArray())];

    private static Episode Episode(int number)
    {
        var random = new Random(number);
        RgbImage[] frames = [new RgbImage(16, 16), new RgbImage(16, 16)];
        foreach (var frame in frames) random.NextBytes(frame.Pixels);
        var way = number % 2 == 0 ? -1 : 1;
        return new Episode($"e{number}", number % 2 == 0 ? "go left" : "go right", frames, [[way, way / 2f], [way, -way / 2f]], null);
    }
}
