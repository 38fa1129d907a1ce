using System.Numerics.Tensors;

namespace CrossModal.Explain;

/// <summary>Heads weighted by their mean gradient, ReLU(mean over heads of ḡ_h A_h), ḡ_h being the mean of ∂y/∂A_h, summed over layers: the
/// Grad-CAM that Chefer et al. 2021 compare with.</summary>
internal sealed class GradientOfHeadsMap : IMapMethod
{
    /// <inheritdoc/>
    public string Name => "gradient-heads";

    /// <inheritdoc/>
    public string Summary =>
        "heads weighted by their mean gradient, then the positive part, summed over layers (the baseline of Chefer et al. 2021)";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Weights | MapNeeds.Gradients;

    /// <inheritdoc/>
    public bool OfWords => true;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return WordPatchSum.Of(this, decision, decision.Attentions(gradients: true), Pairs);
    }

    private static double[,]? Pairs(RecordedAttention attention)
    {
        if (attention.Gradient is not { } gradient) return null;
        var (heads, queries, keys) = (attention.Weights.Shape[1], attention.Weights.Shape[2], attention.Weights.Shape[3]);
        var pairs = new double[queries, keys];
        for (var h = 0; h < heads; h++)
        {
            var mean = (double)TensorPrimitives.Sum<float>(gradient.Span.Slice(h * queries * keys, queries * keys)) / (queries * keys);
            for (var q = 0; q < queries; q++)
                for (var k = 0; k < keys; k++) pairs[q, k] += mean * attention.Weights[0, h, q, k] / heads;
        }

        for (var q = 0; q < queries; q++)
            for (var k = 0; k < keys; k++) pairs[q, k] = Math.Max(0, pairs[q, k]);
        return pairs;
    }
}
