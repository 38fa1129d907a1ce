using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference;

/// <summary>What an absorbed attention reads.</summary>
/// <param name="Panels">Absorbed queries.</param>
/// <param name="Mask">Added to the scores, or null.</param>
/// <param name="KeyWidth">Width of the tokens that give the keys, dk.</param>
internal sealed record AbsorbedInputs(Value Panels, Value? Mask, int KeyWidth)
{
    /// <summary>Tokens that give the keys, <c>[B, Nk, dk]</c>, where they are not packed.</summary>
    public Value? KeyTokens { get; init; }

    /// <summary>The same in strips.</summary>
    public Value? PackedKeys { get; init; }

    /// <summary>The value projection, where values are absorbed too.</summary>
    public AbsorbedValues? Values { get; init; }

    /// <summary>Tokens that give the values, <c>[B, Nk, dv]</c>, where values are absorbed and the tokens are others than those of the
    /// keys.</summary>
    public Value? ValueTokens { get; init; }

    /// <summary>The same in strips.</summary>
    public Value? PackedValues { get; init; }

    /// <summary>Projected values, where they are not absorbed.</summary>
    public TokenColumns? Projected { get; init; }

    /// <summary>Everything that is read.</summary>
    public Value[] All => [.. new[] { KeyTokens, PackedKeys, Panels, Mask, ValueTokens, PackedValues, Projected?.Value }.OfType<Value>()];
}

/// <summary>Attention to tokens that are not projected: softmax((q Wk) Xᵀ), then (P Y) Wvᵀ, or P V with projected values.</summary>
internal sealed class AbsorbedAttentionStep(string layer, AttentionShape shape, AbsorbedInputs inputs, Value output)
    : Step(layer, output.Stage, inputs.All, [output]), IAttentionStep
{
    /// <inheritdoc/>
    public override string Action => inputs.Values is null ? "absorbed attention, values projected" : "absorbed attention";

    /// <inheritdoc/>
    public override double Flops
    {
        get
        {
            double pairs = 2.0 * shape.Batch * shape.Heads * shape.Queries * shape.Keys;
            return pairs * inputs.KeyWidth + (inputs.Values is { } values
                ? pairs * values.ValueWidth + 2.0 * shape.Batch * shape.Queries * shape.Heads * shape.HeadDim * values.ValueWidth
                : pairs * shape.HeadDim);
        }
    }

    /// <inheritdoc/>
    public override double WeightBytes => inputs.Values?.Bytes ?? 0;

    /// <inheritdoc/>
    public Shape WeightsShape => [shape.Batch, shape.Heads, shape.Queries, shape.Keys];

    /// <inheritdoc/>
    public Tensor? Weights { get; set; }

    /// <inheritdoc/>
    public override void Execute(Workers workers)
    {
        var call = new AbsorbedCall
        {
            Shape = shape,
            X = SpanOf(inputs.KeyTokens),
            PackedX = SpanOf(inputs.PackedKeys),
            Panels = inputs.Panels.Span,
            Values = inputs.Values,
            Y = SpanOf(inputs.ValueTokens),
            PackedY = SpanOf(inputs.PackedValues),
            V = inputs.Projected is { } projected ? projected.Span : default,
            VRow = inputs.Projected?.Row ?? 0,
            Mask = SpanOf(inputs.Mask),
            MaskShape = MaskShapes.Of(inputs.Mask),
        };
        call.Run(inputs.KeyWidth, output.Span, Weights is null ? default : Weights.Span, workers);
    }

    private static ReadOnlySpan<float> SpanOf(Value? value) => value is null ? default : value.Span;
}
