using CrossModal.Policies;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Wires;

/// <summary>Is given the steps that clients ask for, while somebody watches.</summary>
internal interface IStepWatcher
{
    /// <summary>Whether somebody watches; steps are not given else.</summary>
    bool IsWatched { get; }

    /// <summary>Takes a copy of a step.</summary>
    /// <param name="policy">The policy that acted.</param>
    /// <param name="client">Whose request it was.</param>
    /// <param name="observation">What it was given.</param>
    /// <param name="action">The action that is sent <c>[A]</c>.</param>
    /// <param name="step">Which step of which episode it was; null for a policy without past frames.</param>
    void Took(ServedPolicy policy, string client, DecodedObservation observation, float[] action, EpisodeStep? step = null);
}

/// <summary>A step of an episode of a policy with past frames.</summary>
/// <param name="Episode">What is kept of the episode, and tells it from others.</param>
/// <param name="Number">Number of the step, from 0.</param>
internal readonly record struct EpisodeStep(PastMemory Episode, int Number);
