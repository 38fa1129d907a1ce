using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>One round of a Perceiver: latents look at the input, then a feed-forward network, then a transformer layer over the latents.</summary>
public sealed class PerceiverRound : Module
{
    private readonly TransformerOptions _options;
    private readonly MultiHeadAttention _crossAttention;
    private readonly FeedForward _feedForward;
    private readonly TransformerEncoderLayer _selfLayer;
    private readonly LayerNorm _crossNorm;
    private readonly LayerNorm _feedForwardNorm;

    /// <summary>Makes the round.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    public PerceiverRound(TransformerOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _crossAttention = Add("cross_attn", new MultiHeadAttention(options.Attention, random));
        _crossNorm = Add("cross_norm", new LayerNorm(options.Width, options.Epsilon));
        _feedForward = Add("feed_forward", options.FeedForward(random));
        _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(options.Width, options.Epsilon));
        _selfLayer = Add("self_layer", new TransformerEncoderLayer(options, random));
    }

    /// <summary>Latents after the round: <c>[B, M, d], [B, N, d] → [B, M, d]</c>.</summary>
    public Tensor Forward(Tensor latents, Tokens input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        var x = Residual.Apply(latents, _crossNorm, _options, y => _crossAttention.Forward(y, input.Values, input.Values, input.Mask, pass), pass);
        x = Residual.Apply(x, _feedForwardNorm, _options, y => _feedForward.Forward(y, pass), pass);
        return _selfLayer.Forward(x, null, pass);
    }
}

/// <summary>A few learned latents look at words and visual tokens together, again and again (Jaegle et al. 2021, Perceiver).</summary>
/// <remarks>Cost is linear in the number of tokens. Beyond the textbook's (<see cref="TextbookPerceiver"/>): a mark of the modality, a
/// normalised input, feed-forward networks, several rounds. Rounds do not share weights.</remarks>
public sealed class Perceiver : FusionStrategy
{
    private readonly Tensor _latents;
    private readonly Tensor _modality;
    private readonly LayerNorm _inputNorm;
    private readonly ModuleList<PerceiverRound> _rounds;
    private readonly LayerNorm _norm;

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of rounds, <see cref="FusionOptions.Latents"/> M.</param>
    /// <param name="random">Source of the first weights.</param>
    public Perceiver(FusionOptions options, RandomSource random)
        : base(options.Width)
    {
        _latents = AddParameter("latents", Tensor.Normal([options.Latents, options.Width], random, 0.02f));
        _modality = AddParameter("modality", Tensor.Normal([2, options.Width], random, 0.02f));
        _inputNorm = Add("input_norm", new LayerNorm(options.Width));
        _rounds = Add("rounds", new ModuleList<PerceiverRound>(options.Layers, _ => new PerceiverRound(options.Transformer, random)));
        _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to latents <c>[B, M, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var joined = Modality.Join(input.Language, input.JoinViews(pass), _modality, pass);
        var seen = joined with { Values = _inputNorm.Forward(joined.Values, pass) };
        var latents = pass.Expand(_latents, [input.Language.Batch, _latents.Shape[0], Width]);
        foreach (var round in _rounds) latents = round.Forward(latents, seen, pass);
        return new FusionOutput(new Tokens(_norm.Forward(latents, pass)));
    }
}

/// <summary>The textbook's PerceiverFusion read literally: learned queries look once at words and visual tokens, then at each other.</summary>
public sealed class TextbookPerceiver : FusionStrategy
{
    private readonly Tensor _queries;
    private readonly CrossModalAttention _crossAttention;
    private readonly CrossModalAttention _selfAttention;

    /// <summary>Makes the strategy; queries start normal with deviation 0.02.</summary>
    /// <param name="options">Sizes; layers are not used.</param>
    /// <param name="random">Source of the first weights.</param>
    public TextbookPerceiver(FusionOptions options, RandomSource random)
        : base(options.Width)
    {
        _queries = AddParameter("queries", Tensor.Normal([options.Latents, options.Width], random, 0.02f));
        _crossAttention = Add("cross_attn", new CrossModalAttention(options, random));
        _selfAttention = Add("self_attn", new CrossModalAttention(options, random));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to latents <c>[B, M, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var joined = Tokens.Join([input.Language, input.JoinViews(pass)], pass);
        var queries = pass.Expand(_queries, [input.Language.Batch, _queries.Shape[0], Width]);
        var latents = _crossAttention.Attend(queries, joined, pass);
        return new FusionOutput(new Tokens(_selfAttention.Attend(latents, new Tokens(latents), pass)));
    }
}
