namespace CrossModal.Explain;

/// <summary>Attention weighted by the positive part of its gradient, mean over heads of A ∘ ReLU(∂y/∂A), summed over layers (as Li et al.
/// 2021, ALBEF, apply Grad-CAM to cross-attention).</summary>
internal sealed class GradientWeightedMap : IMapMethod
{
    /// <inheritdoc/>
    public string Name => "gradient-albef";

    /// <inheritdoc/>
    public string Summary => "mean over heads of attention times its positive gradient, summed over layers (Li et al. 2021, ALBEF)";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Weights | MapNeeds.Gradients;

    /// <inheritdoc/>
    public bool OfWords => true;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return WordPatchSum.Of(this, decision, decision.Attentions(gradients: true),
            a => a.Gradient is { } gradient ? RelevanceRules.HeadMean(a.Weights, gradient) : null);
    }
}
