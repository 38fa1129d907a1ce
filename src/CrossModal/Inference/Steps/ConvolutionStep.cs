using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>What a convolution multiplies by.</summary>
/// <param name="Windows">W packed by <see cref="PixelConvolution.Pack"/>, or null.</param>
/// <param name="Tiles">W transformed for tiles, or null.</param>
/// <param name="Bias">b <c>[O]</c>, or null.</param>
internal sealed record ConvolutionWeights(PackedMatrix? Windows, SmallTilesConvolution? Tiles, Tensor? Bias);

/// <summary>activation(x ∗ W + b) + residual with packed weights, of maps that lie pixel by pixel; activation and residual are
/// optional.</summary>
internal sealed class ConvolutionStep : Step
{
    private readonly ConvolutionShape _shape;
    private readonly PixelMap _x;
    private readonly ConvolutionWeights _weights;
    private readonly EpilogueActivation _activation;
    private readonly Value? _residual;
    private readonly PixelMap _output;

    /// <summary>Makes the step.</summary>
    /// <param name="layer">Where in the model.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="x">Input, in its frame or not.</param>
    /// <param name="weights">Weights and bias.</param>
    /// <param name="activation">Applied after the bias.</param>
    /// <param name="residual">Added after the activation, or null.</param>
    /// <param name="output">Result, framed only of windows.</param>
    public ConvolutionStep(string layer, ConvolutionShape shape, PixelMap x, ConvolutionWeights weights, EpilogueActivation activation,
        Value? residual, PixelMap output)
        : base(layer, output.Value.Stage, residual is null ? [x.Value] : [x.Value, residual], [output.Value]) =>
        (_shape, _x, _weights, _activation, _residual, _output) = (shape, x, weights, activation, residual, output);

    /// <inheritdoc/>
    public override string Action => string.Concat(
        _weights.Tiles is null ? "Conv2d" : "Conv2d by tiles", _activation == EpilogueActivation.None ? "" : $" + {_activation}",
        _residual is null ? "" : " + residual");

    /// <summary>Floating-point operations of the plain convolution; by tiles it takes fewer.</summary>
    public override double Flops => 2.0 * _shape.Window * _shape.Batch * _shape.Result;

    /// <inheritdoc/>
    public override double WeightBytes => _weights.Tiles?.Bytes ?? _weights.Windows!.Bytes;

    /// <inheritdoc/>
    public override void Execute(Workers workers)
    {
        var x = _x.Value.Span;
        var y = _output.Value.Span;
        var bias = _weights.Bias is null ? default : _weights.Bias.Span;
        var residual = _residual is null ? default : _residual.Span;
        if (_weights.Tiles is { } tiles)
            tiles.Run(_shape, x, _x.Around > 0, bias, _activation, residual, y, workers);
        else
            PixelConvolution.Run(_shape, x, _weights.Windows!, bias, _activation, residual, y,
                new PixelFrames(_x.Around > 0, _output.Around),
                workers);
    }
}
