using System.Buffers;
using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Base of pooling and resizing: each output row is a weighted sum of some input rows, and the same for columns.</summary>
/// <remarks>Average pooling, adaptive pooling, bilinear and nearest resizing are all y = R · x · Cᵀ with sparse R and C.</remarks>
internal abstract class SpatialMap : Operation
{
    private Kept? _rows, _columns;

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
        return [[x[0], x[1], Rows(x[2]).Length, Columns(x[3]).Length]];
    }

    /// <inheritdoc/>
    public sealed override double Flops(ReadOnlySpan<Shape> inputs)
    {
        var x = inputs[0];
        double rows = Rows(x[2]).Sum(t => t.Weights.Length), columns = Columns(x[3]).Sum(t => t.Weights.Length);
        return 2.0 * x[0] * x[1] * (rows * x[3] + columns * Rows(x[2]).Length);
    }

    /// <inheritdoc/>
    public sealed override void Forward(Node node)
    {
        var x = node.InputShape(0);
        var (rows, columns) = (Rows(x[2]), Columns(x[3]));
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
        var (rows, columns) = (Rows(x[2]), Columns(x[3]));
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

    private (int Start, float[] Weights)[] Rows(int size) => Once(ref _rows, size, rows: true);

    private (int Start, float[] Weights)[] Columns(int size) => Once(ref _columns, size, rows: false);

    /// <summary>The taps of the size asked for last are kept, so that a frame computes none; whole or not at all, whatever other threads
    /// do.</summary>
    private (int Start, float[] Weights)[] Once(ref Kept? kept, int size, bool rows)
    {
        var known = kept;
        if (known is null || known.Size != size) kept = known = new Kept(size, Taps(size, rows));
        return known.Taps;
    }

    /// <summary>For each output position along an axis of <paramref name="size"/> inputs: where its inputs start, and their
    /// weights.</summary>
    private protected abstract (int Start, float[] Weights)[] Taps(int size, bool rows);

    /// <summary>Equal weights over <paramref name="length"/> inputs.</summary>
    private protected static float[] Even(int length)
    {
        var weights = new float[length];
        Array.Fill(weights, 1f / length);
        return weights;
    }

    private sealed record Kept(int Size, (int Start, float[] Weights)[] Taps);
}
