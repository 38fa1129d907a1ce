using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;

namespace CrossModal.Inference.Steps;

/// <summary>Attention of projected queries, keys and values: the ordinary path.</summary>
internal sealed class AttentionStep : Step, IAttentionStep
{
    private readonly AttentionShape _shape;
    private readonly TokenColumns _query;
    private readonly TokenColumns _key;
    private readonly TokenColumns _value;
    private readonly Value? _mask;
    private readonly Value _output;
    private readonly float _scale;

    /// <summary>Makes the step.</summary>
    /// <param name="layer">Where in the model.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="scale">What scores are multiplied by.</param>
    /// <param name="query">Queries <c>[B, Nq, H·D]</c>.</param>
    /// <param name="key">Keys <c>[B, Nk, H·D]</c>.</param>
    /// <param name="value">Values <c>[B, Nk, H·Dv]</c>.</param>
    /// <param name="mask">Added to the scores, or null.</param>
    /// <param name="output">Result <c>[B, Nq, H·Dv]</c>.</param>
    public AttentionStep(string layer, AttentionShape shape, float scale, TokenColumns query, TokenColumns key, TokenColumns value, Value? mask, Value output)
        : base(layer, output.Stage, mask is null ? [query.Value, key.Value, value.Value] : [query.Value, key.Value, value.Value, mask], [output]) =>
        (_shape, _scale, _query, _key, _value, _mask, _output) = (shape, scale, query, key, value, mask, output);

    /// <inheritdoc/>
    public override string Action => "Attention";

    /// <inheritdoc/>
    public override double Flops => 2.0 * _shape.Batch * _shape.Heads * _shape.Queries * _shape.Keys * (_shape.HeadDim + _shape.ValueDim);

    /// <inheritdoc/>
    public Shape WeightsShape => [_shape.Batch, _shape.Heads, _shape.Queries, _shape.Keys];

    /// <inheritdoc/>
    public Tensor? Weights { get; set; }

    /// <inheritdoc/>
    public override void Execute(Workers workers) =>
        AttentionKernel.Forward(_shape, _scale, _query.Span, _query.Row, _key.Span, _key.Row, _value.Span, _value.Row,
            _mask is null ? default : _mask.Span, MaskShapes.Of(_mask), default, _output.Span, Weights is null ? default : Weights.Span, workers);
}
