using CrossModal.Training;

namespace CrossModal.Tabletop.Comparison;

/// <summary>Tells a cell's watcher how far pre-training is.</summary>
internal sealed class PretrainingWatcher(Action<CellStatus> status) : ITrainingProgress
{
    public void Started(int firstStep, int steps) => status(new CellStatus(CellPhase.Pretraining, (double)firstStep / steps));

    public void Stepped(TrainingReport report) => status(new CellStatus(CellPhase.Pretraining, (double)report.Step / report.Steps) { Loss = report.Loss });

    public void Saved(Checkpoint checkpoint)
    {
    }

    public void Ended(TrainingSummary summary)
    {
    }
}
