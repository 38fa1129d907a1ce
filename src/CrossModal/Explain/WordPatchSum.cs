namespace CrossModal.Explain;

/// <summary>Sums what each layer says of pairs of a word and a patch.</summary>
internal static class WordPatchSum
{
    /// <summary>The sum over layers in which words attend to patches, directly or through tokens made of them.</summary>
    /// <param name="method">The method.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="attentions">Its attentions.</param>
    /// <param name="pairs">What a layer says of its pairs of query and key, <c>[Nq, Nk]</c>; null when it says nothing.</param>
    /// <exception cref="NotSupportedException">No layer says anything of a word and a patch.</exception>
    public static ExplanationMap Of(IMapMethod method, ExplainedDecision decision, IReadOnlyList<RecordedAttention> attentions,
        Func<RecordedAttention, double[,]?> pairs)
    {
        var tokens = new TokenIndex(attentions);
        var sum = new double[tokens.Count, tokens.Count];
        foreach (var attention in attentions)
        {
            if (tokens.Queries(attention) is not { } queries || attention.Keys is null || pairs(attention) is not { } said) continue;
            var unfolded = tokens.Unfold(attention, said)!;
            for (var q = 0; q < queries.Length; q++)
                for (var k = 0; k < tokens.Count && queries[q] >= 0; k++) sum[queries[q], k] += unfolded[q, k];
        }

        return tokens.ReadWords(method, decision, sum);
    }
}
