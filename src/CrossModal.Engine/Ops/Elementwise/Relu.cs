using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>max(x, 0).</summary>
internal sealed class ReluOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Relu>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Relu>(node, gradients);
}

public static partial class Operations
{
    /// <summary>max(x, 0), elementwise.</summary>
    public static Tensor Relu(this Pass pass, Tensor x) => pass.Apply(new ReluOp(), x);
}
