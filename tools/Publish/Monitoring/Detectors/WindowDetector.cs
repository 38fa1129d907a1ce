using CrossModal.Experiments.Monitoring;
using CrossModal.Explain.Monitor;

namespace CrossModal.Publish.Monitoring.Detectors;

/// <summary>The monitor itself.</summary>
/// <param name="name">Name, for tables.</param>
/// <param name="layout">Which of the recorded numbers it is given.</param>
/// <param name="everything">Whether it is also given the step's numbers as they are: fused feature, action, points, state.</param>
internal sealed class WindowDetector(string name, MonitorLayout layout, bool everything = false) : IDetector
{
    private MonitorNetwork _network = null!;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool IsRandom => true;

    /// <summary>The network.</summary>
    public MonitorNetwork Network => _network;

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<Rollout> rollouts, ulong seed) =>
        _network = MonitorFitting.Train([.. rollouts.Select(Inputs)], rollouts, new MonitorTrainingOptions { Seed = seed });

    /// <inheritdoc/>
    public float[] Score(Rollout rollout) =>
        Array.ConvertAll(Inputs(rollout), input => MonitorNetwork.Probability(_network.Logit(input)));

    private float[][] Inputs(Rollout rollout)
    {
        var inputs = MonitorFitting.Inputs(layout, rollout);
        for (var step = 0; everything && step < inputs.Length; step++)
            inputs[step] = [.. inputs[step], .. rollout.Step(step)[..layout.CounterfactualAt]];
        return inputs;
    }
}
