using CrossModal.Engine.Tensors;

namespace CrossModal.Explain;

/// <summary>Importance by masking with ten passes: one forward and one backward pass order the patches by
/// Σ |∂y/∂x ∘ (x − x′)|, x′ of the mean colour, and eight further passes hide the first eight of them one at a time; those are ordered by
/// how much the decision changes, all others stay below them in the order of the gradient.</summary>
/// <remarks>Interventional where it counts: what decides the upper end of a map is measured, not estimated. With
/// <see cref="MaskedImportance"/>, which hides patches at random, the same takes a hundred passes.</remarks>
internal sealed class GuidedMasking : IMapMethod
{
    /// <summary>Patches that are hidden one at a time.</summary>
    internal const int Hidden = 8;

    // Below every patch that was hidden, also where hiding one changed nothing.
    private const double Least = 1e-3;

    /// <inheritdoc/>
    public string Name => "masking-10";

    /// <inheritdoc/>
    public string Summary => "how much the decision changes where each of eight patches is hidden, chosen by gradients: ten passes";

    /// <inheritdoc/>
    public MapNeeds Needs => MapNeeds.Gradients | MapNeeds.Passes;

    /// <inheritdoc/>
    public bool OfWords => false;

    /// <inheritdoc/>
    public ExplanationMap Compute(ExplainedDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        var (x, mean, grid) = (decision.Pictures, PictureFill.MeanColor(decision.Pictures), decision.Grid);
        var estimated = Tensor.Zeros(x.Shape);
        var (_, gradient) = decision.Gradient(x);
        for (var i = 0; i < x.Shape.Length; i++) estimated.Span[i] = Math.Abs(gradient.Span[i] * (x.Span[i] - mean.Span[i]));
        var prior = PatchSum.Of(estimated, grid).SelectMany(view => view).Select(v => (double)v).ToArray();
        for (var i = 0; i < prior.Length; i++)
            if (decision.Padding is { } padding && padding[i]) prior[i] = 0;
        var first = Enumerable.Range(0, prior.Length).OrderByDescending(i => prior[i]).ThenBy(i => i).Take(Hidden).ToArray();
        var pictures = new float[first.Length * x.Shape.Length];
        for (var k = 0; k < first.Length; k++)
        {
            var removed = new bool[prior.Length];
            removed[first[k]] = true;
            PictureFill.Fill(x, removed, grid, mean, RandomSource.None).CopyTo(pictures, k * x.Shape.Length);
        }

        var changes = decision.Changes(Tensor.From(pictures, decision.Batch(first.Length)));
        var (least, lowest) = (Math.Max(changes.Min(), Least * changes.Max()), prior[first[^1]]);
        var map = Array.ConvertAll(prior, p => lowest > 0 ? (float)(Least * least * p / lowest) : 0);
        for (var k = 0; k < first.Length; k++) map[first[k]] = (float)Math.Max(changes[k], Least * least);
        return new ExplanationMap(this, grid, 1,
            [.. Enumerable.Range(0, decision.Views).Select(v => map[(v * grid.Count)..((v + 1) * grid.Count)])]);
    }
}
