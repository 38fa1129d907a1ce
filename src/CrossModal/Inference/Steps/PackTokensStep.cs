using CrossModal.Engine.Kernels;

namespace CrossModal.Inference;

/// <summary>Copies the tokens that are attended to into strips, once for all layers that attend to them.</summary>
/// <param name="tokens">Tokens <c>[B, N, d]</c>.</param>
/// <param name="packed">Where they go.</param>
internal sealed class PackTokensStep(Value tokens, Value packed) : Step("", tokens.Stage, [tokens], [packed])
{
    /// <inheritdoc/>
    public override string Action => "copy tokens into strips";

    /// <inheritdoc/>
    public override double Flops => 0;

    /// <inheritdoc/>
    public override void Execute(Workers workers) =>
        AbsorbedCall.Pack(tokens.Shape[0], tokens.Shape[1], tokens.Shape[2], tokens.Span, packed.Span, workers);
}
