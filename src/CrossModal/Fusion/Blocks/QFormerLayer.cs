using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>One layer of a querying transformer: queries and words attend to each other in one sequence, the queries attend to the image,
/// and each kind passes a feed-forward network of its own (Li et al. 2023, BLIP-2, fig. 2).</summary>
internal sealed class QFormerLayer : Module
{
    private readonly TransformerOptions _options;
    private readonly MultiHeadAttention _selfAttention;
    private readonly LayerNorm _selfNorm;
    private readonly MultiHeadAttention? _crossAttention;
    private readonly LayerNorm? _crossNorm;
    private readonly FeedForward _feedForward;
    private readonly LayerNorm _feedForwardNorm;
    private readonly FeedForward? _textFeedForward;
    private readonly LayerNorm? _textNorm;

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="imageWidth">Width of the image's tokens; null for a layer that does not attend to the image.</param>
    /// <param name="text">Whether words pass a feed-forward network; without, they are attended to and left behind.</param>
    /// <param name="variant">Another attention to the image than softmax over all of it; null for that.</param>
    public QFormerLayer(TransformerOptions options, RandomSource random, int? imageWidth, bool text, AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _selfAttention = Add("self_attn", new MultiHeadAttention(options.Attention, random));
        _selfNorm = Add("self_norm", new LayerNorm(options.Width, options.Epsilon));
        if (imageWidth is { } width)
        {
            _crossAttention = Add("cross_attn", new MultiHeadAttention(options.Attention with
            {
                Widths = new AttentionWidths { Key = width },
                Variant = variant,
            }, random));
            _crossNorm = Add("cross_norm", new LayerNorm(options.Width, options.Epsilon));
        }

        _feedForward = Add("feed_forward", options.FeedForward(random));
        _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(options.Width, options.Epsilon));
        if (!text) return;
        _textFeedForward = Add("text_feed_forward", options.FeedForward(random));
        _textNorm = Add("text_feed_forward_norm", new LayerNorm(options.Width, options.Epsilon));
    }

    /// <summary>Applies the layer.</summary>
    /// <param name="queries">Queries <c>[B, M, d]</c>.</param>
    /// <param name="text">Words <c>[B, N, d]</c>, or null for none.</param>
    /// <param name="image">Image tokens, in the width the layer was made for.</param>
    /// <param name="pass">The pass.</param>
    /// <returns>Queries and words in their shapes; no words when there were none or the layer leaves them behind.</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public (Tensor Queries, Tokens? Text) Forward(Tensor queries, Tokens? text, Tokens image, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(pass);
        var count = queries.Shape[1];
        var own = new Tokens(queries).Of(TokenKind.Latents);
        var joined = text is null ? own : Tokens.Join([own, text], pass);
        var x = Residual.Apply(joined.Values, _selfNorm, _options, y =>
            _selfAttention.Forward(y, y, y, joined.Mask, pass, joined.Attending(joined)), pass);
        var q = text is null ? x : pass.Slice(x, 1, 0, count);
        if (_crossAttention is not null)
            q = Residual.Apply(q, _crossNorm!, _options, y =>
                _crossAttention.Forward(y, image.Values, image.Values, image.Mask, pass, own.Attending(image)), pass);
        q = Residual.Apply(q, _feedForwardNorm, _options, y => _feedForward.Forward(y, pass), pass);
        if (text is null || _textFeedForward is null) return (q, null);
        var words = Residual.Apply(pass.Slice(x, 1, count, text.Count), _textNorm!, _options, y => _textFeedForward.Forward(y, pass), pass);
        return (q, text with { Values = words });
    }
}
