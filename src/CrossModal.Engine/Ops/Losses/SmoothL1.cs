using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>With e = |x − target|: ½e²/β where e &lt; β, else e − ½β (Girshick 2015, Fast R-CNN, eq. 3, with β).</summary>
/// <param name="beta">Where the square turns into the line; 0 gives |x − target|.</param>
/// <param name="reduction">How the elements' losses become the result.</param>
internal sealed class SmoothL1Op(float beta = 1, LossReduction reduction = LossReduction.Mean) : ElementwiseLoss(reduction)
{
    /// <summary>Where the square turns into the line.</summary>
    public float Beta { get; } = beta >= 0 ? beta : throw new ShapeException("SmoothL1", $"beta must not be negative, got {beta}");

    private protected override float Value(float x, float target)
    {
        var error = MathF.Abs(x - target);
        return error < Beta ? 0.5f * error * error / Beta : error - 0.5f * Beta;
    }

    private protected override (float X, float Target) Derivatives(float x, float target)
    {
        var error = x - target;
        var slope = MathF.Abs(error) < Beta ? error / Beta : float.IsNaN(error) ? error : MathF.Sign(error);
        return (slope, -slope);
    }
}

public static partial class Operations
{
    /// <summary>Smooth L1 loss of a prediction against a target of the same shape.</summary>
    /// <exception cref="ShapeException">The shapes differ, or beta is negative.</exception>
    public static Tensor SmoothL1(this Pass pass, Tensor x, Tensor target, float beta = 1, LossReduction reduction = LossReduction.Mean) =>
        pass.Apply(new SmoothL1Op(beta, reduction), x, target);
}
