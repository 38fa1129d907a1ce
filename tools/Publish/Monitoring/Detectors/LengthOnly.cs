using CrossModal.Experiments.Monitoring;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>The number of steps so far, and nothing else.</summary>
internal sealed class LengthOnly : IDetector
{
    /// <inheritdoc/>
    public string Name => "length only";

    /// <inheritdoc/>
    public bool IsRandom => false;

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<Rollout> rollouts, ulong seed)
    {
    }

    /// <inheritdoc/>
    public float[] Score(Rollout rollout) => [.. Enumerable.Range(1, rollout.Steps).Select(step => (float)step)];
}
