using System.Buffers;
using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Base of pooling and resizing: each output row is a weighted sum of some input rows, and the same for columns.</summary>
/// <remarks>Average pooling, adaptive pooling, bilinear and nearest resizing are all y = R · x · Cᵀ with sparse R and C.</remarks>
public abstract class SpatialMap : Operation
{
    private protected SpatialMap()
    {
    }

    /// <inheritdoc/>
    public sealed override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        var x = inputs[0];
        if (x.Rank != 4) throw Error($"needs x[B, C, H, W], got {x}");
        if (x[2] == 0 || x[3] == 0) throw Error($"x{x} has no pixels");
        return [[x[0], x[1], Taps(x[2], rows: true).Length, Taps(x[3], rows: false).Length]];
    }

    /// <inheritdoc/>
    public sealed override double Flops(ReadOnlySpan<Shape> inputs)
    {
        var x = inputs[0];
        double rows = Taps(x[2], true).Sum(t => t.Weights.Length), columns = Taps(x[3], false).Sum(t => t.Weights.Length);
        return 2.0 * x[0] * x[1] * (rows * x[3] + columns * Taps(x[2], true).Length);
    }

    /// <inheritdoc/>
    public sealed override void Forward(Node node)
    {
        var x = node.InputShape(0);
        var (rows, columns) = (Taps(x[2], true), Taps(x[3], false));
        var row = ArrayPool<float>.Shared.Rent(x[3]);
        var sum = row.AsSpan(0, x[3]);
        var y = node.Output();
        var at = 0;
        for (var plane = 0; plane < x[0] * x[1]; plane++)
        {
            var image = node.Input(0).Slice(plane * x[2] * x[3], x[2] * x[3]);
            foreach (var r in rows)
            {
                sum.Clear();
                for (var i = 0; i < r.Weights.Length; i++)
                    TensorPrimitives.MultiplyAdd(image.Slice((r.Start + i) * x[3], x[3]), r.Weights[i], sum, sum);
                foreach (var c in columns) y[at++] = TensorPrimitives.Dot<float>(sum.Slice(c.Start, c.Weights.Length), c.Weights);
            }
        }

        ArrayPool<float>.Shared.Return(row);
    }

    /// <inheritdoc/>
    public sealed override void Backward(Node node, BackwardStep gradients)
    {
        var x = node.InputShape(0);
        var (rows, columns) = (Taps(x[2], true), Taps(x[3], false));
        var row = ArrayPool<float>.Shared.Rent(x[3]);
        var sum = row.AsSpan(0, x[3]);
        var dy = gradients.Output;
        var dx = gradients.For(0);
        dx.Clear();
        var at = 0;
        for (var plane = 0; plane < x[0] * x[1]; plane++)
        {
            var image = dx.Slice(plane * x[2] * x[3], x[2] * x[3]);
            foreach (var r in rows)
            {
                sum.Clear();
                foreach (var c in columns)
                {
                    var target = sum.Slice(c.Start, c.Weights.Length);
                    TensorPrimitives.MultiplyAdd<float>(c.Weights, dy[at++], target, target);
                }

                for (var i = 0; i < r.Weights.Length; i++)
                {
                    var target = image.Slice((r.Start + i) * x[3], x[3]);
                    TensorPrimitives.MultiplyAdd(sum, r.Weights[i], target, target);
                }
            }
        }

        ArrayPool<float>.Shared.Return(row);
    }

    /// <summary>For each output position along an axis of <paramref name="size"/> inputs: where its inputs start, and their weights.</summary>
    private protected abstract (int Start, float[] Weights)[] Taps(int size, bool rows);

    /// <summary>Equal weights over <paramref name="length"/> inputs.</summary>
    private protected static float[] Even(int length)
    {
        var weights = new float[length];
        Array.Fill(weights, 1f / length);
        return weights;
    }
}
