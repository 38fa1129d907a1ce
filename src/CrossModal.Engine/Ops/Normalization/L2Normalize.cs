using System.Numerics.Tensors;
using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>x / max(‖x‖₂, ε) over the last axis.</summary>
/// <param name="epsilon">ε, the least norm divided by.</param>
internal sealed class L2NormalizeOp(float epsilon = 1e-12f) : RowOperation
{
    /// <summary>The least norm divided by.</summary>
    public float Epsilon { get; } = epsilon;

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        var width = Width(node);
        for (var at = 0; at < node.Output().Length; at += width)
        {
            var x = node.Input(0).Slice(at, width);
            TensorPrimitives.Divide(x, MathF.Max(TensorPrimitives.Norm(x), Epsilon), node.Output().Slice(at, width));
        }
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        // dx = (dy − y·(y·dy)) / ‖x‖; below ε the divisor is constant and dx = dy / ε.
        var width = Width(node);
        var target = gradients.For(0);
        for (var at = 0; at < target.Length; at += width)
        {
            var y = node.Output().Slice(at, width);
            var dy = gradients.Output.Slice(at, width);
            var dx = target.Slice(at, width);
            var norm = TensorPrimitives.Norm(node.Input(0).Slice(at, width));
            if (norm > Epsilon) TensorPrimitives.MultiplyAdd(y, -TensorPrimitives.Dot(y, dy), dy, dx);
            else dy.CopyTo(dx);
            TensorPrimitives.Divide(dx, MathF.Max(norm, Epsilon), dx);
        }
    }
}

public static partial class Operations
{
    /// <summary>Rows of unit length: <c>[…, d] → […, d]</c>.</summary>
    public static Tensor L2Normalize(this Pass pass, Tensor x, float epsilon = 1e-12f) => pass.Apply(new L2NormalizeOp(epsilon), x);
}
