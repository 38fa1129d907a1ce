using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>x·Φ(x), the exact Gaussian error linear unit (Hendrycks and Gimpel 2016).</summary>
public sealed class GeluOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.Gelu>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.Gelu>(node, gradients);
}

public static partial class Operations
{
    /// <summary>x·Φ(x), the exact Gaussian error linear unit (Hendrycks and Gimpel 2016), elementwise.</summary>
    public static Tensor Gelu(this Pass pass, Tensor x) => pass.Apply(new GeluOp(), x);
}
