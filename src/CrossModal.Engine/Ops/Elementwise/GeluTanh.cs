using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), the tanh approximation of GELU.</summary>
internal sealed class GeluTanhOp : Activation
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<Kernels.GeluTanh>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) => RunBackward<Kernels.GeluTanh>(node, gradients);
}

public static partial class Operations
{
    /// <summary>½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), the tanh approximation of GELU, elementwise.</summary>
    public static Tensor GeluTanh(this Pass pass, Tensor x) => pass.Apply(new GeluTanhOp(), x);
}
