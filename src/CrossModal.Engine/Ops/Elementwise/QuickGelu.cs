using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>x·σ(1.702·x), the GELU approximation of CLIP.</summary>
internal sealed class QuickGeluOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.QuickGelu>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.QuickGelu>(node, gradients);
}

public static partial class Operations
{
    /// <summary>x·σ(1.702·x), the GELU approximation of CLIP, elementwise.</summary>
    public static Tensor QuickGelu(this Pass pass, Tensor x) => pass.Apply(new QuickGeluOp(), x);
}
