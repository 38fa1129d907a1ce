using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Average over groups of consecutive tokens; an incomplete last group is dropped.</summary>
/// <param name="kernel">Tokens in a group.</param>
internal sealed class AvgPool1dOp(int kernel) : Operation
{
    /// <summary>Tokens in a group.</summary>
    public int Kernel { get; } = kernel > 0 ? kernel : throw new ShapeException("AvgPool1d", $"kernel must be positive, got {kernel}");

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        var x = inputs[0];
        if (x.Rank != 3) throw Error($"needs x[B, N, d], got {x}");
        if (x[1] < Kernel) throw Error($"a group of {Kernel} is larger than the {x[1]} tokens of {x}");
        return [x.With(1, x[1] / Kernel)];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => inputs[0].Length;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (x, y) = (node.InputShape(0), node.Outputs[0].Shape);
        node.Output().Clear();
        for (var b = 0; b < x[0]; b++)
            for (var n = 0; n < y[1] * Kernel; n++)
            {
                var group = node.Output().Slice((b * y[1] + n / Kernel) * x[2], x[2]);
                TensorPrimitives.MultiplyAdd(node.Input(0).Slice((b * x[1] + n) * x[2], x[2]), 1f / Kernel, group, group);
            }
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var (x, y) = (node.InputShape(0), node.Outputs[0].Shape);
        var dx = gradients.For(0);
        dx.Clear();
        for (var b = 0; b < x[0]; b++)
            for (var n = 0; n < y[1] * Kernel; n++)
                TensorPrimitives.Multiply(gradients.Output.Slice((b * y[1] + n / Kernel) * x[2], x[2]), 1f / Kernel,
                    dx.Slice((b * x[1] + n) * x[2], x[2]));
    }
}

public static partial class Operations
{
    /// <summary>Average over groups of consecutive tokens: <c>[B, N, d] → [B, ⌊N/kernel⌋, d]</c>.</summary>
    /// <exception cref="ShapeException">There are fewer tokens than a group.</exception>
    public static Tensor AvgPool1d(this Pass pass, Tensor x, int kernel) => pass.Apply(new AvgPool1dOp(kernel), x);
}
