using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Base of operations that reduce one axis, or all of them, to a number.</summary>
internal abstract class Reduction : Operation
{
    private protected Reduction(int? axis, bool keepAxis) => (Axis, KeepAxis) = (axis, keepAxis);

    /// <summary>The axis reduced, −1 being the last; null for all.</summary>
    public int? Axis { get; }

    /// <summary>Whether the reduced axis stays, with size 1.</summary>
    public bool KeepAxis { get; }

    /// <inheritdoc/>
    public sealed override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        if (Axis is not { } given) return [Shape.Scalar];
        var axis = inputs[0].Axis(given, Name);
        return [KeepAxis ? inputs[0].With(axis, 1) : Shape.Of([.. inputs[0].Sizes[..axis], .. inputs[0].Sizes[(axis + 1)..]])];
    }

    /// <inheritdoc/>
    public sealed override double Flops(ReadOnlySpan<Shape> inputs) => inputs[0].Length;

    /// <summary>The input seen as <c>[Outer, Count, Inner]</c>, Count being what is reduced.</summary>
    private protected (int Outer, int Count, int Inner) Extents(Shape shape)
    {
        if (Axis is not { } given) return (1, shape.Length, 1);
        var axis = shape.Axis(given, Name);
        return (shape.Product(0, axis), shape[axis], shape.Product(axis + 1, shape.Rank));
    }
}
