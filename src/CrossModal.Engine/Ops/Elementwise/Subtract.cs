using System.Numerics.Tensors;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>a − b, with broadcasting.</summary>
internal sealed class SubtractOp : Broadcasting
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<SubtractKernel>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        gradients.Same(0);
        if (gradients.Wants(1)) TensorPrimitives.Negate(gradients.Output, gradients.Broadcast(1));
    }
}

public static partial class Operations
{
    /// <summary>a − b; shapes broadcast.</summary>
    public static Tensor Subtract(this Pass pass, Tensor a, Tensor b) => pass.Apply(new SubtractOp(), a, b);
}
