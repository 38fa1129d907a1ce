using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Learning;
using CrossModal.Training;

namespace CrossModal.Tabletop.Tests.Learning;

/// <summary>Policies of width 8, untrained or hardly trained.</summary>
internal static class TinyPolicy
{
    public static FusionOptions Sizes { get; } = new(8, Heads: 2, Layers: 1);

    public static TabletopLossSource Source(TabletopRecipe recipe, string strategy = "cross-attention") => new(strategy, Sizes, recipe);

    public static PolicyTrainer Trainer(TabletopRecipe recipe, string strategy = "cross-attention") => new(Source(recipe, strategy));

    public static TrainedPolicy Untrained(string strategy = "cross-attention", ulong seed = 1) =>
        Trainer(new TabletopRecipe { Seed = seed }, strategy).Policy;

    public static float[] Weights(PolicyTrainer trainer) => [.. trainer.Policy.Policy.Parameters().SelectMany(p => p.Value.ToArray())];
}

/// <summary>Watches a run, keeps its losses, and asks it to stop when a step is done.</summary>
internal sealed class Watcher(int stopAfter = int.MaxValue) : ITrainingProgress, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public CancellationToken Token => _stop.Token;

    public List<double> Losses { get; } = [];

    public void Started(int firstStep, int steps)
    {
    }

    public void Stepped(TrainingReport report)
    {
        Losses.Add(report.Loss);
        if (report.Step == stopAfter) _stop.Cancel();
    }

    public void Saved(Checkpoint checkpoint)
    {
    }

    public void Ended(TrainingSummary summary)
    {
    }

    public void Dispose() => _stop.Dispose();
}
