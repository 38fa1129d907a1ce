using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>y = x Wᵀ + b over the last axis.</summary>
internal sealed class LinearOp : Operation
{
    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 3);
        var (x, weight) = (inputs[0], inputs[1]);
        if (x.Rank < 1 || weight.Rank != 2) throw Error($"needs x[…, in] and weight[out, in], got x{x}, weight{weight}");
        if (x[-1] != weight[1]) throw Error($"widths differ: x{x} has {x[-1]}, weight{weight} takes {weight[1]}");
        if (inputs.Length == 3 && inputs[2] != [weight[0]]) throw Error($"bias{inputs[2]} does not fit weight{weight}");
        return [x.With(-1, weight[0])];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 2.0 * inputs[0].Length * inputs[1][0];

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (rows, outputs, width) = Sizes(node);
        MatrixProduct.Run(rows, outputs, width, node.Input(0), width, 1, node.Input(1), 1, width, node.Output(), outputs,
            node.OptionalInput(2), accumulate: false, node.Workers);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var (rows, outputs, width) = Sizes(node);
        var dy = gradients.Output;
        if (gradients.Wants(0))
        {
            var dx = gradients.Into(0, out var accumulate);
            MatrixProduct.Run(rows, width, outputs, dy, outputs, 1, node.Input(1), width, 1, dx, width, default, accumulate, node.Workers);
        }

        if (gradients.Wants(1))
        {
            var dWeight = gradients.Into(1, out var accumulate);
            MatrixProduct.Run(outputs, width, rows, dy, 1, outputs, node.Input(0), width, 1, dWeight, width, default, accumulate,
                node.Workers);
        }

        gradients.Same(2);
    }

    private static (int Rows, int Outputs, int Width) Sizes(Node node)
    {
        var (x, weight) = (node.InputShape(0), node.InputShape(1));
        return (x.Product(0, x.Rank - 1), weight[0], weight[1]);
    }
}

public static partial class Operations
{
    /// <summary>x Wᵀ + b: <c>[…, in] → […, out]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">Input <c>[…, in]</c>.</param>
    /// <param name="weight">Weight <c>[out, in]</c>.</param>
    /// <param name="bias">Bias <c>[out]</c>, or null.</param>
    /// <exception cref="ShapeException">The widths differ.</exception>
    public static Tensor Linear(this Pass pass, Tensor x, Tensor weight, Tensor? bias = null) =>
        bias is null ? pass.Apply(new LinearOp(), x, weight) : pass.Apply(new LinearOp(), x, weight, bias);
}
