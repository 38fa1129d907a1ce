using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>The textbook's PerceiverFusion as written: learned queries attend once to words and visual tokens, then to each
/// other.</summary>
public sealed class TextbookPerceiver : FusionStrategy
{
    private readonly Tensor _queries;
    private readonly CrossModalAttention _crossAttention;
    private readonly CrossModalAttention _selfAttention;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("textbook-perceiver", "The textbook's Perceiver, to the letter",
        "the textbook's Perceiver, read literally",
        (o, r) => new TextbookPerceiver(o, r))
    { Attends = VisionAttention.Others };

    /// <summary>Makes the strategy; queries start normal with deviation 0.02.</summary>
    /// <param name="options">Sizes; layers are not used.</param>
    /// <param name="random">Source of the first weights.</param>
    public TextbookPerceiver(FusionOptions options, RandomSource random)
        : base(options)
    {
        _queries = AddParameter("queries", Tensor.Normal([options.Latents, options.Width], random, 0.02f));
        _crossAttention = Add("cross_attn", new CrossModalAttention(options, random));
        _selfAttention = Add("self_attn", new CrossModalAttention(options.WithDenseAttention, random));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to latents <c>[B, M, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var joined = Tokens.Join([input.Language, input.JoinViews(pass)], pass);
        var queries = pass.Expand(_queries, [input.Language.Batch, _queries.Shape[0], Width]);
        var latents = _crossAttention.Attend(queries, joined, pass, new Tokens(queries).Of(TokenKind.Latents).Attending(joined));
        return new FusionOutput(new Tokens(_selfAttention.Attend(latents, new Tokens(latents), pass,
            AttentionSides.Among(TokenKind.Latents, latents.Shape[1]))));
    }
}
