using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>A few learned latents look once at words and visual tokens together, then at each other, layer after layer; the words, as output queries,
/// read from the latents what became of them (Jaegle et al. 2022, Perceiver IO).</summary>
/// <remarks>Modalities are told apart by learned numbers beside their tokens (<see cref="MultimodalInput"/>). Unlike <see cref="Perceiver"/>, which
/// returns latents, every word comes out.</remarks>
public sealed class PerceiverIoFusion : FusionStrategy
{
    private readonly MultimodalInput _input;
    private readonly Tensor _latents;
    private readonly QueryBlock _encoder;
    private readonly ModuleList<QueryBlock> _layers;
    private readonly QueryBlock _decoder;
    private readonly LayerNorm _norm;

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> over the latents, <see cref="FusionOptions.Latents"/> M.</param>
    /// <param name="random">Source of the first weights.</param>
    public PerceiverIoFusion(FusionOptions options, RandomSource random)
        : base(options.Width)
    {
        _input = Add("input", new MultimodalInput(new Dictionary<string, int> { ["language"] = Width, ["vision"] = Width }, random));
        _latents = AddParameter("latents", Tensor.Normal([options.Latents, Width], random, 0.02f));
        var attention = options.Transformer.Attention;
        var block = new QueryBlockOptions(attention, options.Hidden) { Dropout = options.Dropout };
        var look = block with { Attention = attention with { Widths = new AttentionWidths { Key = _input.Width } } };
        _encoder = Add("encoder", new QueryBlock(look, context: true, random));
        _layers = Add("layers", new ModuleList<QueryBlock>(options.Layers, _ => new QueryBlock(block, context: false, random)));
        _decoder = Add("decoder", new QueryBlock(block, context: true, random));
        _norm = Add("norm", new LayerNorm(Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var seen = _input.Forward(new Dictionary<string, Tokens> { ["language"] = input.Language, ["vision"] = input.JoinViews(pass) }, pass);
        var latents = _encoder.Forward(pass.Expand(_latents, [seen.Batch, .. _latents.Shape.Sizes]), seen.Values, seen.Mask, pass);
        foreach (var layer in _layers) latents = layer.Forward(latents, null, null, pass);
        var words = _decoder.Forward(input.Language.Values, latents, null, pass);
        return new FusionOutput(input.Language with { Values = _norm.Forward(words, pass) });
    }
}
