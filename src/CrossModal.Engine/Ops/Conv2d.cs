using System.Buffers;
using System.Numerics.Tensors;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Engine.Ops;

/// <summary>Two-dimensional convolution (cross-correlation, as PyTorch's) with stride and zero padding.</summary>
/// <param name="stride">Step of the window, in pixels.</param>
/// <param name="padding">Zeros on each side, in pixels.</param>
public sealed class Conv2dOp(int stride = 1, int padding = 0) : Operation
{
    /// <summary>Step of the window.</summary>
    public int Stride { get; } = stride > 0 ? stride : throw new ShapeException("Conv2d", $"stride must be positive, got {stride}");

    /// <summary>Zeros on each side.</summary>
    public int Padding { get; } = padding >= 0 ? padding : throw new ShapeException("Conv2d", $"padding must not be negative, got {padding}");

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
    public override void Forward(Node node)
    {
        var s = new Sizes(node);
        var columns = ArrayPool<float>.Shared.Rent(s.Pixels * s.Window);
        var bias = node.OptionalInput(2);
        for (var b = 0; b < s.Batch; b++)
        {
            Gather(node, s, b, columns);
            var y = node.Output().Slice(b * s.Outputs * s.Pixels, s.Outputs * s.Pixels);

            // y[o, p] = Σ weight[o, w] · columns[w, p]
            MatrixProduct.Run(s.Outputs, s.Pixels, s.Window, node.Input(1), s.Window, 1, columns, s.Pixels, 1, y, s.Pixels, default,
                accumulate: false, node.Workers);
            for (var o = 0; o < bias.Length; o++)
            {
                var plane = y.Slice(o * s.Pixels, s.Pixels);
                TensorPrimitives.Add(plane, bias[o], plane);
            }
        }

        ArrayPool<float>.Shared.Return(columns);
    }

    /// <inheritdoc/>
    public override void Backward(Node node, BackwardStep gradients)
    {
        var s = new Sizes(node);
        var columns = ArrayPool<float>.Shared.Rent(s.Pixels * s.Window);
        var dx = gradients.For(0);
        var dWeight = gradients.For(1);
        var dBias = gradients.For(2);
        dx.Clear();
        dWeight.Clear();
        dBias.Clear();
        for (var b = 0; b < s.Batch; b++)
        {
            var dy = gradients.Output.Slice(b * s.Outputs * s.Pixels, s.Outputs * s.Pixels);
            for (var o = 0; o < dBias.Length; o++) dBias[o] += TensorPrimitives.Sum(dy.Slice(o * s.Pixels, s.Pixels));
            if (!dWeight.IsEmpty)
            {
                Gather(node, s, b, columns);
                MatrixProduct.Run(s.Outputs, s.Window, s.Pixels, dy, s.Pixels, 1, columns, 1, s.Pixels, dWeight, s.Window, default,
                    accumulate: true, node.Workers);
            }

            if (dx.IsEmpty) continue;
            MatrixProduct.Run(s.Window, s.Pixels, s.Outputs, node.Input(1), 1, s.Window, dy, s.Pixels, 1, columns, s.Pixels, default,
                accumulate: false, node.Workers);
            Im2Col.Scatter(columns.AsSpan(0, s.Pixels * s.Window), s.Channels, s.Height, s.Width, s.KernelHeight, s.KernelWidth, Stride,
                Padding, s.OutHeight, s.OutWidth, dx.Slice(b * s.Image, s.Image));
        }

        ArrayPool<float>.Shared.Return(columns);
    }

    private void Gather(Node node, in Sizes s, int image, float[] columns) =>
        Im2Col.Gather(node.Input(0).Slice(image * s.Image, s.Image), s.Channels, s.Height, s.Width, s.KernelHeight, s.KernelWidth, Stride,
            Padding, s.OutHeight, s.OutWidth, columns.AsSpan(0, s.Pixels * s.Window));

    private readonly struct Sizes(Node node)
    {
        private readonly Shape _x = node.InputShape(0);
        private readonly Shape _weight = node.InputShape(1);
        private readonly Shape _y = node.Outputs[0].Shape;

        public int Batch => _x[0];

        public int Channels => _x[1];

        public int Height => _x[2];

        public int Width => _x[3];

        public int Image => _x.Product(1, 4);

        public int Outputs => _weight[0];

        public int KernelHeight => _weight[2];

        public int KernelWidth => _weight[3];

        public int Window => _weight.Product(1, 4);

        public int OutHeight => _y[2];

        public int OutWidth => _y[3];

        public int Pixels => OutHeight * OutWidth;
    }
}

public static partial class Operations
{
    /// <summary>Convolution: <c>[B, C, H, W] → [B, O, ⌊(H + 2p − kh)/s⌋ + 1, ⌊(W + 2p − kw)/s⌋ + 1]</c>; pixels beyond the last whole step are ignored.</summary>
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
