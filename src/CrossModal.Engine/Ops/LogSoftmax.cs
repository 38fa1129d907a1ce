using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>xᵢ − ln Σⱼ eˣʲ over the last axis.</summary>
public sealed class LogSoftmaxOp : Operation
{
    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        return inputs[0].Rank > 0 ? [inputs[0]] : throw Error("needs at least one axis");
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 4.0 * inputs[0].Length;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var shape = node.InputShape(0);
        LogSoftmaxKernel.Forward(node.Input(0), node.Output(), shape.Product(0, shape.Rank - 1), shape[-1], node.Workers);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var shape = node.InputShape(0);
        LogSoftmaxKernel.Backward(node.Output(), gradients.Output, gradients.For(0), shape.Product(0, shape.Rank - 1), shape[-1], node.Workers);
    }
}

public static partial class Operations
{
    /// <summary>Logarithm of the softmax over an axis.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public static Tensor LogSoftmax(this Pass pass, Tensor x, int axis = -1) =>
        pass.AlongLast(x, axis, "LogSoftmax", last => pass.Apply(new LogSoftmaxOp(), last));
}
