using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>eˣ; −∞ gives 0.</summary>
internal sealed class ExpOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Exp>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Exp>(node, gradients);
}

public static partial class Operations
{
    /// <summary>eˣ; −∞ gives 0, elementwise.</summary>
    public static Tensor Exp(this Pass pass, Tensor x) => pass.Apply(new ExpOp(), x);
}
