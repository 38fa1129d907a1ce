using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>√x.</summary>
internal sealed class SqrtOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Sqrt>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Sqrt>(node, gradients);
}

public static partial class Operations
{
    /// <summary>√x, elementwise.</summary>
    public static Tensor Sqrt(this Pass pass, Tensor x) => pass.Apply(new SqrtOp(), x);
}
