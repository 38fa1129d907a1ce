using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>(x − mean) / √(variance + ε) · γ + β over the last axis (Ba et al. 2016); the variance is the biased one.</summary>
/// <param name="epsilon">ε, added to the variance.</param>
internal sealed class LayerNormOp(float epsilon) : Operation
{
    /// <summary>What is added to the variance.</summary>
    public float Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 3);
        var x = inputs[0];
        if (x.Rank == 0) throw Error("needs at least one axis");
        for (var i = 1; i < inputs.Length; i++)
            if (inputs[i] != [x[-1]]) throw Error($"{(i == 1 ? "gamma" : "beta")}{inputs[i]} does not fit x{x}");
        return [x];
    }

    /// <inheritdoc/>
    public override Shape[] Saved(ReadOnlySpan<Shape> inputs)
    {
        var rows = inputs[0].Product(0, inputs[0].Rank - 1);
        return [[rows], [rows]];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 8.0 * inputs[0].Length;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var x = node.InputShape(0);
        LayerNormKernel.Forward(node.Input(0), node.OptionalInput(1), node.OptionalInput(2), node.Output(), node.SavedSpan(0),
            node.SavedSpan(1), x.Product(0, x.Rank - 1), x[-1], Epsilon, node.Workers);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var x = node.InputShape(0);
        var dx = gradients.Into(0, out var accumulate);
        LayerNormKernel.Backward(node.Input(0), node.OptionalInput(1), node.SavedSpan(0), node.SavedSpan(1), gradients.Output,
            dx, gradients.For(1), gradients.For(2), x.Product(0, x.Rank - 1), x[-1], accumulate, node.Workers);
    }
}

public static partial class Operations
{
    /// <summary>Layer normalisation over the last axis: <c>[…, d] → […, d]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">Input <c>[…, d]</c>.</param>
    /// <param name="gamma">Scale <c>[d]</c>, or null.</param>
    /// <param name="beta">Shift <c>[d]</c>, or null; needs gamma.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <exception cref="ShapeException">Gamma or beta does not fit.</exception>
    public static Tensor LayerNorm(this Pass pass, Tensor x, Tensor? gamma = null, Tensor? beta = null, float epsilon = 1e-5f) =>
        pass.Apply(new LayerNormOp(epsilon), (gamma, beta) switch
        {
            (null, null) => [x],
            ({ } g, null) => [x, g],
            ({ } g, { } b) => [x, g, b],
            _ => throw new ShapeException("LayerNorm", "beta was given without gamma"),
        });
}
