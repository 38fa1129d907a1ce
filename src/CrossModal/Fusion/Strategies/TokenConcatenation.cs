using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>Concatenation of tokens: words and visual tokens in one sequence, each marked with its modality, mixed by transformer layers
/// over the whole (single stream, as Kim et al. 2021, ViLT).</summary>
internal sealed class TokenConcatenation : FusionStrategy
{
    private readonly Tensor _modality;
    private readonly TransformerEncoder _encoder;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("concat-tokens", "Concatenation of tokens",
        "words and visual tokens in one sequence, transformer layers over both",
        (o, r) => new TokenConcatenation(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; with 0 layers the tokens are joined and marked, no more.</param>
    /// <param name="random">Source of the first weights.</param>
    public TokenConcatenation(FusionOptions options, RandomSource random)
        : base(options)
    {
        _modality = AddParameter("modality", Tensor.Normal([2, options.Width], random, 0.02f));
        _encoder = Add("encoder", new TransformerEncoder(options.Layers, options.Transformer, random, finalNorm: true,
            options.VisionVariant));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to <c>[B, Nl + Nv, d]</c>, words first.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var joined = Modality.Join(input.Language, input.JoinViews(pass), _modality, pass);
        return new FusionOutput(joined with { Values = _encoder.Forward(joined.Values, joined.Mask, pass, joined.Attending(joined)) });
    }
}
