using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>eˣⁱ / Σⱼ eˣʲ over the last axis; a row of −∞ gives zeros.</summary>
public sealed class SoftmaxOp : Operation
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
        SoftmaxKernel.Forward(node.Input(0), node.Output(), shape.Product(0, shape.Rank - 1), shape[-1], node.Workers);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var shape = node.InputShape(0);
        SoftmaxKernel.Backward(node.Output(), gradients.Output, gradients.For(0), shape.Product(0, shape.Rank - 1), shape[-1], node.Workers);
    }
}

public static partial class Operations
{
    /// <summary>Softmax over an axis; where everything is −∞ the result is 0.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public static Tensor Softmax(this Pass pass, Tensor x, int axis = -1) =>
        pass.AlongLast(x, axis, "Softmax", last => pass.Apply(new SoftmaxOp(), last));

    /// <summary>Applies what works on the last axis to any axis, by exchanging the two.</summary>
    private static Tensor AlongLast(this Pass pass, Tensor x, int axis, string operation, Func<Tensor, Tensor> apply)
    {
        ArgumentNullException.ThrowIfNull(x);
        var index = x.Shape.Axis(axis, operation);
        if (index == x.Shape.Rank - 1) return apply(x);
        return pass.Transpose(apply(pass.Transpose(x, index, -1)), index, -1);
    }
}
