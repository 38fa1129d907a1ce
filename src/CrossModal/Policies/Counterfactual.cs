using System.Numerics.Tensors;

namespace CrossModal.Policies;

/// <summary>What a policy would do at the same step under another instruction (<see cref="Policy.Compare"/>); overwritten by the next
/// step.</summary>
/// <remarks>Actions are compared as the policy computes them, each number in standard deviations of the training data, before clipping and
/// guidance.</remarks>
public sealed class Counterfactual
{
    /// <summary>An effect below this multiple of the noise could be noise.</summary>
    internal const float LeastRatio = 3;

    /// <summary>Actions whose angle is above 60° go another way.</summary>
    internal const float LeastCosine = 0.5f;

    internal Counterfactual(string instruction, InstructionWords words, Decision decision) =>
        (Instruction, Words, Decision) = (instruction, words, decision);

    /// <summary>The other instruction.</summary>
    public string Instruction { get; }

    /// <summary>Its words, and which of them the policy does not know.</summary>
    public InstructionWords Words { get; }

    /// <summary>What the policy would decide under it.</summary>
    public Decision Decision { get; }

    /// <summary>How much the action would change: the root of the mean square over its continuous numbers, in standard deviations of the
    /// training data.</summary>
    public float Effect { get; private set; }

    /// <summary>What noise on the pixels changes the action by, in the same unit (<see cref="Policy.MeasureNoise"/>); NaN until
    /// measured.</summary>
    public float Noise { get; private set; } = float.NaN;

    /// <summary>The effect as a multiple of the noise; NaN until the noise was measured.</summary>
    public float OverNoise => Effect / Noise;

    /// <summary>Cosine between the two actions, −1 to 1.</summary>
    public float Cosine { get; private set; }

    /// <summary>Whether the robot would move another way: the actions are more than 60° apart.</summary>
    public bool OtherDirection => Cosine < LeastCosine;

    /// <summary>Whether the gripper would do the opposite.</summary>
    public bool OtherGripper { get; private set; }

    /// <summary>Whether the policy would act differently: the effect is three times the noise or more, or the gripper would do the
    /// opposite. Before the noise was measured, any effect at all counts.</summary>
    public bool Differs => OtherGripper || (float.IsNaN(Noise) ? Effect > 0 : Effect >= LeastRatio * Noise);

    /// <summary>Compares two rows of an output.</summary>
    internal void Set(PolicyOutput output, int own, int other, float noise)
    {
        var count = output.Action.Shape[1];
        var mine = output.Action.Span.Slice(own * count, count);
        var theirs = output.Action.Span.Slice(other * count, count);
        Effect = StepSignals.Distance(output.Action, own, output.Action, other);
        var norms = TensorPrimitives.Norm<float>(mine) * TensorPrimitives.Norm<float>(theirs);
        Cosine = norms > 0 ? Math.Clamp(TensorPrimitives.Dot<float>(mine, theirs) / norms, -1, 1) : 1;
        OtherGripper = output.Close is { } close && close.Span[own] > 0 != close.Span[other] > 0;
        Noise = noise;
    }
}
