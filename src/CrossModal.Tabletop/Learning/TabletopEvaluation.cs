using System.Runtime.ExceptionServices;
using CrossModal.Policies;
using CrossModal.Tabletop.Evaluation;
using CrossModal.Tabletop.Splits;
using CrossModal.Tabletop.Tasks;
using CrossModal.Training;

namespace CrossModal.Tabletop.Learning;

/// <summary>Runs a trained policy closed-loop, episodes shared out over the processors.</summary>
public static class TabletopEvaluation
{
    // Batches of a fixed size, so that the number of processors changes nothing but the time.
    private const int EpisodesInBatch = 25;

    /// <summary>Runs the episodes; the same policy, seed and number give the same result on any number of processors.</summary>
    /// <param name="trained">The policy.</param>
    /// <param name="task">What is asked.</param>
    /// <param name="split">Which scenes.</param>
    /// <param name="options">How many episodes, from which, and of which frames are kept.</param>
    /// <param name="control">What is kept from the policy.</param>
    /// <param name="finished">Called after each group of episodes: episodes finished, successes so far; called on any thread, one at a
    /// time.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="ArgumentException">The policy was not made for the tabletop.</exception>
    /// <exception cref="Layers.WeightOverflowException">The policy's weights make numbers overflow.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static EvaluationResult Run(TrainedPolicy trained, RobotTask task, Split split, EvaluationOptions options,
        PolicyControl control = PolicyControl.None, Action<int, int>? finished = null, CancellationToken cancellation = default) =>
        Run(trained, task, split, options, Environment.ProcessorCount, control, finished, cancellation);

    /// <summary>The same shared out among ranks, each of which gets the whole result.</summary>
    internal static EvaluationResult Run(TrainedPolicy trained, RobotTask task, Split split, EvaluationOptions options,
        TrainingRanks? ranks, PolicyControl control, Action<int, int>? finished, CancellationToken cancellation) =>
        Run(trained, task, split, options, Environment.ProcessorCount, ranks, control, finished, cancellation);

    /// <summary>The same on a number of processors.</summary>
    public static EvaluationResult Run(TrainedPolicy trained, RobotTask task, Split split, EvaluationOptions options, int processors,
        PolicyControl control = PolicyControl.None, Action<int, int>? finished = null, CancellationToken cancellation = default) =>
        Run(trained, task, split, options, processors, null, control, finished, cancellation);

    private static EvaluationResult Run(TrainedPolicy trained, RobotTask task, Split split, EvaluationOptions options, int processors,
        TrainingRanks? ranks, PolicyControl control, Action<int, int>? finished, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(split);
        ArgumentNullException.ThrowIfNull(options);
        using var policy = new TabletopPolicy(trained, control);
        using var mine = new ThreadLocal<TabletopPolicy>(policy.Share);
        var groups = new IReadOnlyList<EpisodeResult>?[(options.Episodes + EpisodesInBatch - 1) / EpisodesInBatch];
        var (done, successes, reporting) = (0, 0, new Lock());
        try
        {
            Parallel.For(0, groups.Length, new ParallelOptions { MaxDegreeOfParallelism = processors, CancellationToken = cancellation },
                g =>
            {
                if (ranks is not null && g % ranks.Count != ranks.Rank) return;
                var part = options with
                {
                    FirstEpisode = options.FirstEpisode + g * EpisodesInBatch,
                    Episodes = Math.Min(EpisodesInBatch, options.Episodes - g * EpisodesInBatch),
                    BatchSize = EpisodesInBatch,
                    CameraSize = trained.Policy.Options.ImageSize,
                    Views = trained.Policy.Options.Fusion.Views,
                    Asked = control switch
                    {
                        PolicyControl.ShuffledInstruction => AskedInstruction.OfAnotherEpisode,
                        PolicyControl.OtherInstruction => AskedInstruction.ForAnotherGoal,
                        _ => options.Asked,
                    },
                };
                var result = EpisodeRunner.Run(mine.Value!, task, split, part, cancellation: cancellation);
                groups[g] = result.Episodes;
                lock (reporting) finished?.Invoke(done += result.Episodes.Count, successes += result.Successes);
            });
        }
        catch (AggregateException error) when (error.InnerExceptions.All(e => e is OperationCanceledException))
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (AggregateException error)
        {
            // Whichever group failed, the caller wants to know why, not on how many threads.
            ExceptionDispatchInfo.Throw(error.InnerExceptions.First(e => e is not OperationCanceledException));
        }

        return new EvaluationResult(task.Name, split.Name, options.Seed,
            [.. (ranks is null ? groups : SharedEpisodes.Gather(ranks, groups)).SelectMany(episodes => episodes!)]);
    }
}
