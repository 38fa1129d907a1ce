using System.Diagnostics;
using CrossModal.Policies;

namespace CrossModal.Server.Batching;

/// <summary>An encoded observation with its instruction, which waits for a step.</summary>
/// <param name="client">Whose it is: connections and addresses get equal shares.</param>
/// <param name="instruction">What the robot is to do.</param>
/// <param name="observation">The encoded observation.</param>
internal sealed class StepRequest(string client, string instruction, EncodedObservation observation)
{
    private readonly TaskCompletionSource<StepResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whose it is.</summary>
    public string Client { get; } = client;

    /// <summary>What the robot is to do.</summary>
    public string Instruction { get; } = instruction;

    /// <summary>The encoded observation.</summary>
    public EncodedObservation Observation { get; } = observation;

    /// <summary>The frames before it; null for the start of an episode, or of a policy that takes none. Steps of an episode are computed
    /// one after the other, by one thread.</summary>
    public PastMemory? Past { get; init; }

    /// <summary>Whether the monitor of its episode needs the counterfactual effect of this step.</summary>
    public bool NeedsEffect { get; init; }

    /// <summary>When it came, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Came { get; } = Stopwatch.GetTimestamp();

    /// <summary>The result, once there is one.</summary>
    public Task<StepResult> Result => _result.Task;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsAbandoned => _result.Task.IsCompleted;

    /// <summary>Gives the result.</summary>
    public void Complete(StepResult result) => _result.TrySetResult(result);

    /// <summary>Gives an error.</summary>
    public void Fail(Exception exception) => _result.TrySetException(exception);

    /// <summary>Nobody waits for it any more.</summary>
    public void Abandon() => _result.TrySetCanceled();
}

/// <summary>An observation as the policy takes it.</summary>
/// <param name="Pictures"><c>[V, 3, H, W]</c>.</param>
/// <param name="State">Normalised <c>[P]</c>; empty for none.</param>
/// <param name="Preprocessing">How long encoding took.</param>
internal sealed record EncodedObservation(float[] Pictures, float[] State, TimeSpan Preprocessing);

/// <summary>The action of one observation, and how long its parts took.</summary>
/// <param name="Action"><c>[A]</c> in the units of training.</param>
/// <param name="Queue">From arrival to the start of its step.</param>
/// <param name="Inference">The step.</param>
/// <param name="Batch">Observations in that step.</param>
/// <param name="Signals">What a monitor is given of the step; null when episodes are not monitored.</param>
/// <param name="Step">Number of the step in an episode with past frames, from 0.</param>
internal sealed record StepResult(float[] Action, TimeSpan Queue, TimeSpan Inference, int Batch, float[]? Signals = null, int Step = 0);
