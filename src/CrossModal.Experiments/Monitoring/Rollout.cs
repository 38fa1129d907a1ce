namespace CrossModal.Experiments.Monitoring;

/// <summary>One recorded episode: what a monitor would have been given of every step, and how it ended.</summary>
/// <param name="Task">Name of the task.</param>
/// <param name="Condition">Name of the circumstances.</param>
/// <param name="Episode">Number of the episode.</param>
/// <param name="Success">Whether the goal was reached.</param>
/// <param name="Limit">Steps after which an episode of the task has failed.</param>
/// <param name="Signals">Steps in their order, <c>[T, F]</c> row by row.</param>
/// <param name="Width">F.</param>
internal sealed record Rollout(string Task, string Condition, int Episode, bool Success, int Limit, float[] Signals, int Width)
{
    /// <summary>T, steps of the episode.</summary>
    public int Steps => Signals.Length / Width;

    /// <summary>What was given at a step.</summary>
    public ReadOnlySpan<float> Step(int step) => Signals.AsSpan(step * Width, Width);
}
