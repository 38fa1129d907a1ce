using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>eˣⁱ / Σⱼ eˣʲ over the last axis; a row of −∞ gives zeros.</summary>
internal sealed class SoftmaxOp : RowOperation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => SoftmaxKernel.Forward(node.Input(0), node.Output(), Rows(node), Width(node), node.Workers);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) =>
        SoftmaxKernel.Backward(node.Output(), gradients.Output, gradients.For(0), Rows(node), Width(node), node.Workers);
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
