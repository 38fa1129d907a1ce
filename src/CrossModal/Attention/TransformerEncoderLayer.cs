using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Self-attention, then a feed-forward network, each with residual and normalisation (Vaswani et al. 2017, section 3.1).</summary>
public sealed class TransformerEncoderLayer : Module
{
    private readonly TransformerOptions _options;
    private readonly MultiHeadAttention _attention;
    private readonly FeedForward _feedForward;
    private readonly LayerNorm _norm1;
    private readonly LayerNorm _norm2;

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="variant">Another way to attend than softmax over all tokens; null for that.</param>
    public TransformerEncoderLayer(TransformerOptions options, RandomSource random, AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _attention = Add("self_attn", new MultiHeadAttention(options.Attention with { Variant = variant }, random));
        _feedForward = Add("feed_forward", options.FeedForward(random));
        _norm1 = Add("norm1", new LayerNorm(options.Width, options.Epsilon));
        _norm2 = Add("norm2", new LayerNorm(options.Width, options.Epsilon));
    }

    /// <summary>Applies the layer: <c>[B, N, d] → [B, N, d]</c>.</summary>
    /// <param name="x">Tokens.</param>
    /// <param name="mask">Which tokens may be attended, or null for all.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What queries and keys are; null when that is not known.</param>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public Tensor Forward(Tensor x, Mask? mask, Pass pass, AttentionSides? sides = null)
    {
        x = Residual.Apply(x, _norm1, _options, y => _attention.Forward(y, y, y, mask, pass, sides), pass);
        return Residual.Apply(x, _norm2, _options, y => _feedForward.Forward(y, pass), pass);
    }
}

/// <summary>Encoder layers in a row.</summary>
internal sealed class TransformerEncoder : Module
{
    private readonly ModuleList<TransformerEncoderLayer> _layers;
    private readonly LayerNorm? _norm;

    /// <summary>Makes the layers.</summary>
    /// <param name="count">Number of layers.</param>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="finalNorm">Whether the result is normalised; usual when layers normalise before.</param>
    /// <param name="variant">Another way to attend than softmax over all tokens; null for that.</param>
    public TransformerEncoder(int count, TransformerOptions options, RandomSource random, bool finalNorm = false,
        AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _layers = Add("layers", new ModuleList<TransformerEncoderLayer>(count, _ => new TransformerEncoderLayer(options, random, variant)));
        if (finalNorm) _norm = Add("norm", new LayerNorm(options.Width, options.Epsilon));
    }

    /// <summary>Applies the layers: <c>[B, N, d] → [B, N, d]</c>.</summary>
    /// <param name="x">Tokens.</param>
    /// <param name="mask">Which tokens may be attended, or null for all.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What queries and keys are; null when that is not known.</param>
    public Tensor Forward(Tensor x, Mask? mask, Pass pass, AttentionSides? sides = null)
    {
        x = HiddenStates(x, mask, pass, sides)[^1];
        return _norm?.Forward(x, pass) ?? x;
    }

    /// <summary>What went into the first layer and what came out of each, <c>[B, N, d]</c>; before the final normalisation, if there is
    /// one.</summary>
    /// <param name="x">Tokens.</param>
    /// <param name="mask">Which tokens may be attended, or null for all.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What queries and keys are; null when that is not known.</param>
    public IReadOnlyList<Tensor> HiddenStates(Tensor x, Mask? mask, Pass pass, AttentionSides? sides = null)
    {
        var states = new List<Tensor>(_layers.Count + 1) { x };
        foreach (var layer in _layers) states.Add(layer.Forward(states[^1], mask, pass, sides));
        return states;
    }
}
