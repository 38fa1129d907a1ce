using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>activation(x ∗ W + b) + residual with packed weights, of maps that lie pixel by pixel; activation and residual are
/// optional.</summary>
internal sealed class ConvolutionStep : Step
{
    private readonly ConvolutionShape _shape;
    private readonly Value _x;
    private readonly PackedMatrix _weight;
    private readonly Tensor? _bias;
    private readonly EpilogueActivation _activation;
    private readonly Value? _residual;
    private readonly Value _output;

    /// <summary>Makes the step.</summary>
    /// <param name="layer">Where in the model.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="x">Input, <c>[B, H, W, C]</c> in memory.</param>
    /// <param name="weight">W packed by <see cref="PixelConvolution.Pack"/>.</param>
    /// <param name="bias">b <c>[O]</c>, or null.</param>
    /// <param name="activation">Applied after the bias.</param>
    /// <param name="residual">Added after the activation, or null.</param>
    /// <param name="output">Result, <c>[B, H', W', O]</c> in memory.</param>
    public ConvolutionStep(
        string layer, ConvolutionShape shape, Value x, PackedMatrix weight, Tensor? bias, EpilogueActivation activation, Value? residual,
            Value output)
        : base(layer, output.Stage, residual is null ? [x] : [x, residual], [output]) =>
        (_shape, _x, _weight, _bias, _activation, _residual, _output) = (shape, x, weight, bias, activation, residual, output);

    /// <inheritdoc/>
    public override string Action => string.Concat(
        "Conv2d", _activation == EpilogueActivation.None ? "" : $" + {_activation}", _residual is null ? "" : " + residual");

    /// <inheritdoc/>
    public override double Flops => 2.0 * _shape.Window * _output.Shape.Length;

    /// <inheritdoc/>
    public override double WeightBytes => _weight.Bytes;

    /// <inheritdoc/>
    public override void Execute(Workers workers) =>
        PixelConvolution.Run(_shape, _x.Span, _weight, _bias is null ? default : _bias.Span, _activation,
            _residual is null ? default : _residual.Span, _output.Span, workers);
}
