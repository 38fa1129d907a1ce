using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>tanh x.</summary>
internal sealed class TanhOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Tanh>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Tanh>(node, gradients);
}

public static partial class Operations
{
    /// <summary>tanh x, elementwise.</summary>
    public static Tensor Tanh(this Pass pass, Tensor x) => pass.Apply(new TanhOp(), x);
}
