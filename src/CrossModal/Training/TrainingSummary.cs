namespace CrossModal.Training;

/// <summary>How a run ended.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Cancelled">Whether it was stopped before its last step.</param>
/// <param name="Loss">Loss of the last step; NaN when no step was made.</param>
/// <param name="Elapsed">Time since the run, or its resumption, began.</param>
public sealed record TrainingSummary(int Step, bool Cancelled, double Loss, TimeSpan Elapsed);
