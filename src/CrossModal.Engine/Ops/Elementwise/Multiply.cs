using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>a · b elementwise, with broadcasting.</summary>
internal sealed class MultiplyOp : Broadcasting
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<MultiplyKernel>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var shape = node.Outputs[0].Shape;
        Run<MultiplyKernel>(gradients.Output, shape, node.Input(1), node.InputShape(1), gradients.Broadcast(0), shape);
        Run<MultiplyKernel>(gradients.Output, shape, node.Input(0), node.InputShape(0), gradients.Broadcast(1), shape);
    }
}

public static partial class Operations
{
    /// <summary>a · b elementwise; shapes broadcast.</summary>
    public static Tensor Multiply(this Pass pass, Tensor a, Tensor b) => pass.Apply(new MultiplyOp(), a, b);
}
