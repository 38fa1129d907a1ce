using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Largest element along an axis or of all; the gradient goes to the first of equals.</summary>
/// <param name="axis">Axis, −1 being the last; null for all.</param>
/// <param name="keepAxis">Whether the reduced axis stays, with size 1.</param>
internal sealed class MaxOp(int? axis = null, bool keepAxis = false) : Reduction(axis, keepAxis)
{
    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var (outer, count, inner) = Extents(node.InputShape(0));
        if (count == 0) throw Error($"nothing to take the largest of in {node.InputShape(0)}");
        var x = node.Input(0);
        var y = node.Output();
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < inner; i++)
                y[o * inner + i] = x[Largest(x, o * count * inner + i, count, inner)];
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var (outer, count, inner) = Extents(node.InputShape(0));
        var x = node.Input(0);
        var dy = gradients.Output;
        var dx = gradients.For(0);
        dx.Clear();
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < inner; i++)
                dx[Largest(x, o * count * inner + i, count, inner)] = dy[o * inner + i];
    }

    private static int Largest(ReadOnlySpan<float> x, int start, int count, int step)
    {
        var best = start;
        for (var j = 1; j < count; j++)
            if (x[start + j * step] > x[best]) best = start + j * step;
        return best;
    }
}

public static partial class Operations
{
    /// <summary>Largest element along an axis, or of everything when <paramref name="axis"/> is null.</summary>
    /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
    public static Tensor Max(this Pass pass, Tensor x, int? axis = null, bool keepAxis = false) => pass.Apply(new MaxOp(axis, keepAxis), x);
}
