using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>One layer of co-attention: words attend to vision while vision attends to words, both at what the other was before the layer;
/// then a feed-forward network for each (Lu et al. 2019, ViLBERT, fig. 2b).</summary>
public sealed class CoAttentionLayer : Module, ITwoStreamLayer
{
    private readonly Stream _language;
    private readonly Stream _vision;

    /// <summary>Makes the layer for streams of one width.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="variant">Another way for words to attend to visual tokens than softmax over all; null for that.</param>
    public CoAttentionLayer(TransformerOptions options, RandomSource random, AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _language = Add("language", new Stream(options, options.Attention with { Variant = variant }, random));
        _vision = Add("vision", new Stream(options, options.Attention, random));
    }

    /// <summary>Makes the layer for streams of different widths.</summary>
    /// <param name="language">Sizes and choices of the words' stream.</param>
    /// <param name="vision">Sizes and choices of vision's stream.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="heads">Number of heads in which the streams attend to each other; the words' when null.</param>
    /// <param name="headWidth">Width of such a head; each stream's own when null.</param>
    public CoAttentionLayer(TransformerOptions language, TransformerOptions vision, RandomSource random, int? heads = null,
        int? headWidth = null)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(vision);
        _language = Add("language", new Stream(language, Attention(language, vision), random));
        _vision = Add("vision", new Stream(vision, Attention(vision, language), random));

        AttentionOptions Attention(TransformerOptions self, TransformerOptions other) => self.Attention with
        {
            Heads = heads ?? language.Heads,
            Widths = new AttentionWidths { Key = other.Width, Head = headWidth },
        };
    }

    /// <summary>Both streams after the layer, in their shapes.</summary>
    public (Tokens Language, Tokens Vision) Forward(Tokens language, Tokens vision, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(vision);
        var (languageNormalized, visionNormalized) = (_language.Normalize(language.Values, pass), _vision.Normalize(vision.Values, pass));
        return (language with { Values = _language.Forward(language, vision with { Values = visionNormalized }, pass) },
            vision with { Values = _vision.Forward(vision, language with { Values = languageNormalized }, pass) });
    }

    /// <summary>One direction: attention to the other stream, then a feed-forward network.</summary>
    private sealed class Stream : Module
    {
        private readonly TransformerOptions _options;
        private readonly MultiHeadAttention _attention;
        private readonly FeedForward _feedForward;
        private readonly LayerNorm _attentionNorm;
        private readonly LayerNorm _feedForwardNorm;

        public Stream(TransformerOptions options, AttentionOptions attention, RandomSource random)
        {
            _options = options;
            _attention = Add("cross_attn", new MultiHeadAttention(attention, random));
            _attentionNorm = Add("cross_norm", new LayerNorm(options.Width, options.Epsilon));
            _feedForward = Add("feed_forward", options.FeedForward(random));
            _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(options.Width, options.Epsilon));
        }

        /// <summary>What the other stream sees of this one: normalised when layers normalise before, as this stream sees itself.</summary>
        public Tensor Normalize(Tensor x, Pass pass) => _options.Norm == NormPlacement.Before ? _attentionNorm.Forward(x, pass) : x;

        public Tensor Forward(Tokens own, Tokens other, Pass pass)
        {
            var sides = own.Attending(other);
            var x = Residual.Apply(own.Values, _attentionNorm, _options, y =>
                _attention.Forward(y, other.Values, other.Values, other.Mask, pass, sides), pass);
            return Residual.Apply(x, _feedForwardNorm, _options, y => _feedForward.Forward(y, pass), pass);
        }
    }
}
