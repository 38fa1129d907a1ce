using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Tests.Learning;

public sealed class TabletopEvaluationTests
{
    private static readonly RobotTask Pick = RobotTasks.Find("pick");
    private static readonly EvaluationOptions Options = new() { Episodes = 30, Seed = 4, KeepFramesOf = [27] };

    [Fact]
    public void The_number_of_processors_changes_nothing_and_neither_does_repetition()
    {
        var trained = TinyPolicy.Untrained();
        var one = TabletopEvaluation.Run(trained, Pick, Split.S0, Options, processors: 1);
        var two = TabletopEvaluation.Run(trained, Pick, Split.S0, Options, processors: 2);
        var again = TabletopEvaluation.Run(trained, Pick, Split.S0, Options);
        Assert.Equal(30, one.Episodes.Count);
        Assert.Equal(Enumerable.Range(0, 30), one.Episodes.Select(e => e.Index));
        Assert.Equal(one.Episodes.Select(Essence), two.Episodes.Select(Essence));
        Assert.Equal(one.Episodes.Select(Essence), again.Episodes.Select(Essence));
        Assert.Equal(one.Episodes[27].Frames.SelectMany(f => f), two.Episodes[27].Frames.SelectMany(f => f));
        Assert.Equal(1, one.Episodes.Count(e => e.Frames.Count > 0));

        // Other weights do something else, so that the figures above are the policy's own.
        var other = TabletopEvaluation.Run(TinyPolicy.Untrained(seed: 2), Pick, Split.S0, Options, processors: 2);
        Assert.NotEqual(one.Episodes.Select(Essence), other.Episodes.Select(Essence));
    }

    [Fact]
    public void Progress_counts_up_to_the_last_episode_and_cancellation_stops()
    {
        var told = new List<int>();
        TabletopEvaluation.Run(TinyPolicy.Untrained(), Pick, Split.Z1, Options, finished: (done, _) => told.Add(done));
        Assert.Equal(2, told.Count);
        Assert.Equal(30, told[^1]);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            TabletopEvaluation.Run(TinyPolicy.Untrained(), Pick, Split.S0, Options, cancellation: stop.Token));
    }

    [Fact]
    public void A_policy_that_was_not_made_for_the_tabletop_is_refused()
    {
        var made = TinyPolicy.Untrained();
        foreach (var options in (PolicyOptions[])[made.Policy.Options with { Head = new HeadOptions() },
            made.Policy.Options with { Proprioception = 6 },
            made.Policy.Options with { Actions = 2 }, made.Policy.Options with { ImageSize = 4 },
            made.Policy.Options with { Fusion = made.Policy.Options.Fusion with { Views = 3 } }])
        {
            var wrong = made with { Policy = new LanguagePolicy(options, new CrossModal.Engine.Tensors.RandomSource(1)) };
            Assert.StartsWith("TabletopPolicy: ", Assert.Throws<ArgumentException>(() =>
                TabletopEvaluation.Run(wrong, Pick, Split.S0, Options)).Message);
        }
    }

    private static object Essence(EpisodeResult e) =>
        (e.Index, e.Seed, e.Instruction, e.Steps, e.Failure, e.FirstTouched, BitConverter.SingleToInt32Bits(e.FinalDistance),
            e.FinalScene.Gripper);
}
