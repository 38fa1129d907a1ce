using CrossModal.Explain.Monitor;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Wires;

/// <summary>What a monitor says of an episode after a step.</summary>
/// <param name="Stop">Whether the episode is to be stopped: a score since it began was above the threshold.</param>
/// <param name="Score">Probability of failure by this step, 0 to 1.</param>
/// <param name="Highest">The largest score since the episode began.</param>
/// <param name="Threshold">The score above which an episode is stopped.</param>
/// <param name="Steps">Steps since the episode began.</param>
internal sealed record MonitorVerdict(bool Stop, float Score, float Highest, float Threshold, int Steps);

/// <summary>An episode of one client: the monitor of the policy that acts in it.</summary>
/// <remarks>Another instruction, and another policy under the same name, begin an episode.</remarks>
internal sealed class MonitoredEpisode
{
    private readonly Lock _lock = new();
    private ServedPolicy? _policy;
    private GroundingMonitor? _monitor;
    private string? _instruction;

    /// <summary>Begins the episode anew.</summary>
    public void Restart()
    {
        lock (_lock) _policy = null;
    }

    /// <summary>Takes a step.</summary>
    /// <param name="policy">The policy that acted.</param>
    /// <param name="instruction">The instruction it acted by.</param>
    /// <param name="signals">What its monitor is given of the step.</param>
    /// <returns>What the monitor says; null when the policy has none.</returns>
    public MonitorVerdict? Observe(ServedPolicy policy, string instruction, float[]? signals)
    {
        if (signals is null) return null;
        lock (_lock)
        {
            if (policy != _policy || instruction != _instruction)
                (_policy, _instruction, _monitor) = (policy, instruction, policy.NewMonitor());
            if (_monitor is not { } monitor) return null;
            monitor.Observe(signals);
            return new MonitorVerdict(monitor.Stop, monitor.Score, monitor.Highest, monitor.Threshold, monitor.Steps);
        }
    }
}
