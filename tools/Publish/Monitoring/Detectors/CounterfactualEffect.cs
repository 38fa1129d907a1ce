using CrossModal.Experiments.Monitoring;
using CrossModal.Explain.Monitor;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>How little the action differs from what it would be without words, averaged over the steps so far. Nothing is
/// learned.</summary>
/// <param name="layout">Where the effect lies.</param>
internal sealed class CounterfactualEffect(MonitorLayout layout) : IDetector
{
    /// <inheritdoc/>
    public string Name => "counterfactual effect alone";

    /// <inheritdoc/>
    public bool IsRandom => false;

    /// <inheritdoc/>
    public bool IsMean => true;

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<Rollout> rollouts, ulong seed)
    {
    }

    /// <inheritdoc/>
    public float[] Score(Rollout rollout)
    {
        var (scores, sum) = (new float[rollout.Steps], 0f);
        for (var step = 0; step < scores.Length; step++)
        {
            sum -= rollout.Step(step)[layout.CounterfactualAt];
            scores[step] = sum / (step + 1);
        }

        return scores;
    }
}
