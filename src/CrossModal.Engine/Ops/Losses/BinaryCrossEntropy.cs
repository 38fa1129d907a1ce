using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>−w·t·ln σ(x) − (1 − t)·ln(1 − σ(x)) of logits x, computed without overflow.</summary>
/// <param name="positiveWeight">w, the weight of positive targets.</param>
/// <param name="reduction">How the elements' losses become the result.</param>
internal sealed class BinaryCrossEntropyOp(float positiveWeight = 1, LossReduction reduction = LossReduction.Mean)
    : ElementwiseLoss(reduction)
{
    /// <summary>The weight of positive targets.</summary>
    public float PositiveWeight { get; } = positiveWeight;

    private protected override float Value(float x, float target)
    {
        // ln(1 + e⁻ˣ) = max(−x, 0) + ln(1 + e^−|x|)
        var tail = LogOnePlusExp(-MathF.Abs(x));
        return PositiveWeight * target * (MathF.Max(-x, 0) + tail) + (1 - target) * (MathF.Max(x, 0) + tail);
    }

    private protected override (float X, float Target) Derivatives(float x, float target)
    {
        var tail = LogOnePlusExp(-MathF.Abs(x));
        var sigmoid = 1 / (1 + MathF.Exp(-x));
        return ((1 - target) * sigmoid - PositiveWeight * target * (1 - sigmoid),
            PositiveWeight * (MathF.Max(-x, 0) + tail) - (MathF.Max(x, 0) + tail));
    }

    private static float LogOnePlusExp(float x) => (float)Math.Log(1 + Math.Exp(x));
}

public static partial class Operations
{
    /// <summary>Binary cross-entropy of logits against targets in [0, 1] of the same shape.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor BinaryCrossEntropy(this Pass pass, Tensor logits, Tensor target, float positiveWeight = 1,
        LossReduction reduction = LossReduction.Mean) =>
        pass.Apply(new BinaryCrossEntropyOp(positiveWeight, reduction), logits, target);
}
