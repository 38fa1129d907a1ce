using CrossModal.Experiments.Monitoring;
using CrossModal.Explain.Monitor;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>Rate of direction reversals: the share of the action's numbers whose sign turned since the step before, averaged over the steps
/// so far. Nothing is learned.</summary>
/// <param name="layout">Where the action lies.</param>
internal sealed class DirectionReversal(MonitorLayout layout) : IDetector
{
    /// <inheritdoc/>
    public string Name => "direction reversal";

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
        var (scores, turned) = (new float[rollout.Steps], 0);
        for (var step = 1; step < scores.Length; step++)
        {
            var (now, before) = (layout.ActionAt + step * rollout.Width, layout.ActionAt + (step - 1) * rollout.Width);
            for (var i = 0; i < layout.Actions; i++)
                if (rollout.Signals[now + i] * rollout.Signals[before + i] < 0) turned++;
            scores[step] = (float)turned / (step * layout.Actions);
        }

        return scores;
    }
}
