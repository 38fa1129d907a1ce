using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Fusion;

/// <summary>A tower of words and one of visual tokens, then layers in which the encoded words attend to each other and to the encoded
/// visual tokens (Li et al. 2021, "Align before Fuse", ALBEF, as a fusion).</summary>
/// <remarks>As published, the text encoder is cut in half: the first layers are the tower of words, the others the multimodal encoder; a
/// text encoder of one layer has one of each. Ours: parts are normalised before, and the result is all words. Beside
/// <see cref="ClipFusion"/>, whose towers meet as two pooled vectors, and <see cref="LateInteraction"/>, whose towers meet token by
/// token without attention. The contrastive loss between the towers belongs to pre-training. <c>Models/Albef.cs</c> is the published
/// multimodal encoder.</remarks>
internal sealed class AlbefFusion : FusionStrategy
{
    private readonly TransformerEncoder _language;
    private readonly TransformerEncoder _vision;
    private readonly TransformerDecoder _multimodal;

    /// <summary>What there is to know of it.</summary>
    public static StrategyDescription Description { get; } = new("albef", "ALBEF",
        "ALBEF: two towers, then layers in which words attend to visual tokens",
        (o, r) => new AlbefFusion(o, r))
    { Attends = VisionAttention.Words };

    /// <summary>Makes the strategy.</summary>
    /// <param name="options">Sizes; <see cref="FusionOptions.Layers"/> is the number of layers of the tower of visual tokens, and of the
    /// text encoder that is cut in half.</param>
    /// <param name="random">Source of the first weights.</param>
    public AlbefFusion(FusionOptions options, RandomSource random)
        : base(options)
    {
        var unimodal = Math.Max(1, options.Layers / 2);
        _language = Add("language", new TransformerEncoder(unimodal, options.Transformer, random, finalNorm: true));
        _vision = Add("vision", new TransformerEncoder(options.Layers, options.Transformer, random, finalNorm: true));
        _multimodal = Add("multimodal", new TransformerDecoder(Math.Max(1, options.Layers - unimodal), options.Transformer, random,
            finalNorm: true, variant: options.VisionVariant));
    }

    /// <summary>Words <c>[B, Nl, d]</c> and views <c>[B, Nv, d]</c> to words <c>[B, Nl, d]</c>.</summary>
    protected override FusionOutput Fuse(FusionInput input, Pass pass)
    {
        var text = TwoTowers.Encoded(_language, input.Language, pass);
        var vision = TwoTowers.Encoded(_vision, input.JoinViews(pass), pass);
        return new FusionOutput(text with
        {
            Values = _multimodal.Forward(text.Values, vision.Values, text.Mask, vision.Mask, pass, text.Attending(vision)),
        });
    }
}
