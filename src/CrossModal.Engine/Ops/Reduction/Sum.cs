using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Sum over one axis or over all elements, or the mean of them.</summary>
/// <param name="axis">Axis, −1 being the last; null for all.</param>
/// <param name="keepAxis">Whether the reduced axis stays, with size 1.</param>
/// <param name="mean">Divide by the number of elements summed.</param>
internal sealed class SumOp(int? axis = null, bool keepAxis = false, bool mean = false) : Reduction(axis, keepAxis)
{
    /// <inheritdoc/>
    public override string Name => Mean ? "Mean" : "Sum";

    /// <summary>Whether the sum is divided by the number of elements.</summary>
    public bool Mean { get; } = mean;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (outer, count, inner) = Extents(node.InputShape(0));
        var x = node.Input(0);
        var y = node.Output();
        for (var o = 0; o < outer; o++)
        {
            var block = x.Slice(o * count * inner, count * inner);
            if (inner == 1)
            {
                y[o] = TensorPrimitives.Sum(block);
                continue;
            }

            var row = y.Slice(o * inner, inner);
            row.Clear();
            for (var i = 0; i < count; i++) TensorPrimitives.Add(row, block.Slice(i * inner, inner), row);
        }

        if (Mean) TensorPrimitives.Multiply(y, 1f / count, y);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var (outer, count, inner) = Extents(node.InputShape(0));
        var dy = gradients.Output;
        var dx = gradients.For(0);
        var factor = Mean ? 1f / count : 1f;
        for (var o = 0; o < outer; o++)
        {
            var block = dx.Slice(o * count * inner, count * inner);
            if (inner == 1)
            {
                block.Fill(dy[o] * factor);
                continue;
            }

            for (var i = 0; i < count; i++)
                TensorPrimitives.Multiply(dy.Slice(o * inner, inner), factor, block.Slice(i * inner, inner));
        }
    }
}

public static partial class Operations
{
    /// <summary>Sum over an axis, or over everything when <paramref name="axis"/> is null.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public static Tensor Sum(this Pass pass, Tensor x, int? axis = null, bool keepAxis = false) => pass.Apply(new SumOp(axis, keepAxis), x);

    /// <summary>Mean over an axis, or over everything when <paramref name="axis"/> is null.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public static Tensor Mean(this Pass pass, Tensor x, int? axis = null, bool keepAxis = false) =>
        pass.Apply(new SumOp(axis, keepAxis, mean: true), x);
}
