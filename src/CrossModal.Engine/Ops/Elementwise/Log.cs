using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>ln x.</summary>
internal sealed class LogOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Log>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Log>(node, gradients);
}

public static partial class Operations
{
    /// <summary>ln x, elementwise.</summary>
    public static Tensor Log(this Pass pass, Tensor x) => pass.Apply(new LogOp(), x);
}
