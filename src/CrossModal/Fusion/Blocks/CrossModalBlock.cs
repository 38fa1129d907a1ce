using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>One block of a fusion transformer: words attend to each other (optional), to the visual tokens, then a feed-forward network;
/// one residual and one normalisation for each part.</summary>
/// <remarks>The textbook's block adds the words twice and normalises three times (see <see cref="TextbookBlock"/>), and has no attention
/// between words, so that "red" and "cup" can never be intersected inside it.</remarks>
public sealed class CrossModalBlock : Module
{
    private readonly TransformerOptions _options;
    private readonly MultiHeadAttention? _selfAttention;
    private readonly MultiHeadAttention _crossAttention;
    private readonly FeedForward _feedForward;
    private readonly LayerNorm? _selfNorm;
    private readonly LayerNorm _crossNorm;
    private readonly LayerNorm _feedForwardNorm;

    /// <summary>Makes the block.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="selfAttention">Whether words attend to each other first.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="variant">Another attention to visual tokens than softmax over all; null for that.</param>
    public CrossModalBlock(TransformerOptions options, bool selfAttention, RandomSource random, AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        if (selfAttention)
        {
            _selfAttention = Add("self_attn", new MultiHeadAttention(options.Attention, random));
            _selfNorm = Add("self_norm", new LayerNorm(options.Width, options.Epsilon));
        }

        _crossAttention = Add("cross_attn", new MultiHeadAttention(options.Attention with { Variant = variant }, random));
        _crossNorm = Add("cross_norm", new LayerNorm(options.Width, options.Epsilon));
        _feedForward = Add("feed_forward", options.FeedForward(random));
        _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(options.Width, options.Epsilon));
    }

    /// <summary>Words after one block: <c>[B, Nl, d] → [B, Nl, d]</c>.</summary>
    public Tensor Forward(Tokens language, Tokens vision, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(vision);
        var x = language.Values;
        if (_selfAttention is not null)
            x = Residual.Apply(x, _selfNorm!, _options, y =>
                _selfAttention.Forward(y, y, y, language.Mask, pass, language.Attending(language)), pass);
        x = Residual.Apply(x, _crossNorm, _options, y =>
            _crossAttention.Forward(y, vision.Values, vision.Values, vision.Mask, pass, language.Attending(vision)), pass);
        return Residual.Apply(x, _feedForwardNorm, _options, y => _feedForward.Forward(y, pass), pass);
    }
}
