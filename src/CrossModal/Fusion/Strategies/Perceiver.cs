using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>A few learned latents attend to words and visual tokens together, again and again (Jaegle et al. 2021, Perceiver).</summary>
/// <remarks>Cost is linear in the number of tokens. Beyond the textbook's (<see cref="TextbookPerceiver"/>): a mark of the modality, a
/// normalised input, feed-forward networks, several rounds. Rounds do not share weights. As published, latents start from learned vectors
/// that are the same for every instruction; <see cref="FromWordsDescription"/> adds a projection of the mean word to each, so that the
/// first round already depends on the instruction. How wide latents are and what is made of them can be chosen for experiments
/// (<see cref="LatentOptions"/>).</remarks>
public sealed class Perceiver : FusionStrategy
{
    private readonly Tensor _latents;
    private readonly Tensor _modality;
    private readonly LayerNorm _inputNorm;
    private readonly ModuleList<PerceiverRound> _rounds;
    private readonly LayerNorm _norm;
    private readonly Linear? _start;
    private readonly PerceiverRound? _wordRound;
    private readonly QueryBlock? _decoder;
    private readonly Linear? _narrow;
    private readonly LatentReadout _readout;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("perceiver", "Perceiver",
        "learned latents attend to words and visual tokens, in rounds",
        (o, r) => new Perceiver(o, r))
    { Attends = VisionAttention.Others };

    /// <summary>The same whose latents start from the words: to each is added a projection of the mean word.</summary>
    public static StrategyDescription FromWordsDescription { get; } = new("perceiver-from-words", "Perceiver, started from the words",
        "latents that start from the mean word attend to words and visual tokens, in rounds",
        (o, r) => new Perceiver(o with { LatentChoice = (o.LatentChoice ?? new LatentOptions()) with { Start = LatentStart.Words } }, r))
    { Attends = VisionAttention.Others };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of rounds, <see cref="FusionOptions.Latents"/>
    /// M.</param>
    /// <param name="random">Source of the first weights.</param>
    public Perceiver(FusionOptions options, RandomSource random)
        : base(options)
    {
        var choice = options.LatentChoice ?? new LatentOptions();
        var width = choice.Wider * options.Width;
        var transformer = options.Transformer with { Width = width, Hidden = choice.Wider * options.Hidden };
        _latents = AddParameter("latents", Tensor.Normal([options.Latents, width], random, choice.Scale));
        _modality = AddParameter("modality", Tensor.Normal([2, options.Width], random, 0.02f));
        _inputNorm = Add("input_norm", new LayerNorm(options.Width));
        _rounds = Add("rounds", new ModuleList<PerceiverRound>(options.Layers, _ =>
            new PerceiverRound(transformer, random, options.VisionVariant, options.Width)));
        _norm = Add("norm", new LayerNorm(width));
        if (choice.Start == LatentStart.Words) _start = Add("start", new Linear(options.Width, width, random));
        if (choice.WordsFirst) _wordRound = Add("word_round", new PerceiverRound(transformer, random, inputWidth: options.Width));
        _readout = choice.Readout;
        if (_readout != LatentReadout.Mean)
        {
            var reading = options.Transformer.Attention with { Widths = new AttentionWidths { Key = width } };
            _decoder = Add("decoder", new QueryBlock(new QueryBlockOptions(reading, options.Hidden), context: true, random));
        }
        else if (choice.Wider > 1)
        {
            _narrow = Add("narrow", new Linear(width, options.Width, random));
        }
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to latents <c>[B, M, d]</c>, or to what reads them.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var joined = Modality.Join(input.Language, input.JoinViews(pass), _modality, pass);
        var seen = joined with { Values = _inputNorm.Forward(joined.Values, pass) };
        var latents = pass.Expand(_latents, [input.Language.Batch, _latents.Shape[0], _latents.Shape[1]]);
        if (_start is not null)
            latents = pass.Add(latents, _start.Forward(MeanWord(input.Language, pass), pass));
        if (_wordRound is not null)
            latents = _wordRound.Forward(latents, input.Language, pass,
                new Tokens(latents).Of(TokenKind.Latents).Attending(input.Language));
        foreach (var round in _rounds)
            latents = round.Forward(latents, seen, pass, new Tokens(latents).Of(TokenKind.Latents).Attending(seen));
        return new FusionOutput(Read(new Tokens(_norm.Forward(latents, pass)).Of(TokenKind.Latents), input.Language, pass));
    }

    private Tokens Read(Tokens latents, Tokens language, Pass pass)
    {
        if (_decoder is null) return new Tokens(_narrow?.Forward(latents.Values, pass) ?? latents.Values);
        var queries = _readout == LatentReadout.Words ? language
            : new Tokens(MeanWord(language, pass)).Of(TokenKind.Class);
        return queries with { Values = _decoder.Forward(queries.Values, latents.Values, null, pass, queries.Attending(latents)) };
    }

    private Tensor MeanWord(Tokens language, Pass pass) => pass.Reshape(language.Mean(pass), [language.Batch, 1, Width]);
}
