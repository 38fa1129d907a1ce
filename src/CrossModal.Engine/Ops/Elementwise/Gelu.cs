using System.Numerics.Tensors;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>x·Φ(x), the exact Gaussian error linear unit (Hendrycks and Gimpel 2016).</summary>
internal sealed class GeluOp : Activation
{
    /// <summary>The derivative, which costs little beside the value.</summary>
    public override Shape[] Saved(ReadOnlySpan<Shape> inputs) => [inputs[0]];

    /// <inheritdoc/>
    public override void Forward(Node node)
    {
        if (node.Saved.Count == 0) Run<Gelu>(node);
        else Activations.ApplyWithDerivative<Gelu>(node.Input(0), node.Output(), node.SavedSpan(0), node.Workers);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) =>
        TensorPrimitives.Multiply(gradients.Output, node.SavedSpan(0), gradients.For(0));
}

public static partial class Operations
{
    /// <summary>x·Φ(x), the exact Gaussian error linear unit (Hendrycks and Gimpel 2016), elementwise.</summary>
    public static Tensor Gelu(this Pass pass, Tensor x) => pass.Apply(new GeluOp(), x);
}
