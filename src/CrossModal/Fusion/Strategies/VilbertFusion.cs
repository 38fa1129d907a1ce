using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Rounds of ViLBERT: a co-attention layer, then a transformer layer of each stream's own (Lu et al. 2019, fig. 1).</summary>
/// <remarks>Beside <see cref="CoAttentionTransformer"/>, which is the co-attention layers alone, words can be related to words and patches
/// to patches between two cross-attentions. Parts are normalised before, not after as published. <c>Models/Vilbert.cs</c> is the model
/// itself.</remarks>
internal sealed class VilbertFusion : FusionStrategy
{
    private readonly ModuleList<CoAttentionLayer> _connections;
    private readonly ModuleList<TransformerEncoderLayer> _language;
    private readonly ModuleList<TransformerEncoderLayer> _vision;
    private readonly LayerNorm _languageNorm;
    private readonly LayerNorm _visionNorm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("vilbert", "ViLBERT",
        "ViLBERT: rounds of co-attention and a layer of each stream's own",
        (o, r) => new VilbertFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of rounds.</param>
    /// <param name="random">Source of the first weights.</param>
    public VilbertFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        var transformer = options.Transformer;
        _connections = Add("connections", new ModuleList<CoAttentionLayer>(options.Layers, _ =>
            new CoAttentionLayer(transformer, random, options.VisionVariant)));
        _language = Add("language", new ModuleList<TransformerEncoderLayer>(options.Layers, _ =>
            new TransformerEncoderLayer(transformer, random)));
        _vision = Add("vision", new ModuleList<TransformerEncoderLayer>(options.Layers, _ =>
            new TransformerEncoderLayer(transformer, random)));
        _languageNorm = Add("language_norm", new LayerNorm(options.Width));
        _visionNorm = Add("vision_norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>, and <c>vision</c> <c>[B, Nv, d]</c> by
    /// name.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var (language, vision) = (input.Language, input.JoinViews(pass));
        for (var i = 0; i < _connections.Count; i++)
        {
            (language, vision) = _connections[i].Forward(language, vision, pass);
            language = language with { Values = _language[i].Forward(language.Values, language.Mask, pass, language.Attending(language)) };
            vision = vision with { Values = _vision[i].Forward(vision.Values, vision.Mask, pass, vision.Attending(vision)) };
        }

        return new FusionOutput(language with { Values = _languageNorm.Forward(language.Values, pass) },
            new Dictionary<string, Tensor> { ["vision"] = _visionNorm.Forward(vision.Values, pass) });
    }
}
