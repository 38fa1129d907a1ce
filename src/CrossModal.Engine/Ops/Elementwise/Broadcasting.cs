using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Base of elementwise operations on two tensors whose shapes broadcast.</summary>
internal abstract class Broadcasting : Operation
{
    private protected Broadcasting()
    {
    }

    /// <inheritdoc/>
    public sealed override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 2);
        return [Shape.Broadcast(inputs[0], inputs[1], Name)];
    }

    /// <inheritdoc/>
    public sealed override double Flops(ReadOnlySpan<Shape> inputs) => Shape.Broadcast(inputs[0], inputs[1], Name).Length;

    private protected static void Run<TKernel>(Node node)
        where TKernel : IBinaryKernel =>
        BroadcastKernel.Apply<TKernel>(node.Input(0), node.InputShape(0).Sizes, node.Input(1), node.InputShape(1).Sizes,
            node.Output(), node.Outputs[0].Shape.Sizes);

    private protected static void Run<TKernel>(ReadOnlySpan<float> x, Shape xShape, ReadOnlySpan<float> y, Shape yShape, Span<float> result,
        Shape shape)
        where TKernel : IBinaryKernel
    {
        if (!result.IsEmpty) BroadcastKernel.Apply<TKernel>(x, xShape.Sizes, y, yShape.Sizes, result, shape.Sizes);
    }
}
