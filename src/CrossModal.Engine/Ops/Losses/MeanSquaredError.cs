using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>(x − target)².</summary>
/// <param name="reduction">How the elements' losses become the result.</param>
internal sealed class MeanSquaredErrorOp(LossReduction reduction = LossReduction.Mean) : ElementwiseLoss(reduction)
{
    private protected override float Value(float x, float target) => (x - target) * (x - target);

    private protected override (float X, float Target) Derivatives(float x, float target) => (2 * (x - target), -2 * (x - target));
}

public static partial class Operations
{
    /// <summary>Squared error of a prediction against a target of the same shape.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MeanSquaredError(this Pass pass, Tensor x, Tensor target, LossReduction reduction = LossReduction.Mean) =>
        pass.Apply(new MeanSquaredErrorOp(reduction), x, target);
}
