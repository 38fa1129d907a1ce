namespace CrossModal.Training;

/// <summary>A loss, a gradient or a weight is no longer a finite number; the weights are those before the step, unless it is they that
/// overflowed.</summary>
/// <param name="step">The step, from 1.</param>
/// <param name="what">What is not finite, with its value.</param>
public sealed class TrainingDivergedException(int step, string what) : ArithmeticException($"training diverged: step {step}: {what}")
{
    /// <summary>The step that failed, from 1.</summary>
    public int Step { get; } = step;

    /// <summary>What is not finite, with its value.</summary>
    public string What { get; } = what;
}
