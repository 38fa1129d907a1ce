using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Tensors joined along one axis.</summary>
/// <param name="axis">Axis, −1 being the last.</param>
internal sealed class ConcatOp(int axis) : Operation
{
    /// <summary>The axis along which tensors are joined.</summary>
    public int Axis { get; } = axis;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.IsEmpty) throw Error("nothing to join");
        var axis = inputs[0].Axis(Axis, Name);
        var size = 0;
        foreach (var shape in inputs)
        {
            if (shape.Rank != inputs[0].Rank || shape.With(axis, 0) != inputs[0].With(axis, 0))
                throw Error($"{shape} does not join {inputs[0]} along axis {axis}");
            size += shape[axis];
        }

        return [inputs[0].With(axis, size)];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 0;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (outer, row) = Extents(node.Outputs[0].Shape);
        var start = 0;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            var width = Extents(node.InputShape(i)).Row;
            for (var o = 0; o < outer; o++) node.Input(i).Slice(o * width, width).CopyTo(node.Output()[(o * row + start)..]);
            start += width;
        }
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var (outer, row) = Extents(node.Outputs[0].Shape);
        var start = 0;
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            var width = Extents(node.InputShape(i)).Row;
            var dx = gradients.For(i);
            for (var o = 0; o < outer && !dx.IsEmpty; o++) gradients.Output.Slice(o * row + start, width).CopyTo(dx[(o * width)..]);
            start += width;
        }
    }

    private (int Outer, int Row) Extents(Shape shape)
    {
        var axis = shape.Axis(Axis, Name);
        return (shape.Product(0, axis), shape.Product(axis, shape.Rank));
    }
}

public static partial class Operations
{
    /// <summary>Joins tensors along an axis; all other sizes are equal.</summary>
    /// <exception cref="ShapeException">Other sizes differ, or nothing is given.</exception>
    public static Tensor Concat(this Pass pass, int axis, params Tensor[] parts) => pass.Apply(new ConcatOp(axis), parts);
}
