using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>Attention rollout (Abnar and Zuidema 2020): in every layer half of a token is what it was and half what it attended to, on
/// average over heads; R ← rownorm(Ā + I) R.</summary>
/// <remarks>Across modalities it runs over all tokens together, words, patches and latents: rows of tokens that a layer does not ask stay
/// as they are. Rows sum to 1 throughout. Gradients have no part in it: it says how tokens are mixed, not what for.</remarks>
internal sealed class AttentionRollout : IMapMethod
{
    /// <inheritdoc/>
    public string Name => "rollout";

    /// <inheritdoc/>
    public string Summary => "attention multiplied through the layers, half of each token staying what it was (Abnar and Zuidema 2020)";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Weights;

    /// <inheritdoc/>
    public bool OfWords => true;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var attentions = decision.Attentions();
        var tokens = new TokenIndex(attentions);
        var rolled = DoubleMatrix.Identity(tokens.Count);
        foreach (var attention in attentions) Add(rolled, tokens, attention);
        return tokens.ReadWords(this, decision, rolled);
    }

    /// <summary>One stack of self-attentions: R_l = rownorm(mean over heads of A_l + I) R_{l−1}, from R = I.</summary>
    /// <param name="layers">Weights of one sample, <c>[1, H, N, N]</c> each, in the order the layers ran.</param>
    /// <returns><c>[N, N]</c>; rows sum to 1.</returns>
    /// <exception cref="ShapeException">Weights are not square or not of one sample.</exception>
    public static double[,] OfStack(IReadOnlyList<Tensor> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        double[,]? rolled = null;
        foreach (var layer in layers)
        {
            if (layer.Shape.Rank != 4 || layer.Shape[0] != 1 || layer.Shape[2] != layer.Shape[3])
                throw new ShapeException("AttentionRollout", $"needs self-attention [1, H, N, N], got {layer.Shape}");
            var mean = RecordedAttention.MeanOfHeads(layer);
            for (var i = 0; i < layer.Shape[2]; i++) mean[i, i]++;
            NormalizeRows(mean);
            rolled = rolled is null ? mean : DoubleMatrix.Multiply(mean, rolled);
        }

        return rolled ?? throw new ShapeException("AttentionRollout", "there is no layer");
    }

    private static void Add(double[,] rolled, TokenIndex tokens, RecordedAttention attention)
    {
        var (queries, weights) = (tokens.Queries(attention), tokens.Unfold(attention, RecordedAttention.MeanOfHeads(attention.Weights)));
        if (queries is null || weights is null) return;
        NormalizeRows(weights);
        var fetched = DoubleMatrix.Multiply(weights, rolled);
        for (var i = 0; i < queries.Length; i++)
        {
            // A query that was not distinguished, or that may attend to nothing, keeps its row.
            if (queries[i] < 0 || Enumerable.Range(0, tokens.Count).All(j => fetched[i, j] == 0)) continue;
            for (var j = 0; j < tokens.Count; j++) rolled[queries[i], j] = (rolled[queries[i], j] + fetched[i, j]) / 2;
        }
    }

    private static void NormalizeRows(double[,] matrix)
    {
        for (var i = 0; i < matrix.GetLength(0); i++)
        {
            double sum = 0;
            for (var j = 0; j < matrix.GetLength(1); j++) sum += matrix[i, j];
            for (var j = 0; j < matrix.GetLength(1) && sum > 0; j++) matrix[i, j] /= sum;
        }
    }
}
