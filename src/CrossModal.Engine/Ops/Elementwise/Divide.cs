using System.Numerics.Tensors;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>a / b elementwise, with broadcasting.</summary>
internal sealed class DivideOp : Broadcasting
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<DivideKernel>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        // y = a / b: dy/da = 1 / b, dy/db = −y / b.
        var shape = node.Outputs[0].Shape;
        Run<DivideKernel>(gradients.Output, shape, node.Input(1), node.InputShape(1), gradients.Broadcast(0), shape);
        if (!gradients.Wants(1)) return;
        var target = gradients.Broadcast(1);
        Run<DivideKernel>(gradients.Output, shape, node.Input(1), node.InputShape(1), target, shape);
        TensorPrimitives.Multiply(target, node.Output(), target);
        TensorPrimitives.Negate(target, target);
    }
}

public static partial class Operations
{
    /// <summary>a / b elementwise; shapes broadcast.</summary>
    public static Tensor Divide(this Pass pass, Tensor a, Tensor b) => pass.Apply(new DivideOp(), a, b);
}
