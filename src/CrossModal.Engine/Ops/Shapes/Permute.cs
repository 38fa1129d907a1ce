using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>The axes in another order.</summary>
/// <param name="order">For each axis of the result, the axis of the input it is.</param>
internal sealed class PermuteOp(params int[] order) : Operation
{
    private readonly int[] _order = [.. order];

    /// <summary>For each axis of the result, the axis of the input it is.</summary>
    public IReadOnlyList<int> Order => _order;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        var x = inputs[0];
        if (!_order.Order().SequenceEqual(Enumerable.Range(0, x.Rank)))
            throw Error($"({string.Join(',', _order)}) is no order of the axes of {x}");
        return [Shape.Of(Array.ConvertAll(_order, axis => x[axis]))];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 0;

    /// <inheritdoc/>
    public override void Forward(Node node) => PermuteKernel.Run(node.Input(0), node.InputShape(0).Sizes, _order, node.Output());

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        Span<int> inverse = stackalloc int[_order.Length];
        for (var i = 0; i < inverse.Length; i++) inverse[_order[i]] = i;
        PermuteKernel.Run(gradients.Output, node.Outputs[0].Shape.Sizes, inverse, gradients.For(0));
    }
}

public static partial class Operations
{
    /// <summary>The axes in another order: axis i of the result is axis order[i] of x.</summary>
    /// <exception cref="ShapeException">The order does not name every axis once.</exception>
    public static Tensor Permute(this Pass pass, Tensor x, params int[] order) => pass.Apply(new PermuteOp(order), x);

    /// <summary>Two axes exchanged.</summary>
    /// <exception cref="ShapeException">An axis does not exist.</exception>
    public static Tensor Transpose(this Pass pass, Tensor x, int first, int second)
    {
        ArgumentNullException.ThrowIfNull(x);
        var order = Enumerable.Range(0, x.Shape.Rank).ToArray();
        var (a, b) = (x.Shape.Axis(first, "Transpose"), x.Shape.Axis(second, "Transpose"));
        (order[a], order[b]) = (order[b], order[a]);
        return pass.Apply(new PermuteOp(order), x);
    }
}
