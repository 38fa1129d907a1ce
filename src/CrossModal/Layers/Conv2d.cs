using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Layers;

/// <summary>Two-dimensional convolution with stride and zero padding.</summary>
/// <remarks>Weights start normal with deviation √(2/fan-in) (He et al. 2015), biases at 0.</remarks>
public sealed class Conv2d : Module
{
    private readonly int _stride;
    private readonly int _padding;

    /// <summary>Makes the layer.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">Side of the window.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="bias">Whether there is a bias.</param>
    public Conv2d(int inputs, int outputs, int kernel, RandomSource random, int stride = 1, int padding = 0, bool bias = true)
    {
        (_stride, _padding) = (stride, padding);
        Weight = AddParameter("weight", Tensor.Normal([outputs, inputs, kernel, kernel], random,
            MathF.Sqrt(2f / (inputs * kernel * kernel))));
        if (bias) Bias = AddParameter("bias", Tensor.Zeros([outputs]));
    }

    /// <summary>Weight <c>[O, C, k, k]</c>.</summary>
    public Tensor Weight { get; }

    /// <summary>Bias <c>[O]</c>, or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>Applies the layer: <c>[B, C, H, W] → [B, O, H', W']</c>.</summary>
    /// <exception cref="ShapeException">Channels differ, or the window is larger than the padded image.</exception>
    public Tensor Forward(Tensor x, Pass pass) => pass.Conv2d(x, Weight, Bias, _stride, _padding);
}
