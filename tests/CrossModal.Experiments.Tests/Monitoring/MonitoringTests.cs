using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Monitoring;
using CrossModal.Explain.Monitor;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Tests.Monitoring;

/// <summary>Recording episodes, comparing them at equal lengths, and fitting a monitor to them.</summary>
public sealed class MonitoringTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-rollouts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_detector_that_counts_steps_has_an_area_of_one_half_at_equal_lengths()
    {
        ScoredEpisode[] episodes = [.. Enumerable.Range(5, 10).Select(n => Counting(n, success: true)), .. Enumerable.Range(20, 10)
            .Select(n => Counting(n, success: false))];
        Assert.Equal(0.5, MatchedPairs.AtShareOfLimit(episodes, 0.5).Area);
        Assert.Equal(0.5, MatchedPairs.AtShareOfSuccess(episodes, 0.5).Area);
    }

    [Fact]
    public void Pairs_are_compared_at_the_share_of_the_limit_and_ties_count_half()
    {
        // The failure is recognised at its fourth step, one success rises at its second.
        ScoredEpisode failure = new(false, 8, [0, 0, 0, 1]), rising = new(true, 8, [0, 0.5f, 0.5f, 0.5f]), calm = new(true, 8, [0, 0, 0]);
        Assert.Equal(0.25, MatchedPairs.AtShareOfLimit([failure, rising, calm], 0.25).Area);
        Assert.Equal(0.75, MatchedPairs.AtShareOfLimit([failure, rising, calm], 0.5).Area);
        Assert.Equal(0.75, MatchedPairs.AtShareOfLimit([failure, rising, calm], 1).Area);
        Assert.True(double.IsNaN(MatchedPairs.AtShareOfLimit([rising, calm], 1).Area));
    }

    [Fact]
    public void The_spread_of_an_area_is_that_of_drawing_episodes_again()
    {
        var random = new RandomSource(3);
        ScoredEpisode[] episodes = [.. Enumerable.Range(0, 200).Select(i => new ScoredEpisode(i % 2 == 0, 1,
            [random.NextGaussian() + (i % 2 == 0 ? 0 : 1)]))];
        var pairs = MatchedPairs.AtShareOfLimit(episodes, 1);
        Assert.InRange(pairs.Area, 0.68, 0.84);

        // Hanley and McNeil (1982) for an area of 0.76 and 100 of each kind.
        Assert.InRange(pairs.Spread(), 0.025, 0.043);
        Assert.Equal(pairs.Area, MatchedPairs.Mean([pairs, pairs]).Area, 1e-6);
    }

    [Fact]
    public void Recorded_episodes_are_those_of_the_evaluation_and_come_back_from_their_file()
    {
        var trained = Untrained();
        var task = RobotTasks.Find("pick");
        var (layout, rollouts) = RolloutRecorder.Record(trained, task, RolloutCondition.Plain, 6, 3, default);
        var evaluated = TabletopEvaluation.Run(trained, task, Split.S0, new EvaluationOptions { Episodes = 6, Seed = 3 });
        Assert.Equal(evaluated.Episodes.Select(e => (e.Index, e.Steps, e.Success)), rollouts.Select(r => (r.Episode, r.Steps, r.Success)));
        Assert.All(rollouts, r => Assert.All(r.Signals, x => Assert.True(float.IsFinite(x))));
        var path = Path.Combine(_folder, "rollouts.safetensors");
        RolloutFile.Write(path, layout, rollouts);
        var (again, read) = RolloutFile.Read(path);
        Assert.Equal(layout, again);
        Assert.Equal(rollouts.Select(r => (r.Task, r.Condition, r.Episode, r.Success, r.Limit, r.Steps)),
            read.Select(r => (r.Task, r.Condition, r.Episode, r.Success, r.Limit, r.Steps)));
        Assert.Equal((float)(Half)rollouts[2].Signals[5], read[2].Signals[5]);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        Assert.Throws<FileFormatException>(() => RolloutFile.Read(path));
    }

    [Fact]
    public void Withheld_words_leave_no_counterfactual_effect_and_a_stuck_gripper_never_closes()
    {
        var (trained, task) = (Untrained(), RobotTasks.Find("pick"));
        var withheld = RolloutCondition.All.Single(c => c.Name == "words-withheld");
        var (layout, rollouts) = RolloutRecorder.Record(trained, task, withheld, 2, 3, default);
        Assert.All(rollouts, r => Assert.InRange(r.Step(0)[layout.CounterfactualAt], 0, 1e-5f));
        var (_, plain) = RolloutRecorder.Record(trained, task, RolloutCondition.Plain, 2, 3, default);
        Assert.All(plain, r => Assert.True(r.Step(0)[layout.CounterfactualAt] > 1e-4f));
        var stuck = RolloutCondition.All.Single(c => c.StuckGripper);
        var (_, open) = RolloutRecorder.Record(trained, task, stuck, 2, 3, default);

        // The fourth number of the state is the opening over its largest.
        Assert.All(open, r => Assert.All(Enumerable.Range(0, r.Steps), t => Assert.Equal(1, r.Step(t)[layout.StateAt + 3], 1e-5)));
        Assert.NotEqual(RolloutCondition.All.Single(c => c.Words == WordChange.Garbled).Told(Instruction(), 1), Instruction().Text);
    }

    [Fact]
    public void What_a_policy_shows_its_monitor_is_what_was_recorded()
    {
        var trained = Untrained();
        var task = RobotTasks.Find("pick");
        var (recorded, rollouts) = RolloutRecorder.Record(trained, task, RolloutCondition.Plain, 1, 3, default);
        var runner = new PolicyRunner(trained, 1, 1, new PolicyRunOptions(), new CrossModal.Inference.CompiledWeights(),
            MonitorNeeds.StepsAndEffects);
        var episode = task.Sample(Split.S0.SceneSeed(3, 0), Split.S0, CrossModal.Tabletop.Scenes.SceneOptions.Full);
        runner.SetInstruction(0, episode.Instruction.Text, allowUnknown: true);
        Assert.Equal(recorded, runner.SignalsOf(effectEvery: 1));
        var rig = new CrossModal.Tabletop.Camera.CameraRig(64, 1);
        var frames = rig.NewFrames();
        rig.Render(episode.Start, frames);
        runner.Observe(0, new Observation(frames[0].ToFrame()) { State = CrossModal.Tabletop.Simulation.Proprioception.Of(episode.Start) });
        runner.AskEffect(0);
        runner.Run();
        var signals = new float[recorded.Count];
        runner.WriteSignals(0, -1, signals);
        for (var i = 0; i < recorded.Count; i++) Assert.Equal(rollouts[0].Step(0)[i], signals[i], 1e-3);
        Assert.True(signals[recorded.CounterfactualAt] > 1e-3f);
    }

    [Fact]
    public void A_monitor_is_fitted_to_episodes_and_its_threshold_is_the_rank_of_their_scores()
    {
        var layout = new MonitorLayout(2, 2, false, 0, 0, 0, 0);
        var random = new RandomSource(2);
        Rollout[] rollouts = [.. Enumerable.Range(0, 80).Select(i => Made(i, i % 2 == 0))];
        var network = MonitorFitting.Train(layout, rollouts, new MonitorTrainingOptions { Steps = 200 });
        var monitor = MonitorFitting.Calibrate(network, layout, rollouts, 0.1);
        Assert.Equal((40, 0.1), (monitor.Calibrated, monitor.Alpha));
        var scores = rollouts.Where(r => r.Success).Select(r => MonitorFitting.Score(network, layout, r).Scores[^1]).Order().ToList();
        Assert.Equal(scores[36], monitor.Threshold);
        Assert.True(MatchedPairs.AtShareOfLimit([.. rollouts.Select(r => MonitorFitting.Score(network, layout, r))], 1).Area > 0.95);

        // Failures turn round at every step.
        Rollout Made(int episode, bool success) => new("pick", "plain", episode, success, 10, [.. Enumerable.Range(0, 8).SelectMany(t =>
            (float[])[0, 0, (success || t % 2 == 0 ? 1 : -1) + 0.1f * random.NextGaussian(), 1])], 4);
    }

    private static CrossModal.Tabletop.Language.Instruction Instruction() => new("pick up the red cup");

    private static ScoredEpisode Counting(int steps, bool success) =>
        new(success, 40, [.. Enumerable.Range(1, steps).Select(t => (float)t)]);

    private static TrainedPolicy Untrained()
    {
        var options = new PolicyOptions("cross-attention", new FusionOptions(16, 2, 1), TabletopPolicy.Tokenizer.Count, 3)
        {
            MaxWords = 12,
            Proprioception = 5,
            Head = new HeadOptions(2, 0),
        };
        return new TrainedPolicy(new LanguagePolicy(options, new RandomSource(7)), TabletopPolicy.Tokenizer, TabletopSignature.Actions,
            TabletopSignature.States, "tabletop/pick");
    }
}
