using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Simulation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Tabletop.Evaluation;

/// <summary>
/// Runs a policy in closed loop. Episodes are functions of seed and number, run in lock step, and a finished one makes room
/// for the next, so the policy's batches stay full. The same policy gives the same result every time.
/// </summary>
public static class EpisodeRunner
{
    /// <summary>Runs the episodes.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="options">How many episodes, and how; the defaults when left out.</param>
    /// <param name="progress">Called after each episode.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="ArgumentException">The batch size, the chunk length or the number of episodes is not positive.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static EvaluationResult Run(
        IPolicy policy, RobotTask task, Split split, EvaluationOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(split);
        options ??= new EvaluationOptions();
        Check(options, policy.ChunkLength);
        var rig = new CameraRig(options.CameraSize, options.Views);
        var results = new EpisodeResult?[options.Episodes];
        var started = 0;
        var finished = 0;
        var successes = 0;
        List<RunningEpisode> running = [];
        while (running.Count < options.BatchSize)
        {
            var episode = new RunningEpisode(task, rig, policy);
            if (!StartNext(episode))
                break;
            running.Add(episode);
        }

        var observations = new TabletopObservation[running.Count];
        var actions = new RobotAction[running.Count * policy.ChunkLength];
        while (running.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            Command(policy, running, observations, actions);
            for (var i = 0; i < running.Count; i++)
            {
                var result = running[i].Step();
                if (result is null)
                    continue;
                results[result.Index - options.FirstEpisode] = result;
                successes += result.Success ? 1 : 0;
                progress?.Report(new EvaluationProgress(++finished, options.Episodes, successes));
                if (!StartNext(running[i]))
                    running.RemoveAt(i--);
            }
        }

        return new EvaluationResult(task.Name, split.Name, options.Seed, [.. results.OfType<EpisodeResult>()]);

        // Passes over episodes that do not exist; false when there is none left.
        bool StartNext(RunningEpisode running)
        {
            while (started < options.Episodes)
            {
                var index = options.FirstEpisode + started++;
                if (EpisodeSource.Draw(task, split, options, index) is not { } episode)
                    continue;
                var appearance = options.Variation == SceneVariation.Varied ? Appearance.Draw(episode.Seed) : null;
                running.Start(index, episode, appearance, options.KeepFramesOf.Contains(index));
                return true;
            }

            return false;
        }
    }

    private static void Check(EvaluationOptions options, int chunk)
    {
        if (options.BatchSize < 1 || options.Episodes < 1 || chunk < 1)
            throw new ArgumentException(
                $"EpisodeRunner: {options.Episodes} episodes, batches of {options.BatchSize}, chunks of {chunk}; all must be at least 1.",
                nameof(options));
    }

    private static void Command(IPolicy policy, List<RunningEpisode> running, TabletopObservation[] observations, RobotAction[] actions)
    {
        var count = 0;
        foreach (var episode in running)
        {
            if (episode.NeedsCommands)
                observations[count++] = episode.Observe(policy.UsesCamera);
        }

        if (count == 0)
            return;
        var length = policy.ChunkLength;
        policy.Act(observations.AsSpan(0, count), actions.AsSpan(0, count * length));
        var given = 0;
        foreach (var episode in running)
        {
            if (episode.NeedsCommands)
                episode.Accept(actions.AsSpan(given++ * length, length));
        }
    }
}
