using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>Normalisation of what a <see cref="LinearStep"/> wrote, while its rows are in cache.</summary>
/// <param name="Gamma">Scale <c>[d]</c>, or null.</param>
/// <param name="Beta">Shift <c>[d]</c>, or null.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Output">Where it goes.</param>
internal sealed record FusedNorm(Tensor? Gamma, Tensor? Beta, float Epsilon, Value Output);

/// <summary>norm(activation(x Wᵀ + b) + residual) with packed weights; activation, residual and normalisation are optional.</summary>
internal sealed class LinearStep : Step
{
    /// <summary>Products summed in one accumulator. Shorter sums round less; half of it would cost up to 3 % of the time
    /// (docs/performance.md).</summary>
    private const int SumDepth = 128;

    private readonly Value _x;
    private readonly PackedMatrix _weight;
    private readonly Tensor? _bias;
    private readonly EpilogueActivation _activation;
    private readonly Value? _residual;
    private readonly FusedNorm? _norm;
    private readonly Value _sum;

    /// <summary>Makes the step.</summary>
    /// <param name="layer">Where in the model.</param>
    /// <param name="x">Input <c>[…, in]</c>.</param>
    /// <param name="weight">W packed, <c>[in, out]</c>.</param>
    /// <param name="bias">b <c>[out]</c>, or null.</param>
    /// <param name="activation">Applied after the bias.</param>
    /// <param name="residual">Added after the activation, <c>[…, out]</c>, or null.</param>
    /// <param name="norm">Normalisation, or null.</param>
    /// <param name="sum">Where the result before normalisation goes; null when nobody else reads it: it is then normalised in
    /// place.</param>
    public LinearStep(string layer, Value x, PackedMatrix weight, Tensor? bias, EpilogueActivation activation, Value? residual,
        FusedNorm? norm, Value? sum)
        : base(layer, Latest(x, residual), residual is null ? [x] : [x, residual], [.. new[] { sum, norm?.Output }.OfType<Value>()])
    {
        (_x, _weight, _bias, _activation, _residual, _norm) = (x, weight, bias, activation, residual, norm);
        _sum = sum ?? norm!.Output;
    }

    /// <inheritdoc/>
    public override string Action => string.Concat(
        "Linear",
        _activation == EpilogueActivation.None ? "" : $" + {_activation}",
        _residual is null ? "" : " + residual",
        _norm is null ? "" : " + LayerNorm");

    /// <inheritdoc/>
    public override double Flops => 2.0 * _x.Shape.Length * _weight.N + (_norm is null ? 0 : 8.0 * _sum.Shape.Length);

    /// <inheritdoc/>
    public override double WeightBytes => _weight.Bytes;

    /// <inheritdoc/>
    public override void Execute(Workers workers)
    {
        var rows = _x.Shape.Length / _weight.K;
        var bias = _bias is null ? default : _bias.Span;
        var residual = _residual is null ? default : _residual.Span;
        PackedProduct.Run(_x.Span, _weight.K, rows, _weight, _sum.Span, _sum.Shape[-1], bias, _activation, residual, _weight.N, workers,
            SumDepth);
        if (_norm is null) return;
        LayerNormKernel.Forward(_sum.Span, _norm.Gamma is null ? default : _norm.Gamma.Span, _norm.Beta is null ? default : _norm.Beta.Span,
            _norm.Output.Span, default, default, rows, _weight.N, _norm.Epsilon, workers);
    }

    private static Stage Latest(Value x, Value? residual) => residual is null || residual.Stage < x.Stage ? x.Stage : residual.Stage;
}
