using CrossModal.Training;

namespace CrossModal.Experiments.Cells;

/// <summary>Reports to a cell's watcher how far a training is that comes before the cell's own: of captions, or of its teacher.</summary>
internal sealed class PreparationWatcher(CellPhase phase, Action<CellStatus> status) : ITrainingProgress
{
    public void Started(int firstStep, int steps) => status(new CellStatus(phase, (double)firstStep / steps));

    public void Stepped(TrainingReport report) => status(new CellStatus(phase, (double)report.Step / report.Steps) { Loss = report.Loss });

    public void Saved(Checkpoint checkpoint)
    {
    }

    public void Ended(TrainingSummary summary)
    {
    }
}
