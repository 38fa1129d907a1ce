using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>1 / (1 + e⁻ˣ).</summary>
internal sealed class SigmoidOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Sigmoid>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Sigmoid>(node, gradients);
}

public static partial class Operations
{
    /// <summary>1 / (1 + e⁻ˣ), elementwise.</summary>
    public static Tensor Sigmoid(this Pass pass, Tensor x) => pass.Apply(new SigmoidOp(), x);
}
