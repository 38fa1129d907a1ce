using CrossModal.Engine.Formats;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain.Monitor;
using CrossModal.Imaging;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Tests.Policies;

namespace CrossModal.Tests.Explain.Monitor;

/// <summary>The monitor: its threshold, what it is given, its network, its file, and the policy it watches.</summary>
public sealed class MonitorTests : IDisposable
{
    private static readonly MonitorLayout Layout = new(2, 2, true, 1, 3, 1, 0);
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-monitor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(19, 0.05, 19)]
    [InlineData(99, 0.1, 90)]
    [InlineData(9, 0.2, 8)]
    [InlineData(10, 0.2, 9)]
    public void The_threshold_is_the_exact_rank_of_the_successes(int successes, double alpha, int rank)
    {
        float[] scores = [.. Enumerable.Range(1, successes).Select(i => (float)i).Reverse()];
        Assert.Equal(rank, ConformalRank.Threshold(scores, alpha));
    }

    [Fact]
    public void Too_few_successes_for_a_share_of_false_stops_are_refused()
    {
        Assert.Contains("at least 19", Assert.Throws<ArgumentException>(() => ConformalRank.Threshold(new float[18], 0.05)).Message,
            StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => ConformalRank.Threshold(new float[18], 0));
    }

    [Fact]
    public void The_share_of_new_successes_above_the_threshold_is_at_most_alpha_on_average()
    {
        var (random, above) = (new RandomSource(5), 0);
        for (var i = 0; i < 4000; i++)
        {
            float[] scores = [.. Enumerable.Range(0, 24).Select(_ => random.NextSingle())];
            if (random.NextSingle() > ConformalRank.Threshold(scores, 0.1)) above++;
        }

        // ⌈25 · 0.9⌉ = 23 of 25: a new score is above with probability 2/25.
        Assert.InRange(above / 4000.0, 0.066, 0.094);
    }

    [Fact]
    public void Attention_is_summarised_as_mass_concentration_and_where_it_lies()
    {
        var weights = Tensor.Zeros([1, 1, 2, 6]);
        var entry = new TraceEntry("a", weights)
        {
            QueryTokens = [new TokenRun(TokenKind.Words, 2)],
            KeyTokens = [new TokenRun(TokenKind.Words, 2), new TokenRun(TokenKind.Patches, 4)],
        };
        var summary = new AttentionSummary(entry, new TokenGrid(2, 2));

        // The first word attends to the last patch alone; the second, which is padding, to everything.
        (weights.Span[1], weights.Span[5]) = (0.25f, 0.75f);
        weights.Span[6..].Fill(1f / 6);
        var found = new float[AttentionSummary.Length];
        summary.Write(weights.Span, 0, 1, found);
        Assert.Equal([0.75f, 1, 0, 0, 0], found);
        summary.Write(weights.Span, 0, 2, found);
        Assert.Equal((0.75 + 4.0 / 6) / 2, found[0], 1e-5);
        Assert.Equal((1 + 0.25) / 2, found[1], 1e-5);
        Assert.True(found[2] < 0 && found[4] > 0);
    }

    [Fact]
    public void A_window_gives_movement_between_steps_and_forgets_it_when_an_episode_begins()
    {
        var window = new MonitorWindow(Layout);
        float[] first = new float[Layout.Count], second = new float[Layout.Count];
        (first[Layout.ActionAt], second[Layout.ActionAt]) = (1, -1);
        (second[Layout.PointsAt], second[Layout.StateAt + 1]) = (3, 4);
        var begun = window.Next(first).ToArray();
        var moved = window.Next(second).ToArray();
        Assert.Equal(MonitorWindow.InputsOf(Layout), moved.Length);

        // Cosine and reversal of the action, movement of the point, distance from the tool to it.
        Assert.Equal((1f, 0f, 0f, 0f), (begun[1], begun[3], begun[7], begun[8]));
        Assert.Equal(-1, moved[1], 1e-3);
        Assert.Equal(0.5f, moved[3]);
        Assert.Equal((3f, 5f), (moved[7], moved[8]));
        Assert.Equal(1.5f, moved[2 * 11 + 7]);
        window.Restart();
        Assert.Equal(begun, window.Next(first).ToArray());
    }

    [Fact]
    public void A_network_learns_what_tells_failures_from_successes()
    {
        var random = new RandomSource(1);
        float[][] rows = [.. Enumerable.Range(0, 400).Select(i =>
            (float[])[random.NextGaussian() + (i % 2 == 0 ? 3 : 0), random.NextGaussian(), 7])];
        bool[] failed = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0)];
        var weights = Enumerable.Repeat(1.0, 400).ToArray();
        var network = MonitorTraining.Fit(rows, failed, weights, new MonitorTrainingOptions { Steps = 200 });
        Assert.InRange(rows.Zip(failed).Count(p => network.Logit(p.First) > 0 == p.Second), 350, 400);
        Assert.Equal(network.Logit(rows[0]), network.Share().Logit(rows[0]));
        Assert.Contains("only one kind", Assert.Throws<ArgumentException>(() =>
            MonitorTraining.Fit(rows, new bool[400], weights, new MonitorTrainingOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_monitor_beside_a_policy_scores_every_step_stops_above_its_threshold_and_begins_anew_with_an_instruction()
    {
        var trained = SmallPolicy.Create();
        PolicyFolder.Save(_folder, trained);
        Assert.Null(Act(Policy.Load(_folder)).Monitor);
        var layout = LayoutOf(trained);
        SavedMonitor.Network(layout, logit: 1).Save(_folder, threshold: 0.7f);
        using var policy = Policy.Load(_folder);
        var monitor = Act(policy).Monitor!;
        Assert.Equal(1 / (1 + MathF.Exp(-1)), monitor.Score, 1e-5);
        Assert.True(monitor.Stop);
        Assert.Equal((1, 0.1, 40), (monitor.Steps, monitor.Alpha, monitor.Calibrated));
        policy.SetInstruction("cup");
        Assert.Equal((0, 0f, false), (monitor.Steps, monitor.Score, monitor.Stop));
        SavedMonitor.Network(layout, logit: 1).Save(_folder, threshold: 0.8f);
        Assert.False(Act(Policy.Load(_folder)).Monitor!.Stop);
        Assert.Null(Act(Policy.Load(_folder, new PolicyRunOptions { Monitor = false })).Monitor);
    }

    [Fact]
    public void Steps_that_are_watched_give_the_same_action_and_allocate_nothing()
    {
        var trained = SmallPolicy.Create();
        PolicyFolder.Save(_folder, trained);
        using var plain = Policy.Load(_folder);
        SavedMonitor.Network(LayoutOf(trained), logit: 0).Save(_folder, threshold: 0.8f);
        using var watched = Policy.Load(_folder, new PolicyRunOptions { KeepFrames = false });
        Assert.Equal(Act(plain).Action.ToArray(), Act(watched).Action.ToArray());
        var (picture, state) = (Picture(), new float[5]);
        for (var i = 0; i < 3; i++) watched.Act(new Observation(picture) { State = state });
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 20; i++) watched.Act(new Observation(picture) { State = state });
        }));
        Assert.NotEmpty(watched.Explain("cup").Weights);
        watched.Act(new Observation(picture) { State = state });
        var before = watched.Act(new Observation(picture) { State = state }).Monitor!.Steps;
        Assert.Equal(before + 1, watched.Act(new Observation(picture) { State = state }).Monitor!.Steps);
    }

    [Fact]
    public void A_monitor_of_other_weights_or_a_damaged_one_is_named()
    {
        var trained = SmallPolicy.Create();
        PolicyFolder.Save(_folder, trained);
        Assert.Contains("is missing", Assert.Throws<FileFormatException>(() => GroundingMonitor.Load(_folder)).Message,
            StringComparison.Ordinal);
        SavedMonitor.Network(LayoutOf(trained), logit: 0).Save(_folder, threshold: 0.8f);
        Assert.Equal(0.8f, GroundingMonitor.Load(_folder).Threshold);
        PolicyFolder.Save(_folder, SmallPolicy.Create(seed: 9));
        Assert.Contains("other weights", Assert.Throws<FileFormatException>(() => Policy.Load(_folder)).Message, StringComparison.Ordinal);
        var path = Path.Combine(_folder, MonitorFile.Name);
        SafeTensors.Write(path, [], [new("format", "crossmodal-monitor/7")]);
        Assert.Contains("crossmodal-monitor/1", Assert.Throws<FileFormatException>(() => Policy.Load(_folder)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(path, "no tensors");
        Assert.Throws<FileFormatException>(() => Policy.Load(_folder));
    }

    [Fact]
    public void Attention_weights_that_are_kept_are_those_that_a_trace_gives()
    {
        var trained = SmallPolicy.Create();
        PolicyFolder.Save(_folder, trained);
        SavedMonitor.Network(LayoutOf(trained), logit: 0).Save(_folder, threshold: 0.8f);
        using var policy = Policy.Load(_folder);
        Act(policy);
        var maps = policy.Maps();
        Act(policy);
        var again = policy.Maps();
        Assert.Equal(maps.Select(m => m.Mean(0)), again.Select(m => m.Mean(0)));
    }

    private static MonitorLayout LayoutOf(TrainedPolicy trained) => StepSignals.LayoutOf(trained, 2, effectEvery: 0);

    private static Decision Act(Policy policy)
    {
        policy.SetInstruction("pick up red cup");
        return policy.Act(new Observation(Picture()) { State = new float[5] });
    }

    private static RgbImage Picture()
    {
        var picture = new RgbImage(48, 40);
        new Random(1).NextBytes(picture.Pixels);
        return picture;
    }
}
