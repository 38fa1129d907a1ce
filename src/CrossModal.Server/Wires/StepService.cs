using System.Diagnostics;
using CrossModal.Policies;
using CrossModal.Server.Batching;
using CrossModal.Server.Operations;

namespace CrossModal.Server.Wires;

/// <summary>The action of one request, and what its client is told beside it.</summary>
/// <param name="Result">The action and its times.</param>
/// <param name="Preprocessing">How long encoding took.</param>
/// <param name="Unknown">The words of the instruction that the policy does not know.</param>
/// <param name="Verdict">What the monitor says of the episode; null when it is not monitored.</param>
internal sealed record ServedStep(StepResult Result, TimeSpan Preprocessing, IReadOnlyList<string> Unknown, MonitorVerdict? Verdict);

/// <summary>From a decoded message to an action, for every wire.</summary>
/// <param name="policies">The policies.</param>
/// <param name="metrics">Receives counts and times.</param>
/// <param name="watcher">Is given the steps while somebody watches; null for nobody.</param>
internal sealed class StepService(PolicyRegistry policies, ServerMetrics metrics, IStepWatcher? watcher = null)
{
    /// <summary>The policies.</summary>
    public PolicyRegistry Policies => policies;

    /// <summary>Counts and times.</summary>
    public ServerMetrics Metrics => metrics;

    /// <summary>Waits for the action of an observation.</summary>
    /// <param name="wire">The wire.</param>
    /// <param name="name">The policy's name; null for the first one.</param>
    /// <param name="client">Whose request it is.</param>
    /// <param name="decode">Takes the observation out of the message.</param>
    /// <param name="episode">The episode that the observation belongs to; null for none.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    /// <exception cref="RefusedException">There is no action, and why.</exception>
    public async Task<ServedStep> Act(WireTerms wire, string? name, string client, Func<ServedPolicy, DecodedObservation> decode,
        ServedEpisode? episode, CancellationToken cancellation)
    {
        using var activity = ServerMetrics.Traces.StartActivity("act");
        activity?.SetTag("wire", wire.Name);
        var outcome = "cancelled";
        try
        {
            var step = await Step(wire, name, client, decode, episode, cancellation).ConfigureAwait(false);
            metrics.Times(step.Result.Queue, step.Preprocessing);
            outcome = "ok";
            return step;
        }
        catch (RefusedException refused)
        {
            outcome = refused.Refusal.ToString().ToLowerInvariant();
            activity?.SetStatus(ActivityStatusCode.Error, refused.Message);
            throw;
        }
        finally
        {
            // A name that no policy has is the client's own text, and none for a label.
            metrics.Request(wire.Name, outcome == "unknown" ? "none" : name ?? "default", outcome);
        }
    }

    private async Task<ServedStep> Step(WireTerms wire, string? name, string client, Func<ServedPolicy, DecodedObservation> decode,
        ServedEpisode? episode, CancellationToken cancellation)
    {
        while (true)
        {
            var policy = policies.Get(name);
            if (!policy.IsReady) throw new RefusedException(Refusal.Unavailable, $"the policy '{policy.Name}' is not ready yet");
            var decoded = decode(policy);
            var unknown = policy.Check(decoded.Instruction);
            var encoded = policy.Encode(decoded.ToObservation());
            try
            {
                var past = PastOf(wire, policy, decoded.Instruction, episode);
                var request = new StepRequest(client, decoded.Instruction, encoded)
                {
                    Past = past,
                    NeedsEffect = episode?.NeedsEffect(policy, decoded.Instruction) ?? false,
                };
                var result = await policy.Ask(request, cancellation).ConfigureAwait(false);
                if (watcher is { IsWatched: true })
                    watcher.Took(policy, client, decoded, result.Action, past is null ? null : new EpisodeStep(past, result.Step));
                return new ServedStep(result, encoded.Preprocessing, unknown,
                    episode?.Observe(policy, decoded.Instruction, result.Signals));
            }
            catch (RefusedException refused) when (refused.Refusal == Refusal.Unavailable && policies.Get(name) != policy)
            {
                // Another policy took its place in the meantime.
            }
        }
    }

    private static PastMemory? PastOf(WireTerms wire, ServedPolicy policy, string instruction, ServedEpisode? episode) =>
        policy.PastFrames == 0 ? null : episode is not null ? episode.Past(policy, instruction, wire)
            : throw new RefusedException(Refusal.Invalid,
                $"'{policy.Name}' takes {policy.PastFrames} past frames, which are kept of an episode: an episode begins with {wire.Begins}");
}
