using CrossModal.Explain.Monitor;
using CrossModal.Policies;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Wires;

/// <summary>What a monitor says of an episode after a step.</summary>
/// <param name="Stop">Whether the episode is to be stopped: a score since it began was above the threshold.</param>
/// <param name="Score">Probability of failure by this step, 0 to 1.</param>
/// <param name="Highest">The largest score since the episode began.</param>
/// <param name="Threshold">The score above which an episode is stopped.</param>
/// <param name="Steps">Steps since the episode began.</param>
internal sealed record MonitorVerdict(bool Stop, float Score, float Highest, float Threshold, int Steps);

/// <summary>An episode of one client: the monitor of the policy that acts in it, and the frames before the current one if the policy takes
/// past frames.</summary>
/// <remarks>Another instruction, and another policy under the same name, begin an episode.</remarks>
/// <param name="kept">Keeps past frames.</param>
/// <param name="begun">Whether it begins with the next observation; else a client must say that it begins.</param>
internal sealed class ServedEpisode(KeptPast kept, bool begun)
{
    private readonly Lock _lock = new();
    private (ServedPolicy Policy, string Instruction)? _monitored;
    private (ServedPolicy Policy, string Instruction)? _acting;
    private GroundingMonitor? _monitor;
    private long _past;
    private bool _begun = begun;

    /// <summary>Begins the episode anew.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            Forget();
            (_monitored, _begun) = (null, true);
        }
    }

    /// <summary>Forgets its past frames.</summary>
    public void End()
    {
        lock (_lock)
        {
            Forget();
            _begun = false;
        }
    }

    /// <summary>The frames before an observation.</summary>
    /// <param name="policy">The policy that is to act.</param>
    /// <param name="instruction">The instruction it is to act by.</param>
    /// <param name="wire">How the client begins an episode, for the message.</param>
    /// <returns>The frames; null for a policy that takes none.</returns>
    /// <exception cref="RefusedException">Nothing said that the episode begins, or its frames made room for those of others.</exception>
    public PastMemory? Past(ServedPolicy policy, string instruction, WireTerms wire)
    {
        if (policy.PastFrames == 0) return null;
        lock (_lock)
        {
            if (_acting == (policy, instruction))
                return kept.Find(_past) ?? throw new RefusedException(Refusal.Invalid,
                    $"the past frames of this episode made room for those of other episodes: begin it again with {wire.Begins}");
            if (_acting is null && !_begun)
                throw new RefusedException(Refusal.Invalid,
                    $"there is no such episode under way, and '{policy.Name}' takes {policy.PastFrames} past frames: an episode begins with {wire.Begins}");
            Forget();
            var past = policy.NewPast()!;
            (_past, _acting) = (kept.Add(past), (policy, instruction));
            return past;
        }
    }

    /// <summary>Whether its monitor needs the counterfactual effect of the next step.</summary>
    /// <param name="policy">The policy that is to act.</param>
    /// <param name="instruction">The instruction it is to act by.</param>
    public bool NeedsEffect(ServedPolicy policy, string instruction)
    {
        lock (_lock) return MonitorOf(policy, instruction) is { NeedsEffect: true };
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
            if (MonitorOf(policy, instruction) is not { } monitor) return null;
            monitor.Observe(signals);
            return new MonitorVerdict(monitor.Stop, monitor.Score, monitor.Highest, monitor.Threshold, monitor.Steps);
        }
    }

    private GroundingMonitor? MonitorOf(ServedPolicy policy, string instruction)
    {
        if (_monitored != (policy, instruction)) (_monitored, _monitor) = ((policy, instruction), policy.NewMonitor());
        return _monitor;
    }

    private void Forget()
    {
        if (_acting is not null) kept.Remove(_past);
        _acting = null;
    }
}
