using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>x·σ(x), also called swish.</summary>
internal sealed class SiluOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Silu>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Silu>(node, gradients);
}

public static partial class Operations
{
    /// <summary>x·σ(x), also called swish, elementwise.</summary>
    public static Tensor Silu(this Pass pass, Tensor x) => pass.Apply(new SiluOp(), x);
}
