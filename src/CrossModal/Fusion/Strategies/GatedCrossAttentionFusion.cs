using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Before each layer over the words, words attend to the visual tokens themselves through gates that start closed (Alayrac et al.
/// 2022, Flamingo, section 3.1.2, without its resampler).</summary>
/// <remarks>The paper's: the gated layer, tanh of a learned number from 0, before every layer. Ours: there are no latents in between, so
/// that what the gates do is measured apart from what latents do (<see cref="FlamingoFusion"/>).</remarks>
internal sealed class GatedCrossAttentionFusion : FusionStrategy
{
    private readonly ModuleList<GatedCrossAttention> _gated;
    private readonly ModuleList<TransformerEncoderLayer> _language;
    private readonly LayerNorm _norm;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("gated-cross-attention", "Gated cross-attention in every layer",
        "words attend to visual tokens through gates that start closed, before every layer over the words",
        (o, r) => new GatedCrossAttentionFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.InitialGate"/> is where gates start.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The heads do not divide the width.</exception>
    public GatedCrossAttentionFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        if (options.Heads <= 0 || options.Width % options.Heads != 0)
            throw new ShapeException("GatedCrossAttentionFusion", $"{options.Heads} heads do not divide a width of {options.Width}");
        var gated = new GatedCrossAttentionOptions(options.Width, options.Width)
        {
            Heads = options.Heads,
            HeadWidth = options.Width / options.Heads,
            Hidden = options.Hidden,
            InitialGate = options.InitialGate,
            Variant = options.VisionVariant,
        };
        _gated = Add("gated", new ModuleList<GatedCrossAttention>(options.Layers, _ => new GatedCrossAttention(gated, random)));
        _language = Add("language", new ModuleList<TransformerEncoderLayer>(options.Layers, _ =>
            new TransformerEncoderLayer(options.Transformer, random)));
        _norm = Add("norm", new LayerNorm(options.Width));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var (language, vision) = (input.Language, input.JoinViews(pass));
        var words = language.Values;
        for (var i = 0; i < _gated.Count; i++)
        {
            words = _gated[i].Forward(words, vision.Values, vision.Mask, pass, language.Attending(vision));
            words = _language[i].Forward(words, language.Mask, pass, language.Attending(language));
        }

        return new FusionOutput(language with { Values = _norm.Forward(words, pass) });
    }
}
