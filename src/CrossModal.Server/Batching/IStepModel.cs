using CrossModal.Explain.Monitor;
using CrossModal.Policies;

namespace CrossModal.Server.Batching;

/// <summary>What is served: a policy, or a stand-in for it in tests.</summary>
internal interface IStepModel
{
    /// <summary>Names and units of what goes in and comes out.</summary>
    PolicySignature Signature { get; }

    /// <summary>What it was trained on.</summary>
    string Source { get; }

    /// <summary>Observations in one step at most.</summary>
    int MostInStep { get; }

    /// <summary>An instruction that it accepts.</summary>
    string Example { get; }

    /// <summary>The policy itself, for explanation; null of a stand-in.</summary>
    TrainedPolicy? Trained { get; }

    /// <summary>Checks an instruction; for several threads.</summary>
    /// <returns>The words that the policy does not know.</returns>
    /// <exception cref="ArgumentException">It has no word, too many, or only unknown ones.</exception>
    IReadOnlyList<string> Check(string instruction);

    /// <summary>Encodes an observation; for several threads.</summary>
    /// <exception cref="ArgumentException">A camera is missing, or the state has another length or holds what is no number.</exception>
    EncodedObservation Encode(Observation observation);

    /// <summary>A monitor at the beginning of an episode; null when episodes are not monitored. For several threads.</summary>
    GroundingMonitor? NewMonitor();

    /// <summary>The past frames of an episode that begins; null of a policy that takes none. For several threads.</summary>
    PastMemory? NewPast();

    /// <summary>Computes the actions of up to <see cref="MostInStep"/> observations; for one thread.</summary>
    /// <param name="requests">The observations.</param>
    /// <param name="outputs">Receives what each gets, by index. What is there when an exception is thrown was computed, and is not to be
    /// computed again.</param>
    void Step(IReadOnlyList<StepRequest> requests, StepOutput?[] outputs);
}

/// <summary>What a step gives for one observation.</summary>
/// <param name="Action">The action, <c>[A]</c> in the units of training.</param>
/// <param name="Signals">What a monitor is given of the step; null when episodes are not monitored.</param>
/// <param name="Number">Number of the step in an episode with past frames, from 0.</param>
internal sealed record StepOutput(float[] Action, float[]? Signals = null, int Number = 0);
