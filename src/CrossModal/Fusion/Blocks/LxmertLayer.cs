using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>One cross-modality layer of LXMERT: words attend to vision and vision to words, both at what the other was before the layer and
/// with the same weights; then each attends to itself and passes a feed-forward network (Tan and Bansal 2019, section 2.2).</summary>
/// <remarks>The shared attention runs twice, and a trace has it twice under one name: words to vision first. So does another way to attend:
/// words at patches, then patches at words, of which a way that leaves out patches (windows, blocks, pruning) leaves out none.</remarks>
internal sealed class LxmertLayer : Module, ITwoStreamLayer
{
    private readonly TransformerOptions _options;
    private readonly MultiHeadAttention _attention;
    private readonly LayerNorm _norm;
    private readonly TransformerEncoderLayer _language;
    private readonly TransformerEncoderLayer _vision;

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="variant">Another way for the streams to attend to each other than softmax over all tokens; null for that.</param>
    public LxmertLayer(TransformerOptions options, RandomSource random, AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _attention = Add("cross_attn", new MultiHeadAttention(options.Attention with { Variant = variant }, random));
        _norm = Add("cross_norm", new LayerNorm(options.Width, options.Epsilon));
        _language = Add("language", new TransformerEncoderLayer(options, random));
        _vision = Add("vision", new TransformerEncoderLayer(options, random));
    }

    /// <summary>Both streams after the layer, in their shapes.</summary>
    public (Tokens Language, Tokens Vision) Forward(Tokens language, Tokens vision, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(vision);
        var (words, patches) = (CrossAttend(language, vision, pass), CrossAttend(vision, language, pass));
        return (language with { Values = _language.Forward(words, language.Mask, pass, language.Attending(language)) },
            vision with { Values = _vision.Forward(patches, vision.Mask, pass, vision.Attending(vision)) });
    }

    private Tensor CrossAttend(Tokens from, Tokens at, Pass pass)
    {
        var seen = _options.Norm == NormPlacement.Before ? _norm.Forward(at.Values, pass) : at.Values;
        return Residual.Apply(from.Values, _norm, _options, x => _attention.Forward(x, seen, seen, at.Mask, pass, from.Attending(at)),
            pass);
    }
}
