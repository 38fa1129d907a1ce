using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Base of elementwise functions of one tensor.</summary>
internal abstract class Activation : Operation
{
    private protected Activation()
    {
    }

    /// <inheritdoc/>
    public sealed override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 1, 1);
        return [inputs[0]];
    }

    /// <inheritdoc/>
    public sealed override double Flops(ReadOnlySpan<Shape> inputs) => inputs[0].Length;

    private protected static void Run<TActivation>(Node node)
        where TActivation : struct, IActivation =>
        Activations.Apply<TActivation>(node.Input(0), node.Output(), node.Workers);

    private protected static void RunBackward<TActivation>(Node node, BackwardStep gradients)
        where TActivation : struct, IActivation =>
        Activations.Backward<TActivation>(node.Input(0), node.Output(), gradients.Output, gradients.For(0), node.Workers);
}
