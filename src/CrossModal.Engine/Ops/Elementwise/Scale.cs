using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>factor · x + shift, with constant factor and shift.</summary>
/// <param name="factor">What every element is multiplied by.</param>
/// <param name="shift">What is added after.</param>
internal sealed class ScaleOp(float factor, float shift = 0) : Operation
{
    /// <summary>What every element is multiplied by.</summary>
    public float Factor { get; } = factor;

    /// <summary>What is added after.</summary>
    public float Shift { get; } = shift;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 2.0 * inputs[0].Length;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        TensorPrimitives.Multiply(node.Input(0), Factor, node.Output());
        if (Shift != 0) TensorPrimitives.Add(node.Output(), Shift, node.Output());
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) =>
        TensorPrimitives.Multiply(gradients.Output, Factor, gradients.For(0));
}

public static partial class Operations
{
    /// <summary>factor · x + shift.</summary>
    public static Tensor Scale(this Pass pass, Tensor x, float factor, float shift = 0) => pass.Apply(new ScaleOp(factor, shift), x);
}
