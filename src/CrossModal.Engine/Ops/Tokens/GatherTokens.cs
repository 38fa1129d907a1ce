using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Some tokens of each sample, picked by whole-number ids: <c>[B, N, d], [B, k] → [B, k, d]</c>.</summary>
internal sealed class GatherTokensOp : Operation
{
    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 2);
        var (x, ids) = (inputs[0], inputs[1]);
        return x.Rank == 3 && ids.Rank == 2 && x[0] == ids[0] ? [[x[0], ids[1], x[2]]]
            : throw Error($"needs x[B, N, d] and ids[B, k], got x{x}, ids{ids}");
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 0;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var x = node.Input(0);
        var width = node.InputShape(0)[2];
        var y = node.Output();
        for (var i = 0; i * width < y.Length; i++) x.Slice(Row(node, i) * width, width).CopyTo(y[(i * width)..]);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        if (gradients.Wants(1)) gradients.For(1).Clear();
        var dx = gradients.For(0);
        if (dx.IsEmpty) return;
        dx.Clear();
        var width = node.InputShape(0)[2];
        var dy = gradients.Output;
        for (var i = 0; i * width < dy.Length; i++)
        {
            var row = dx.Slice(Row(node, i) * width, width);
            TensorPrimitives.Add(row, dy.Slice(i * width, width), row);
        }
    }

    /// <summary>The row of x that output row i is.</summary>
    private int Row(Node node, int i)
    {
        var (count, id) = (node.InputShape(0)[1], node.Input(1)[i]);
        return id >= 0 && id < count && id == (int)id ? i / node.InputShape(1)[1] * count + (int)id
            : throw Error($"id {id} is not one of {count} tokens");
    }
}

public static partial class Operations
{
    /// <summary>Some tokens of each sample: <c>[B, N, d], [B, k] → [B, k, d]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">Tokens.</param>
    /// <param name="ids">Whole numbers from 0 to N − 1.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or an id is not a token.</exception>
    public static Tensor GatherTokens(this Pass pass, Tensor x, Tensor ids) => pass.Apply(new GatherTokensOp(), x, ids);
}
