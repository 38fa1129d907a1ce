using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Concatenation of tokens with nothing after it: words and visual tokens side by side in one sequence, which whoever uses it
/// pools. The textbook's <c>cat(lang, vis, dim=1)</c> by itself.</summary>
/// <remarks>The textbook's, the sequence; ours, a learned mark of the modality, without which its mean would not tell them apart.
/// No token depends on another, so the mean of the sequence is the weighted sum of two (<see cref="PooledConcatenation"/>).</remarks>
internal sealed class SideBySideConcatenation : FusionStrategy
{
    private readonly Tensor _modality;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("concat-side-by-side", "Concatenation, side by side, pooled",
        "words and visual tokens in one sequence and nothing after it",
        (o, r) => new SideBySideConcatenation(o, r));

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; only the width is used.</param>
    /// <param name="random">Source of the first weights.</param>
    public SideBySideConcatenation(FusionOptions options, RandomSource random)
        : base(options) => _modality = AddParameter("modality", Tensor.Normal([2, options.Width], random, 0.02f));

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to <c>[B, Nl + Nv, d]</c>, words first.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass) =>
        new(Modality.Join(input.Language, input.JoinViews(pass), _modality, pass));
}
