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

    /// <summary>Computes the actions of up to <see cref="MostInStep"/> observations; for one thread.</summary>
    /// <param name="requests">The observations.</param>
    /// <returns>What each gets.</returns>
    StepOutput[] Step(IReadOnlyList<StepRequest> requests);
}

/// <summary>What a step gives for one observation.</summary>
/// <param name="Action">The action, <c>[A]</c> in the units of training.</param>
/// <param name="Signals">What a monitor is given of the step; null when episodes are not monitored.</param>
internal readonly record struct StepOutput(float[] Action, float[]? Signals = null);
