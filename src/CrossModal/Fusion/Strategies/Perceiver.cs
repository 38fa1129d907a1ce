using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>A few learned latents attend to words and visual tokens together, again and again (Jaegle et al. 2021, Perceiver).</summary>
/// <remarks>Cost is linear in the number of tokens. Beyond the textbook's (<see cref="TextbookPerceiver"/>): a mark of the modality, a
/// normalised input, feed-forward networks, several rounds. Rounds do not share weights.</remarks>
public sealed class Perceiver : FusionStrategy
{
    private readonly Tensor _latents;
    private readonly Tensor _modality;
    private readonly LayerNorm _inputNorm;
    private readonly ModuleList<PerceiverRound> _rounds;
    private readonly LayerNorm _norm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("perceiver", "Perceiver",
        "learned latents attend to words and visual tokens, in rounds",
        (o, r) => new Perceiver(o, r))
    { Attends = VisionAttention.Others };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of rounds, <see cref="FusionOptions.Latents"/>
    /// M.</param>
    /// <param name="random">Source of the first weights.</param>
    public Perceiver(FusionOptions options, RandomSource random)
        : base(options)
    {
        _latents = AddParameter("latents", Tensor.Normal([options.Latents, options.Width], random, 0.02f));
        _modality = AddParameter("modality", Tensor.Normal([2, options.Width], random, 0.02f));
        _inputNorm = Add("input_norm", new LayerNorm(options.Width));
        _rounds = Add("rounds", new ModuleList<PerceiverRound>(options.Layers, _ =>
            new PerceiverRound(options.Transformer, random, options.VisionVariant)));
        _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to latents <c>[B, M, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var joined = Modality.Join(input.Language, input.JoinViews(pass), _modality, pass);
        var seen = joined with { Values = _inputNorm.Forward(joined.Values, pass) };
        var latents = pass.Expand(_latents, [input.Language.Batch, _latents.Shape[0], Width]);
        foreach (var round in _rounds)
            latents = round.Forward(latents, seen, pass, new Tokens(latents).Of(TokenKind.Latents).Attending(seen));
        return new FusionOutput(new Tokens(_norm.Forward(latents, pass)));
    }
}
