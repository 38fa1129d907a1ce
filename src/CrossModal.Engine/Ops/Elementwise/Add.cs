using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;

namespace CrossModal.Engine.Ops;

/// <summary>a + b, with broadcasting.</summary>
internal sealed class AddOp : Broadcasting
{
    /// <inheritdoc/>
    public override void Forward(Node node) => Run<AddKernel>(node);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        gradients.Same(0);
        gradients.Same(1);
    }
}

public static partial class Operations
{
    /// <summary>a + b; shapes broadcast.</summary>
    public static Tensor Add(this Pass pass, Tensor a, Tensor b) => pass.Apply(new AddOp(), a, b);
}
