using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>One round of a Perceiver: latents attend to the input, then a feed-forward network, then a transformer layer over the
/// latents.</summary>
internal sealed class PerceiverRound : Module
{
    private readonly TransformerOptions _options;
    private readonly MultiHeadAttention _crossAttention;
    private readonly FeedForward _feedForward;
    private readonly TransformerEncoderLayer _selfLayer;
    private readonly LayerNorm _crossNorm;
    private readonly LayerNorm _feedForwardNorm;

    /// <summary>Makes the round.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="variant">Another way for latents to attend to the input than softmax over all; null for that.</param>
    /// <param name="inputWidth">Width of the input's tokens; that of the latents when null.</param>
    public PerceiverRound(TransformerOptions options, RandomSource random, AttentionVariant? variant = null, int? inputWidth = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _crossAttention = Add("cross_attn", new MultiHeadAttention(options.Attention with
        {
            Widths = new AttentionWidths { Key = inputWidth },
            Variant = variant,
        }, random));
        _crossNorm = Add("cross_norm", new LayerNorm(options.Width, options.Epsilon));
        _feedForward = Add("feed_forward", options.FeedForward(random));
        _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(options.Width, options.Epsilon));
        _selfLayer = Add("self_layer", new TransformerEncoderLayer(options, random));
    }

    /// <summary>Latents after the round: <c>[B, M, d], [B, N, d] → [B, M, d]</c>.</summary>
    /// <param name="latents">The queries.</param>
    /// <param name="input">The tokens to attend to.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What latents and input are; null when that is not known.</param>
    public Tensor Forward(Tensor latents, Tokens input, Pass pass, AttentionSides? sides = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        var x = Residual.Apply(latents, _crossNorm, _options, y =>
            _crossAttention.Forward(y, input.Values, input.Values, input.Mask, pass, sides), pass);
        x = Residual.Apply(x, _feedForwardNorm, _options, y => _feedForward.Forward(y, pass), pass);
        return _selfLayer.Forward(x, null, pass, sides?.Own);
    }
}
