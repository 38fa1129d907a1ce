namespace CrossModal.Training;

/// <summary>Somebody who watches a training run; called on the thread that runs it, between steps.</summary>
public interface ITrainingProgress
{
    /// <summary>The run begins.</summary>
    /// <param name="firstStep">Steps done before: 0 unless the run is resumed.</param>
    /// <param name="steps">Steps of the whole run.</param>
    void Started(int firstStep, int steps);

    /// <summary>A step is done.</summary>
    void Stepped(TrainingReport report);

    /// <summary>A checkpoint was written.</summary>
    void Saved(Checkpoint checkpoint);

    /// <summary>The run ends, finished or cancelled; not called after an exception.</summary>
    void Ended(TrainingSummary summary);
}
