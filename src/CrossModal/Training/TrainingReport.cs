namespace CrossModal.Training;

/// <summary>What is known after a step.</summary>
/// <param name="Step">Steps done, this one included.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Loss">Mean loss over the batch, before the update.</param>
/// <param name="LearningRate">Learning rate of the step, before group factors.</param>
/// <param name="GradientNorm">Euclidean norm of the gradient before clipping.</param>
/// <param name="SamplesPerSecond">Speed, smoothed over about ten steps.</param>
/// <param name="Elapsed">Time since this run, or its resumption, began.</param>
/// <param name="TimeLeft">Estimate of the time to go.</param>
/// <param name="Metrics">What the loss function reported beside the loss: means over the batch.</param>
public sealed record TrainingReport(
    int Step,
    int Steps,
    double Loss,
    double LearningRate,
    double GradientNorm,
    double SamplesPerSecond,
    TimeSpan Elapsed,
    TimeSpan TimeLeft,
    IReadOnlyList<KeyValuePair<string, double>> Metrics);
