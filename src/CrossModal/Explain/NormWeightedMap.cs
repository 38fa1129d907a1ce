namespace CrossModal.Explain;

/// <summary>The length of what each word fetched from each key, ‖Σ_h A_h W_O,h v_h‖, summed over layers (Kobayashi et al. 2020): an
/// attention sink whose values are small gets little.</summary>
internal sealed class NormWeightedMap : IMapMethod
{
    /// <inheritdoc/>
    public string Name => "norm";

    /// <inheritdoc/>
    public string Summary => "the length of what each word fetched from each patch, summed over layers (Kobayashi et al. 2020)";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Weights | MapNeeds.Values;

    /// <inheritdoc/>
    public bool OfWords => true;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return WordPatchSum.Of(this, decision, decision.Attentions(), a => Pairs(a, decision));
    }

    private double[,] Pairs(RecordedAttention attention, ExplainedDecision decision)
    {
        var (heads, queries, keys) = (attention.Weights.Shape[1], attention.Weights.Shape[2], attention.Weights.Shape[3]);
        if (attention.Values is not { } values || values.Shape[1] != keys)
            throw new NotSupportedException(
                $"{Name}: {attention.Layer} of '{decision.Name}' makes values of {attention.Values?.Shape[1] ?? 0} of {keys} keys");
        var (width, output) = (values.Shape[2], decision.Parameter($"{attention.Layer}.out_proj.weight"));
        var (head, columns) = (width / heads, output?.Shape[0] ?? width);
        var moved = new double[heads, keys, columns];
        for (var h = 0; h < heads; h++)
            for (var k = 0; k < keys; k++)
                for (var c = 0; c < columns; c++)
                    for (var i = h * head; i < (h + 1) * head; i++) moved[h, k, c] += values[0, k, i] * (output?[c, i] ?? (c == i ? 1 : 0));

        var pairs = new double[queries, keys];
        for (var q = 0; q < queries; q++)
            for (var k = 0; k < keys; k++)
            {
                double squares = 0;
                for (var c = 0; c < columns; c++)
                {
                    double fetched = 0;
                    for (var h = 0; h < heads; h++) fetched += attention.Weights[0, h, q, k] * moved[h, k, c];
                    squares += fetched * fetched;
                }

                pairs[q, k] = Math.Sqrt(squares);
            }

        return pairs;
    }
}
