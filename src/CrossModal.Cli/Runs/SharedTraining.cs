using CrossModal.Cli.Hosting;
using CrossModal.Cli.Progress;
using CrossModal.Cli.Texts;
using CrossModal.Policies;
using CrossModal.Training;

namespace CrossModal.Cli.Runs;

/// <summary>A training in the folder of a run, shared out among the processes that were started together.</summary>
/// <param name="context">Where to print, when to stop, and who shares the work.</param>
/// <param name="folder">The run's folder.</param>
internal sealed class SharedTraining(CommandContext context, string folder)
{
    /// <summary>Number of shards; 0 for that of the run that goes on, or the recipe's.</summary>
    public required int Shards { get; init; }

    /// <summary>Makes the folder this run's, trains, and saves the policy there.</summary>
    /// <param name="held">The folder.</param>
    /// <param name="source">What is trained.</param>
    /// <param name="title">What is running, in a word or two.</param>
    /// <param name="began">Called when the training begins.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="OperationCanceledException">Stopped, on whichever rank.</exception>
    public TrainingSummary Run(RunFolder held, LossSource source, string title, Action began)
    {
        held.Claim();
        context.Ranks?.Meet();
        began();
        var trainer = new PolicyTrainer(source) { Ranks = context.Ranks, Shards = Chosen(source.Recipe.Shards) };
        if (context.Ranks is { } ranks) context.Print(new RunTexts(context.Language).Ranks(ranks.Count, trainer.Shards));
        var summary = context.IsFirst
            ? ConsoleProgress.Run(context.Terminal, title, progress => trainer.Run(folder, progress, context.Stop), context.Language)
            : trainer.Run(folder, null, context.Stop);
        if (summary.Cancelled) context.StopHere();
        context.Stop.ThrowIfCancellationRequested();
        if (context.IsFirst) PolicyFolder.Save(folder, trainer.Policy);
        return summary;
    }

    private int Chosen(int usual)
    {
        if (Shards > 0) return Shards;
        if (Checkpoint.Newest(folder)?.Info.Shards is { } known) return known;
        var ranks = context.Ranks?.Count ?? 1;
        return (usual + ranks - 1) / ranks * ranks;
    }
}
