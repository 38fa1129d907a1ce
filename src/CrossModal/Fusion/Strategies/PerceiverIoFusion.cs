using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>A few learned latents attend once to words and visual tokens together, then to each other, layer after layer; the words, as
/// output queries, read from the latents what became of them (Jaegle et al. 2022, Perceiver IO).</summary>
/// <remarks>Modalities are distinguished by learned numbers beside their tokens (<see cref="MultimodalInput"/>). Unlike
/// <see cref="Perceiver"/>, which returns latents, every word comes out. Maps of words come back to patches by attention rolled out through
/// the latents (<see cref="LatentRollout"/>).</remarks>
internal sealed class PerceiverIoFusion : FusionStrategy
{
    private readonly MultimodalInput _input;
    private readonly LatentStack _latents;
    private readonly QueryBlock _decoder;
    private readonly LayerNorm _norm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("perceiver-io", "Perceiver IO",
        "learned latents attend to words and visual tokens, and words to the latents",
        (o, r) => new PerceiverIoFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> over the latents, <see cref="FusionOptions.Latents"/> M.</param>
    /// <param name="random">Source of the first weights.</param>
    public PerceiverIoFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        _input = Add("input", new MultimodalInput(new Dictionary<string, int> { ["language"] = Width, ["vision"] = Width }, random));
        var block = new QueryBlockOptions(options.Transformer.Attention, options.Hidden) { Dropout = options.Dropout };
        _latents = Add("latents", new LatentStack(options, block, _input.Width, random));
        _decoder = Add("decoder", new QueryBlock(block, context: true, random));
        _norm = Add("norm", new LayerNorm(Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var vision = input.JoinViews(pass);
        var seen = _input.Forward(new Dictionary<string, Tokens> { ["language"] = input.Language, ["vision"] = vision }, pass);
        var latents = _latents.Forward(seen, vision, pass);
        var words = _decoder.Forward(input.Language.Values, latents.Values, null, pass, input.Language.Attending(latents));
        return new FusionOutput(input.Language with { Values = _norm.Forward(words, pass) });
    }

    /// <summary>Latents that attend to an input, then to each other.</summary>
    private sealed class LatentStack : Module
    {
        private readonly Tensor _start;
        private readonly QueryBlock _encoder;
        private readonly ModuleList<QueryBlock> _layers;

        public LatentStack(FusionOptions options, QueryBlockOptions block, int inputWidth, RandomSource random)
        {
            _start = AddParameter("start", Tensor.Normal([options.Latents, options.Width], random, 0.02f));
            var wider = block.Attention with { Widths = new AttentionWidths { Key = inputWidth }, Variant = options.VisionVariant };
            _encoder = Add("encoder", new QueryBlock(block with { Attention = wider }, context: true, random));
            _layers = Add("layers", new ModuleList<QueryBlock>(options.Layers, _ => new QueryBlock(block, context: false, random)));
        }

        /// <summary>Latents made of words and visual tokens together; a trace learns their shares of the visual tokens, which come
        /// last.</summary>
        public Tokens Forward(Tokens seen, Tokens vision, Pass pass)
        {
            var before = pass.Trace?.Entries.Count ?? 0;
            var words = seen.Count - vision.Count;
            var x = pass.Expand(_start, [seen.Batch, .. _start.Shape.Sizes]);
            x = _encoder.Forward(x, seen.Values, seen.Mask, pass, new Tokens(x).Of(TokenKind.Latents).Attending(seen));
            foreach (var layer in _layers) x = layer.Forward(x, null, null, pass, AttentionSides.Among(TokenKind.Latents, _start.Shape[0]));
            return new Tokens(x).MadeOf(Tokens.Contents([vision]), Path, trace => [.. trace.Entries.Skip(before).Select(e => e.Value)],
                Shares,
                RecordShares, pass);

            Tensor RecordShares(IReadOnlyList<Tensor> weights, Pass recording) =>
                RecordedRollout.Of(weights, layer => layer == 0 ? (words, null) : (null, 0), _start.Shape[0], vision.Count, recording);

            Tensor Shares(IReadOnlyList<Tensor> weights)
            {
                var rollout = new LatentRollout(seen.Batch, _start.Shape[0], vision.Count);
                rollout.Add(weights[0], firstToken: words, firstLatent: null);
                foreach (var layer in weights.Skip(1)) rollout.Add(layer, firstToken: null, firstLatent: 0);
                return rollout.Shares();
            }
        }
    }
}
