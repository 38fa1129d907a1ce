using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>The same elements under another shape; shares the input's memory.</summary>
/// <param name="shape">The new shape.</param>
internal sealed class ReshapeOp(Shape shape) : Operation
{
    /// <summary>The new shape.</summary>
    public Shape Shape { get; } = shape;

    /// <inheritdoc/>
    public override bool IsView => true;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        if (inputs[0].Length != Shape.Length) throw Error($"{inputs[0]} has {inputs[0].Length} elements, {Shape} has {Shape.Length}");
        return [Shape];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 0;

    /// <inheritdoc/>
    public override void Forward(Node node) => node.Input(0).CopyTo(node.Output());

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => gradients.Same(0);
}

public static partial class Operations
{
    /// <summary>The same elements under another shape, without copying.</summary>
    /// <exception cref="ShapeException">The element counts differ.</exception>
    public static Tensor Reshape(this Pass pass, Tensor x, Shape shape) => pass.Apply(new ReshapeOp(shape), x);
}
