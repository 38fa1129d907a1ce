using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Imitation;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tests.Training;

namespace CrossModal.Tests.Imitation;

public sealed class ImitationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_of_the_held_out_episodes_is_known()
    {
        var data = RecordedData.Split("here", [.. Enumerable.Range(1, 11).Select(i => Constant($"e{i}", $"word{i}", i))]);
        Assert.Equal(11, data.Training.Count + data.HeldOut.Count);
        Assert.All(data.HeldOut, e => Assert.True(data.Rule.Holds(e)));
        Assert.All(data.Training, e => Assert.False(data.Rule.Holds(e)));
        Assert.Equal(data.Training.Select(e => e.Instruction).Order(StringComparer.Ordinal), data.Tokenizer.Words);
        Assert.Equal(data.Training.Average(e => e.Actions[0][0]), data.Actions.Mean[0], 1e-5f);
        Assert.Null(data.States);
        Assert.Equal(data.HeldOut.Select(e => e.Instruction), RecordedData.UnknownWords(data.Tokenizer, data.HeldOut));
        Assert.Empty(RecordedData.UnknownWords(data.Tokenizer, data.Training));
        var error = Assert.Throws<FileFormatException>(() =>
            RecordedData.Split("here", [.. Enumerable.Range(1, 1).Select(i => Constant($"e{i}", "x", i))]));
        Assert.StartsWith("here: holds 1 episodes; at least 2 are needed", error.Message);
    }

    [Fact]
    public void A_training_without_steps_is_refused()
    {
        var data = RecordedData.Split("here", [.. Enumerable.Range(1, 5).Select(i => Constant($"e{i}", "go", i))]);
        foreach (var steps in (int[])[0, -1])
            Assert.Contains($"the steps must be at least 1, got {steps}",
                Assert.Throws<ArgumentException>(() => new RecordedLossSource(data, "cross-attention", new FusionOptions(8), steps,
                1)).Message);
    }

    [Fact]
    public void Past_frames_of_a_recorded_step_are_those_of_the_steps_before_in_its_episode()
    {
        var frames = Enumerable.Range(0, 4).Select(t => Even((byte)(40 * t + 10))).ToArray();
        var episode = new Episode("e", "go", frames, [.. frames.Select(_ => new float[] { 1, 2 })], null);
        var trained = Untrained(Normalization.Identity(2));
        var options = trained.Policy.Options with { Perception = new PerceptionOptions { PastFrames = 2 } };
        trained = trained with { Policy = new LanguagePolicy(options, new RandomSource(1)) };
        using var pass = Pass.Evaluation();
        var past = ActionError.Inputs(trained, episode, [0, 1, 3], pass).Past!;
        Assert.Equal(Shape.Of(3, 2, 3, 16, 16), past.Pictures.Shape);
        var none = float.NegativeInfinity;
        Assert.Equal([none, none, 0, none, 0, 0], past.Mask!.Scores.ToArray());
        Assert.Equal([10, 90, 50], ((int[])[2, 4, 5]).Select(i => (int)MathF.Round(255 * past.Pictures.Span[i * 3 * 16 * 16])));
        Assert.Equal(3, ActionError.Inputs(trained, episode, [0, 1, 3], pass).Images.Shape[0]);
        Assert.InRange(ActionError.Measure(trained, [episode]).Ratio, 0, 1e6);

        static RgbImage Even(byte value)
        {
            var picture = new RgbImage(16, 16);
            picture.Pixels.AsSpan().Fill(value);
            return picture;
        }
    }

    [Fact]
    public void A_policy_learns_from_recordings_with_past_frames_and_goes_on_to_the_same_bits()
    {
        PolicyTrainer[] trainers = [.. Enumerable.Range(0, 3).Select(_ => new PolicyTrainer(new RecordedLossSource(TwoInstructions(),
            "cross-attention", new FusionOptions(16, 2, 1), 8, seed: 3, perception: new PerceptionOptions { PastFrames = 2 })))];
        var drawn = Weights(trainers[0]);
        trainers[0].Run(_folder["whole"]);
        Assert.NotEqual(drawn, Weights(trainers[0]));
        using var stop = new StopAfter(3);
        trainers[1].Run(_folder["parts"], stop, stop.Token);
        trainers[2].Run(_folder["parts"]);
        Assert.Equal(Weights(trainers[0]), Weights(trainers[2]));
    }

    [Fact]
    public void Normalisation_gives_mean_0_and_deviation_1_and_comes_back()
    {
        var random = new Random(3);
        float[][] rows = [.. Enumerable.Range(0, 50).Select(_ => new[] { random.NextSingle() * 100 - 20, random.NextSingle() * 1e-3f, 7 })];
        var normalization = Normalization.Learn(rows);
        Assert.Equal(1, normalization.Deviation[2]);
        var applied = rows.Select(row => Through(normalization.Apply, row)).ToArray();
        for (var d = 0; d < 2; d++)
        {
            Assert.Equal(0, applied.Average(a => a[d]), 1e-4);
            Assert.Equal(1, applied.Average(a => (double)a[d] * a[d]), 1e-4);
        }

        Assert.All(applied, a => Assert.Equal(0, a[2]));
        foreach (var (row, back) in rows.Zip(applied.Select(a => Through(normalization.Undo, a))))
            for (var d = 0; d < 3; d++) Assert.Equal(row[d], back[d], 1e-4f);
        Assert.Equal([1, -2], Through(Normalization.Identity(2).Apply, [1, -2]));
        Assert.Throws<ShapeException>(() => Normalization.Learn([]));
        Assert.Throws<ShapeException>(() => Normalization.Learn([[1, 2], [1]]));
    }

    [Fact]
    public void Pictures_become_planes_from_0_to_1_with_black_bars()
    {
        var picture = new RgbImage(4, 2);
        picture.Fill(new Rgb(255, 51, 0));
        var planes = new float[3 * 16];
        Array.Fill(planes, 9);
        new FramePreprocessor(4).Encode(picture, planes);
        float[] red = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0];
        Assert.Equal([.. red, .. red.Select(x => x * 51 * (1f / 255)), .. new float[16]], planes);
    }

    [Fact]
    public void The_error_is_that_computed_by_hand()
    {
        // A policy whose weights are all 0 decides 0, which is the mean: both errors are the same and known.
        var policy = Untrained(new Normalization([1, 10], [2, 5]));
        foreach (var (_, weights) in policy.Policy.Parameters()) weights.Span.Clear();
        var episode = new Episode("e", "cup", [new RgbImage(8, 8), new RgbImage(8, 8)], [[3, 10], [1, 20]], null);
        var error = ActionError.Measure(policy, [episode], Workers.Single);
        Assert.Equal(2, error.Steps);
        Assert.Equal([Math.Sqrt(2), Math.Sqrt(50)], error.Policy, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(error.Mean, error.Policy);
        Assert.Equal(((4 + 0) / 2.0 / 4 + (0 + 100) / 2.0 / 25) / 2, error.Normalized, 6);
        Assert.Equal(1, error.Ratio, 6);

        // The last bias is what it decides: 1 in units of the deviation, so 3 and 15 instead of 1 and 10.
        policy.Policy.Parameters().Last(p => p.Key.EndsWith("bias", StringComparison.Ordinal)).Value.Span.Fill(1);
        error = ActionError.Measure(policy, [episode, episode], Workers.Single);
        Assert.Equal(4, error.Steps);
        Assert.Equal([Math.Sqrt(2), 5], error.Policy, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([Math.Sqrt(2), Math.Sqrt(50)], error.Mean, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal((2.0 / 4 + 25.0 / 25) / 2, error.Normalized, 6);
        Assert.Equal(["e", "e"], error.Episodes.Select(e => e.Name));
        Assert.All(error.Episodes, e => Assert.Equal((2, 0.75), (e.Steps, Math.Round(e.Normalized, 5))));
    }

    [Fact]
    public void An_episode_that_does_not_go_through_the_policy_at_once_has_the_error_of_its_parts()
    {
        var random = new Random(4);
        float[][] actions = [.. Enumerable.Range(0, 77).Select(_ => new[] { random.NextSingle(), random.NextSingle() })];
        RgbImage[] frames = [.. actions.Select(_ => new RgbImage(16, 16))];
        foreach (var frame in frames) random.NextBytes(frame.Pixels);
        var policy = Untrained(new Normalization([0.5f, 0.4f], [1, 2]));
        var whole = ActionError.Measure(policy, [new Episode("e", "cup", frames, actions, null)], Workers.Single);
        var single = ActionError.Measure(policy, [.. actions.Select((a, i) => new Episode($"e{i}", "cup", [frames[i]], [a], null))],
            Workers.Single);
        Assert.Equal(77, whole.Steps);
        Assert.Equal(single.Normalized, whole.Normalized, 5);
        Assert.Equal(single.NormalizedMean, whole.NormalizedMean, 9);
    }

    [Fact]
    public void On_what_was_learned_from_the_mean_action_has_the_variance_as_its_error()
    {
        var data = RecordedData.Split("here", [.. Enumerable.Range(1, 5).Select(i => Constant($"e{i}", "cup", i * i))]);
        var error = ActionError.Measure(Untrained(data.Actions), data.Training, Workers.Single);
        Assert.Equal(1, error.NormalizedMean, 5);
        Assert.Equal((double)data.Actions.Deviation[0], error.Mean[0], 1e-4);
    }

    [Fact]
    public void Episodes_that_do_not_fit_the_policy_are_refused_by_name()
    {
        var policy = Untrained(Normalization.Identity(2));
        Assert.Equal("odd: has 1 numbers an action, the policy 2", Refused(new Episode("odd", "cup", [new RgbImage(8, 8)], [[1]], null)));
        Assert.Equal("odd: has 3 numbers a state, the policy 0",
            Refused(new Episode("odd", "cup", [new RgbImage(8, 8)], [[1, 2]], [[1, 2, 3]])));
        string Refused(Episode episode) => Assert.Throws<ShapeException>(() =>
            ActionError.Measure(policy, [episode], Workers.Single)).Message;
    }

    [Fact]
    public void A_trainer_learns_two_recordings_by_heart()
    {
        var data = TwoInstructions();
        var trainer = Trainer(data, 60);
        var before = ActionError.Measure(trainer.Policy, data.Training);
        var summary = trainer.Run(_folder["run"]);
        Assert.Equal((60, false), (summary.Step, summary.Cancelled));
        var after = ActionError.Measure(trainer.Policy, data.Training);
        Assert.InRange(before.Ratio, 0.6, 10);
        Assert.InRange(after.Ratio, 0, 0.4);
    }

    [Fact]
    public void A_run_that_was_stopped_and_goes_on_ends_with_the_same_bits()
    {
        var data = TwoInstructions();
        var (whole, stopped, resumed) = (Trainer(data, 6), Trainer(data, 6), Trainer(data, 6));
        whole.Run(_folder["whole"]);
        using var stop = new StopAfter(4);
        var summary = stopped.Run(_folder["parts"], stop, stop.Token);
        Assert.Equal((4, true), (summary.Step, summary.Cancelled));
        Assert.NotEqual(Weights(whole), Weights(stopped));
        resumed.Run(_folder["parts"]);
        Assert.Equal(Weights(whole), Weights(resumed));
    }

    /// <summary>Two episodes told "left" and "right", the action being that direction, and the same pictures; one more of each to
    /// make five.</summary>
    private static RecordedData TwoInstructions() => RecordedData.Split("here",
        [.. Enumerable.Range(0, 5).Select(i => Constant($"e{i}", i % 2 == 0 ? "go left" : "go right", i % 2 == 0 ? -1 : 1))]);

    private static Episode Constant(string name, string instruction, float action) =>
        new(name, instruction, [new RgbImage(16, 16), new RgbImage(16, 16)], [[action, action / 2], [action, action / 2]], null);

    private static PolicyTrainer Trainer(RecordedData data, int steps) =>
        new(new RecordedLossSource(data, "cross-attention", new FusionOptions(16, 2, 1), steps, seed: 3));

    private static TrainedPolicy Untrained(Normalization actions)
    {
        var tokenizer = new WordTokenizer(["cup"]);
        var options = new PolicyOptions("cross-attention-single", new FusionOptions(8, 2), tokenizer.Count,
            actions.Mean.Length)
        { ImageSize = 16 };
        return new TrainedPolicy(new LanguagePolicy(options, new RandomSource(1)), tokenizer, actions, null, "recordings");
    }

    private static float[] Weights(PolicyTrainer trainer) => [.. trainer.Policy.Policy.Parameters().SelectMany(p => p.Value.ToArray())];

    private static float[] Through(ActionOnRows way, float[] row)
    {
        var result = new float[row.Length];
        way(row, result);
        return result;
    }

    private delegate void ActionOnRows(ReadOnlySpan<float> x, Span<float> result);
}
