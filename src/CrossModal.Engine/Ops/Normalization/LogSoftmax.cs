using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>xᵢ − ln Σⱼ eˣʲ over the last axis.</summary>
internal sealed class LogSoftmaxOp : RowOperation
{
    /// <inheritdoc/>
    public override void Forward(Node node) =>
        LogSoftmaxKernel.Forward(node.Input(0), node.Output(), Rows(node), Width(node), node.Workers);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) =>
        LogSoftmaxKernel.Backward(node.Output(), gradients.Output, gradients.For(0), Rows(node), Width(node), node.Workers);
}

public static partial class Operations
{
    /// <summary>Logarithm of the softmax over an axis.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public static Tensor LogSoftmax(this Pass pass, Tensor x, int axis = -1) =>
        pass.AlongLast(x, axis, "LogSoftmax", last => pass.Apply(new LogSoftmaxOp(), last));
}
