using CrossModal.Training;

namespace CrossModal.Tests.Training;

/// <summary>Watches a run and asks it to stop when a step is done.</summary>
internal sealed class StopAfter(int step) : ITrainingProgress, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public CancellationToken Token => _stop.Token;

    public void Started(int firstStep, int steps)
    {
    }

    public void Stepped(TrainingReport report)
    {
        if (report.Step == step) _stop.Cancel();
    }

    public void Saved(Checkpoint checkpoint)
    {
    }

    public void Ended(TrainingSummary summary)
    {
    }

    public void Dispose() => _stop.Dispose();
}
