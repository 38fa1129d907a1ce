using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Two-dimensional convolution (cross-correlation, as PyTorch's) with stride and zero padding.</summary>
/// <param name="stride">Step of the window, in pixels.</param>
/// <param name="padding">Zeros on each side, in pixels.</param>
internal sealed class Conv2dOp(int stride = 1, int padding = 0) : Operation
{
    /// <summary>Step of the window.</summary>
    public int Stride { get; } = stride > 0 ? stride : throw new ShapeException("Conv2d", $"stride must be positive, got {stride}");

    /// <summary>Zeros on each side.</summary>
    public int Padding { get; } = padding >= 0 ? padding
        : throw new ShapeException("Conv2d", $"padding must not be negative, got {padding}");

    /// <inheritdoc/>
    public override Shape[] Infer(ReadOnlySpan<Shape> inputs)
    {
        Expect(inputs, 2, 3);
        var (x, weight) = (inputs[0], inputs[1]);
        if (x.Rank != 4 || weight.Rank != 4) throw Error($"needs x[B, C, H, W] and weight[O, C, kh, kw], got x{x}, weight{weight}");
        if (x[1] != weight[1]) throw Error($"channels differ: x{x} has {x[1]}, weight{weight} takes {weight[1]}");
        if (inputs.Length == 3 && inputs[2] != [weight[0]]) throw Error($"bias{inputs[2]} does not fit weight{weight}");
        var height = (x[2] + 2 * Padding - weight[2]) / Stride + 1;
        var width = (x[3] + 2 * Padding - weight[3]) / Stride + 1;
        if (x[2] + 2 * Padding < weight[2] || x[3] + 2 * Padding < weight[3]) throw Error($"the window {weight} is larger than x{x}");
        return [[x[0], weight[0], height, width]];
    }

    /// <inheritdoc/>
    public override double Flops(ReadOnlySpan<Shape> inputs) => 2.0 * Infer(inputs)[0].Length * inputs[1].Product(1, 4);

    /// <inheritdoc/>
    public override void Forward(Node node) =>
        ConvolutionKernel.Forward(Sizes(node), node.Input(0), node.Input(1), node.OptionalInput(2), node.Output(), node.Workers);

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients) =>
        ConvolutionKernel.Backward(
            Sizes(node), node.Input(0), node.Input(1), gradients.Output, gradients.For(0), gradients.For(1), gradients.For(2),
                node.Workers);

    private ConvolutionShape Sizes(Node node)
    {
        var (x, weight) = (node.InputShape(0), node.InputShape(1));
        return new(x[0], x[1], x[2], x[3], weight[0], weight[2], weight[3], Stride, Padding);
    }
}

public static partial class Operations
{
    /// <summary>Convolution: <c>[B, C, H, W] → [B, O, ⌊(H + 2p − kh)/s⌋ + 1, ⌊(W + 2p − kw)/s⌋ + 1]</c>; pixels beyond the last whole step
    /// are ignored.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">Images <c>[B, C, H, W]</c>.</param>
    /// <param name="weight">Weight <c>[O, C, kh, kw]</c>.</param>
    /// <param name="bias">Bias <c>[O]</c>, or null.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <exception cref="ShapeException">Channels differ, or the window is larger than the padded image.</exception>
    public static Tensor Conv2d(this Pass pass, Tensor x, Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0) =>
        bias is null ? pass.Apply(new Conv2dOp(stride, padding), x, weight) : pass.Apply(new Conv2dOp(stride, padding), x, weight, bias);
}
