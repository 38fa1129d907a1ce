using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Base of operations that turn every row, the last axis, into a row of the same width.</summary>
internal abstract class RowOperation : Operation
{
    private protected RowOperation()
    {
    }

    /// <inheritdoc/>
    public sealed override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        return inputs[0].Rank > 0 ? [inputs[0]] : throw Error("needs at least one axis");
    }

    /// <inheritdoc/>
    public sealed override double Flops(ReadOnlySpan<Shape> inputs) => 4.0 * inputs[0].Length;

    /// <summary>Number of rows.</summary>
    private protected static int Rows(Node node) => node.InputShape(0).Product(0, node.InputShape(0).Rank - 1);

    /// <summary>Width of a row.</summary>
    private protected static int Width(Node node) => node.InputShape(0)[-1];
}
