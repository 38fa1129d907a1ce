namespace CrossModal.Explain;

/// <summary>Relevance through all attentions (Chefer et al. 2021): from R = I, each attention adds what its positive gradient-weighted
/// weights pass on (<see cref="RelevanceRules"/>).</summary>
/// <remarks>Attention of tokens to themselves follows rules 6 and 7, to others rules 10 and 11, whatever the strategy; tokens of a third
/// kind pass on as rule 11 does. Two attentions in a row with swapped sides are one layer of co-attention: both add what they compute from
/// the state before.</remarks>
/// <param name="transposed">Whether rule 10 has the transpose that was published; it runs influence backwards.</param>
internal sealed class RelevanceMap(bool transposed) : IMapMethod
{
    /// <inheritdoc/>
    public string Name => transposed ? "relevance-published" : "relevance";

    /// <inheritdoc/>
    public string Summary => transposed ? "relevance through all attentions, rule 10 with the transpose as published (Chefer et al. 2021)"
        : "relevance through all attentions, rule 10 without its transpose (after Chefer et al. 2021)";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Weights | MapNeeds.Gradients;

    /// <inheritdoc/>
    public bool OfWords => true;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var attentions = decision.Attentions(gradients: true);
        var tokens = new TokenIndex(attentions);
        var relevance = DoubleMatrix.Identity(tokens.Count);
        for (var i = 0; i < attentions.Count; i++)
        {
            var before = (double[,])relevance.Clone();
            Add(relevance, before, tokens, attentions[i]);
            if (i + 1 < attentions.Count && AreCoAttention(tokens, attentions[i], attentions[i + 1]))
                Add(relevance, before, tokens, attentions[++i]);
        }

        return tokens.ReadWords(this, decision, relevance);
    }

    private static bool AreCoAttention(TokenIndex tokens, RecordedAttention first, RecordedAttention second)
    {
        var (a, b) = (tokens.Queries(first), tokens.Queries(second));
        return a is not null && b is not null && !a.Intersect(b).Any() && Asked(tokens, first).SetEquals(b)
            && Asked(tokens, second).SetEquals(a);
    }

    private static HashSet<int> Asked(TokenIndex tokens, RecordedAttention attention)
    {
        var ones = new double[1, attention.Weights.Shape[3]];
        for (var k = 0; k < attention.Weights.Shape[3]; k++) ones[0, k] = 1;
        return tokens.Unfold(attention, ones) is { } row ? [.. Enumerable.Range(0, tokens.Count).Where(j => row[0, j] != 0)] : [];
    }

    private void Add(double[,] to, double[,] before, TokenIndex tokens, RecordedAttention attention)
    {
        if (attention.Gradient is null || tokens.Queries(attention) is not { } queries) return;
        if (tokens.Unfold(attention, RelevanceRules.HeadMean(attention.Weights, attention.Gradient)) is not { } weights) return;
        int[] rows = [.. Enumerable.Range(0, queries.Length).Where(i => queries[i] >= 0)], own = [.. rows.Select(i => queries[i])];
        if (own.Length == 0) return;
        var asked = Asked(tokens, attention);
        int[] self = [.. own.Where(asked.Contains)], other = [.. asked.Except(own).Order()], all = [.. Enumerable.Range(0, tokens.Count)];
        if (self.Length > 0)
            DoubleMatrix.Add(to, own, all, RelevanceRules.SelfAttention(DoubleMatrix.Part(weights, rows, self),
                DoubleMatrix.Part(before, self, all)));
        if (other.Length == 0) return;
        var across = DoubleMatrix.Part(weights, rows, other);
        int[] rest = [.. all.Except(other)];
        DoubleMatrix.Add(to, own, other,
            RelevanceRules.CrossAttention(across, DoubleMatrix.Part(before, own, own), DoubleMatrix.Part(before, other, other),
                transposed));
        DoubleMatrix.Add(to, own, rest, RelevanceRules.CrossAttentionOwn(across, DoubleMatrix.Part(before, other, rest)));
    }
}
