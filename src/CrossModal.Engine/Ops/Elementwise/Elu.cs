using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>x above 0, eˣ − 1 below.</summary>
internal sealed class EluOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Elu>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Elu>(node, gradients);
}

public static partial class Operations
{
    /// <summary>x above 0, eˣ − 1 below, elementwise.</summary>
    public static Tensor Elu(this Pass pass, Tensor x) => pass.Apply(new EluOp(), x);
}
