using CrossModal.Engine.Kernels;

namespace CrossModal.Inference;

/// <summary>Queries take over the projection of the keys: scale · q Wk per head, so that keys need not be projected.</summary>
/// <param name="layer">Where in the model.</param>
/// <param name="query">Projected queries <c>[B, Nq, H·D]</c>.</param>
/// <param name="keys">Wk.</param>
/// <param name="scale">What scores are multiplied by.</param>
/// <param name="panels">Where they go.</param>
internal sealed class ProjectQueriesStep(string layer, TokenColumns query, AbsorbedKeys keys, float scale, Value panels)
    : Step(layer, query.Value.Stage, [query.Value], [panels])
{
    private readonly int _batch = query.Value.Shape[0];
    private readonly int _queries = query.Value.Shape[1];

    /// <inheritdoc/>
    public override string Action => "absorb keys' projection into queries";

    /// <inheritdoc/>
    public override double Flops => 2.0 * _batch * _queries * keys.Heads * keys.HeadDim * keys.KeyWidth;

    /// <inheritdoc/>
    public override double WeightBytes => keys.Bytes;

    /// <inheritdoc/>
    public override void Execute(Workers workers) =>
        AbsorbedCall.Project(keys, _batch, _queries, query.Span, query.Row, scale, panels.Span, workers);
}
