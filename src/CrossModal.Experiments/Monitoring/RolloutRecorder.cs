using CrossModal.Explain.Monitor;
using CrossModal.Inference;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Experiments.Monitoring;

/// <summary>Rolls a policy out on the tabletop and records what a monitor would be given.</summary>
internal static class RolloutRecorder
{
    // Episodes in lock step.
    private const int EpisodesInBatch = 25;

    /// <summary>Records episodes.</summary>
    /// <param name="trained">A policy made for the tabletop.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="condition">The circumstances.</param>
    /// <param name="episodes">How many.</param>
    /// <param name="seed">Seed of the scenes.</param>
    /// <param name="stop">Asks to stop.</param>
    /// <returns>The episodes in the order of their numbers, and how their numbers lie.</returns>
    public static (MonitorLayout Layout, IReadOnlyList<Rollout> Rollouts) Record(TrainedPolicy trained, RobotTask task,
        RolloutCondition condition, int episodes, ulong seed, CancellationToken stop)
    {
        var policy = new WatchedPolicy(trained, condition, new CompiledWeights(), recorded: true);
        var result = Run(policy, trained, task, condition, episodes, seed, stop);
        var layout = policy.Layout!;
        return (layout, [.. result.Episodes.Select(e => new Rollout(task.Name, condition.Name, e.Index, e.Success, task.MaxSteps,
            [.. policy.Signals(e.Index).SelectMany(step => step)], layout.Count))]);
    }

    /// <summary>Runs some episodes of a policy.</summary>
    public static EvaluationResult Run(WatchedPolicy policy, TrainedPolicy trained, RobotTask task, RolloutCondition condition,
        int episodes, ulong seed, CancellationToken stop) =>
        EpisodeRunner.Run(policy, task, condition.Split, new EvaluationOptions
        {
            Episodes = episodes,
            Seed = seed,
            BatchSize = EpisodesInBatch,
            CameraSize = trained.Policy.Options.ImageSize,
            Views = trained.Policy.Options.Fusion.Views,
        }, cancellation: stop);
}
