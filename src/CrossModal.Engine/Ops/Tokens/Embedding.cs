using System.Numerics.Tensors;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Rows of a table, picked by whole-number ids.</summary>
/// <param name="padding">The id whose row gets no gradient (PyTorch's padding_idx); −1 for none.</param>
internal sealed class EmbeddingOp(int padding = -1) : Operation
{
    /// <summary>The id whose row gets no gradient; −1 for none.</summary>
    public int Padding { get; } = padding;

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 2);
        var (table, ids) = (inputs[0], inputs[1]);
        return table.Rank == 2 ? [Shape.Of([.. ids.Sizes, table[1]])] : throw Error($"the table must be [count, d], got {table}");
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 0;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var table = node.InputShape(0);
        var weights = node.Input(0);
        var ids = node.Input(1);
        var y = node.Output();
        for (var i = 0; i < ids.Length; i++) Row(weights, ids[i], table).CopyTo(y[(i * table[1])..]);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var table = node.InputShape(0);
        var width = table[1];
        var ids = node.Input(1);
        var dy = gradients.Output;
        if (gradients.Wants(1)) gradients.For(1).Clear();
        var dTable = gradients.Into(0, out var accumulate);
        if (!accumulate) dTable.Clear();
        for (var i = 0; i < ids.Length && !dTable.IsEmpty; i++)
        {
            if (ids[i] == Padding) continue;
            var row = dTable.Slice((int)ids[i] * width, width);
            TensorPrimitives.Add(row, dy.Slice(i * width, width), row);
        }
    }

    private ReadOnlySpan<float> Row(ReadOnlySpan<float> weights, float id, Shape table) =>
        id >= 0 && id < table[0] && id == (int)id
            ? weights.Slice((int)id * table[1], table[1])
            : throw Error($"id {id} is not a row of the table {table}");
}

public static partial class Operations
{
    /// <summary>Rows of a table: ids <c>[…] → […, d]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="table">Table <c>[count, d]</c>.</param>
    /// <param name="ids">Whole numbers from 0 to count − 1.</param>
    /// <param name="padding">The id whose row gets no gradient; −1 for none.</param>
    /// <exception cref="ShapeException">An id is not a row of the table.</exception>
    public static Tensor Embedding(this Pass pass, Tensor table, Tensor ids, int padding = -1) =>
        pass.Apply(new EmbeddingOp(padding), table, ids);
}
