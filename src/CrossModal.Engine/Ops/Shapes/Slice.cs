using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>A range of positions along one axis.</summary>
/// <param name="axis">Axis, −1 being the last.</param>
/// <param name="start">First position.</param>
/// <param name="length">Number of positions.</param>
internal sealed class SliceOp(int axis, int start, int length) : Operation
{
    /// <summary>The axis cut.</summary>
    public int Axis { get; } = axis;

    /// <summary>First position kept.</summary>
    public int Start { get; } = start;

    /// <summary>Number of positions kept.</summary>
    public int Length { get; } = length;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        var size = inputs[0][inputs[0].Axis(Axis, Name)];
        if (Start < 0 || Length < 0 || Start > size - Length)
            throw Error($"positions {Start} to {(long)Start + Length - 1} are outside axis {Axis} of {inputs[0]}");
        return [inputs[0].With(Axis, Length)];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 0;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (outer, row, from, width) = Extents(node.InputShape(0));
        for (var o = 0; o < outer; o++) node.Input(0).Slice(o * row + from, width).CopyTo(node.Output()[(o * width)..]);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var (outer, row, from, width) = Extents(node.InputShape(0));
        var dx = gradients.For(0);
        dx.Clear();
        for (var o = 0; o < outer; o++) gradients.Output.Slice(o * width, width).CopyTo(dx[(o * row + from)..]);
    }

    private (int Outer, int Row, int From, int Width) Extents(Shape shape)
    {
        var axis = shape.Axis(Axis, Name);
        var inner = shape.Product(axis + 1, shape.Rank);
        return (shape.Product(0, axis), shape[axis] * inner, Start * inner, Length * inner);
    }
}

public static partial class Operations
{
    /// <summary>Positions <paramref name="start"/> to start + length − 1 along an axis.</summary>
    /// <exception cref="ShapeException">The range is outside the axis.</exception>
    public static Tensor Slice(this Pass pass, Tensor x, int axis, int start, int length) =>
        pass.Apply(new SliceOp(axis, start, length), x);
}
