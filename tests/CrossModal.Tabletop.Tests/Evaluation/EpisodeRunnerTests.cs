using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Evaluation;

public sealed class EpisodeRunnerTests
{
    private static readonly RobotTask Pick = RobotTasks.Find("pick");

    [Fact]
    public void Results_do_not_depend_on_the_batch_size()
    {
        var one = EpisodeRunner.Run(new NoisyExpert(), Pick, Split.S0, new EvaluationOptions { Episodes = 40, BatchSize = 1 });
        var many = EpisodeRunner.Run(new NoisyExpert(), Pick, Split.S0, new EvaluationOptions { Episodes = 40, BatchSize = 7 });
        Assert.Equal(one.Episodes.Select(Essence), many.Episodes.Select(Essence));
        var later = EpisodeRunner.Run(new NoisyExpert(), Pick, Split.S0, new EvaluationOptions { Episodes = 10, FirstEpisode = 30 });
        Assert.Equal(one.Episodes.Skip(30).Select(Essence), later.Episodes.Select(Essence));
    }

    [Fact]
    public void Chunks_are_executed_in_order_without_looking_again()
    {
        var policy = new ChunkPolicy();
        var result = EpisodeRunner.Run(policy, Pick, Split.S0, new EvaluationOptions { Episodes = 5, BatchSize = 2, KeepFramesOf = [3] });
        Assert.All(result.Episodes, episode => Assert.Equal(FailureReason.Timeout, episode.Failure));
        Assert.Equal(5 * Pick.MaxSteps / 4, policy.Observed);
        Assert.All(result.Episodes, episode => Assert.Equal(0.2f, episode.FinalScene.Gripper.Tool.Z, tolerance: 0.05f));
        Assert.All(result.Episodes, episode => Assert.Equal(episode.Index == 3 ? Pick.MaxSteps + 1 : 0, episode.Frames.Count));
    }

    [Fact]
    public void Lifting_the_wrong_object_and_ploughing_are_told_apart()
    {
        var wrong = EpisodeRunner.Run(new WrongObject(), Pick, Split.S0, new EvaluationOptions { Episodes = 50 });
        Assert.True(wrong.Count(FailureReason.WrongObjectLifted) >= 48, ExpertTests.Describe(wrong));
        Assert.Equal(0, wrong.Episodes.Count(episode => episode.TouchedTargetFirst));

        var plough = EpisodeRunner.Run(new Plough(), Pick, Split.S0, new EvaluationOptions { Episodes = 50 });
        Assert.True(plough.Count(FailureReason.MovedOtherObject) >= 30, ExpertTests.Describe(plough));
        Assert.Equal(0, plough.Successes);
    }

    [Fact]
    public void Progress_is_reported_and_cancellation_stops()
    {
        var progress = new Counter();
        var options = new EvaluationOptions { Episodes = 6, BatchSize = 3 };
        EpisodeRunner.Run(new ExpertPolicy(Pick), Pick, Split.S0, options, progress);
        Assert.Equal([1, 2, 3, 4, 5, 6], progress.Finished);
        Assert.Throws<OperationCanceledException>(() =>
            EpisodeRunner.Run(new ExpertPolicy(Pick), Pick, Split.S0, options, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused() =>
        Assert.Throws<ArgumentException>(() => EpisodeRunner.Run(new ExpertPolicy(Pick), Pick, Split.S0,
            new EvaluationOptions { BatchSize = 0 }));

    private static (int, int, FailureReason, int, float) Essence(EpisodeResult episode) =>
        (episode.Index, episode.Steps, episode.Failure, episode.FirstTouched, episode.FinalDistance);

    /// <summary>Looks at the picture: its error depends on what is drawn, so a stale frame would show.</summary>
    private sealed class NoisyExpert : IPolicy
    {
        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            for (var i = 0; i < observations.Length; i++)
            {
                var label = Pick.Label(observations[i].Scene, observations[i].Goal).Action;
                var sum = 0;
                foreach (var value in observations[i].Frame.Rgb)
                    sum += value;
                actions[i] = label with { Dx = label.Dx + ((sum % 21) - 10) * 0.001f };
            }
        }
    }

    private sealed class ChunkPolicy : IPolicy
    {
        public int Observed { get; private set; }

        public int ChunkLength => 4;

        public bool UsesCamera => false;

        // Down, up, up, up: out of order, or looked at twice, the hand would not end at the top.
        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            Observed += observations.Length;
            for (var i = 0; i < actions.Length; i++)
                actions[i] = new RobotAction(0, 0, i % 4 == 0 ? -0.001f : 0.03f, false);
        }
    }

    private sealed class WrongObject : IPolicy
    {
        public bool UsesCamera => false;

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            for (var i = 0; i < observations.Length; i++)
            {
                var scene = observations[i].Scene;
                actions[i] = Pick.Label(scene, new Goal((observations[i].Goal.Target + 1) % scene.Objects.Length)).Action;
            }
        }
    }

    /// <summary>Goes down and drives straight through the nearest object that is not the target.</summary>
    private sealed class Plough : IPolicy
    {
        public bool UsesCamera => false;

        public void Act(ReadOnlySpan<TabletopObservation> observations, Span<RobotAction> actions)
        {
            for (var i = 0; i < observations.Length; i++)
            {
                var scene = observations[i].Scene;
                var other = scene.Objects[(observations[i].Goal.Target + 1) % scene.Objects.Length].Position;
                var tool = scene.Gripper.Tool;
                actions[i] = tool.Z > 0.02f
                    ? new RobotAction(0, 0, -0.03f, true)
                    : new RobotAction(Math.Clamp(other.X - tool.X, -0.03f, 0.03f), Math.Clamp(other.Y - tool.Y, -0.03f, 0.03f), 0, true);
            }
        }
    }

    private sealed class Counter : IProgress<EvaluationProgress>
    {
        public List<int> Finished { get; } = [];

        public void Report(EvaluationProgress value) => Finished.Add(value.Finished);
    }
}
