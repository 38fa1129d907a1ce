using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>x².</summary>
internal sealed class SquareOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Square>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Square>(node, gradients);
}

public static partial class Operations
{
    /// <summary>x², elementwise.</summary>
    public static Tensor Square(this Pass pass, Tensor x) => pass.Apply(new SquareOp(), x);
}
