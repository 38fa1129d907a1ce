using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>x / √(mean x² + ε) · weight over groups of as many elements as the weight has, side by side in the last axis (Zhang and
/// Sennrich 2019).</summary>
/// <param name="epsilon">ε, added to the mean square.</param>
internal sealed class RmsNormOp(float epsilon = 1e-6f) : Operation
{
    /// <summary>Added to the mean square.</summary>
    public float Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 2);
        var (x, weight) = (inputs[0], inputs[1]);
        if (x.Rank == 0 || weight.Rank != 1 || weight[0] == 0 || x[-1] % weight[0] != 0)
            throw Error($"weight{weight} does not divide the width of x{x}");
        return [x];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 4.0 * inputs[0].Length;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (rows, width) = Sizes(node);
        RmsNormKernel.Forward(node.Input(0), node.Input(1), node.Output(), rows, width, Epsilon, node.Workers);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var (rows, width) = Sizes(node);
        RmsNormKernel.Backward(node.Input(0), node.Input(1), gradients.Output, gradients.For(0), gradients.For(1), rows, width, Epsilon);
    }

    private static (int Rows, int Width) Sizes(Node node)
    {
        var width = node.InputShape(1)[0];
        return (node.InputShape(0).Length / width, width);
    }
}

public static partial class Operations
{
    /// <summary>Root-mean-square normalisation: <c>[…, n·D] → […, n·D]</c>, each of the n groups on its own.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">What is normalised.</param>
    /// <param name="weight">Scale <c>[D]</c>, the same for all groups.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <exception cref="ShapeException">D does not divide the width.</exception>
    public static Tensor RmsNorm(this Pass pass, Tensor x, Tensor weight, float epsilon = 1e-6f) =>
        pass.Apply(new RmsNormOp(epsilon), x, weight);
}
