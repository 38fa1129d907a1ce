using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>A tensor repeated along axes of size 1 and along new leading axes.</summary>
/// <param name="shape">The shape to stretch to.</param>
internal sealed class ExpandOp(Shape shape) : Operation
{
    /// <summary>The shape stretched to.</summary>
    public Shape Shape { get; } = shape;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        return Shape.Broadcast(inputs[0], Shape, Name) == Shape ? [Shape] : throw Error($"{inputs[0]} does not stretch to {Shape}");
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 0;

    /// <inheritdoc/>
    public override void Forward(Node node) =>
        BroadcastKernel.Apply<MultiplyKernel>(node.Input(0), node.InputShape(0).Sizes, [1f], [], node.Output(), Shape.Sizes);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => gradients.Same(0);
}

public static partial class Operations
{
    /// <summary>Repeats a tensor along axes of size 1 and new leading axes until it has the given shape.</summary>
    /// <exception cref="ShapeException">The shape does not stretch so.</exception>
    public static Tensor Expand(this Pass pass, Tensor x, Shape shape) => pass.Apply(new ExpandOp(shape), x);
}
