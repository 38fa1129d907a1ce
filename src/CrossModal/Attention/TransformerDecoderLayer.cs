using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Self-attention, cross-attention to a memory, then a feed-forward network, each with residual and normalisation
/// (Vaswani et al. 2017, section 3.1).</summary>
internal sealed class TransformerDecoderLayer : Module
{
    private readonly TransformerOptions _options;
    private readonly MultiHeadAttention _selfAttention;
    private readonly MultiHeadAttention _crossAttention;
    private readonly FeedForward _feedForward;
    private readonly LayerNorm _norm1;
    private readonly LayerNorm _norm2;
    private readonly LayerNorm _norm3;

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="memoryWidth">Width of the memory; that of the tokens when null.</param>
    /// <param name="variant">Another attention to the memory than softmax over all of it; null for that.</param>
    public TransformerDecoderLayer(TransformerOptions options, RandomSource random, int? memoryWidth = null,
        AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _selfAttention = Add("self_attn", new MultiHeadAttention(options.Attention, random));
        _crossAttention = Add("cross_attn", new MultiHeadAttention(options.Attention with
        {
            Widths = new AttentionWidths { Key = memoryWidth },
            Variant = variant,
        }, random));
        _feedForward = Add("feed_forward", options.FeedForward(random));
        _norm1 = Add("norm1", new LayerNorm(options.Width, options.Epsilon));
        _norm2 = Add("norm2", new LayerNorm(options.Width, options.Epsilon));
        _norm3 = Add("norm3", new LayerNorm(options.Width, options.Epsilon));
    }

    /// <summary>Applies the layer: <c>[B, N, d] → [B, N, d]</c>.</summary>
    /// <param name="x">Tokens <c>[B, N, d]</c>.</param>
    /// <param name="memory">Tokens to attend to, <c>[B, M, dm]</c>, not normalised here; null for none, which leaves cross-attention
    /// out.</param>
    /// <param name="mask">Which of x may be attended, or null for all.</param>
    /// <param name="memoryMask">Which of the memory may be attended, or null for all.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What <paramref name="x"/> and the memory are; null when that is not known.</param>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public Tensor Forward(Tensor x, Tensor? memory, Mask? mask, Mask? memoryMask, Pass pass, AttentionSides? sides = null)
    {
        x = Residual.Apply(x, _norm1, _options, y => _selfAttention.Forward(y, y, y, mask, pass, sides?.Own), pass);
        if (memory is not null)
            x = Residual.Apply(x, _norm2, _options, y => _crossAttention.Forward(y, memory, memory, memoryMask, pass, sides), pass);
        return Residual.Apply(x, _norm3, _options, y => _feedForward.Forward(y, pass), pass);
    }
}

/// <summary>Decoder layers in a row, all attending to the same memory.</summary>
internal sealed class TransformerDecoder : Module
{
    private readonly ModuleList<TransformerDecoderLayer> _layers;
    private readonly LayerNorm? _norm;

    /// <summary>Makes the layers.</summary>
    /// <param name="count">Number of layers.</param>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="finalNorm">Whether the result is normalised; usual when layers normalise before.</param>
    /// <param name="memoryWidth">Width of the memory; that of the tokens when null.</param>
    /// <param name="variant">Another attention to the memory than softmax over all of it; null for that.</param>
    public TransformerDecoder(
        int count, TransformerOptions options, RandomSource random, bool finalNorm = false, int? memoryWidth = null,
            AttentionVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _layers = Add("layers", new ModuleList<TransformerDecoderLayer>(count, _ =>
            new TransformerDecoderLayer(options, random, memoryWidth, variant)));
        if (finalNorm) _norm = Add("norm", new LayerNorm(options.Width, options.Epsilon));
    }

    /// <summary>Applies the layers: <c>[B, N, d] → [B, N, d]</c>.</summary>
    /// <param name="x">Tokens <c>[B, N, d]</c>.</param>
    /// <param name="memory">Tokens to attend to, <c>[B, M, dm]</c>; null for none, which leaves cross-attention out.</param>
    /// <param name="mask">Which of x may be attended, or null for all.</param>
    /// <param name="memoryMask">Which of the memory may be attended, or null for all.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What <paramref name="x"/> and the memory are; null when that is not known.</param>
    public Tensor Forward(Tensor x, Tensor? memory, Mask? mask, Mask? memoryMask, Pass pass, AttentionSides? sides = null)
    {
        x = HiddenStates(x, memory, mask, memoryMask, pass, sides)[^1];
        return _norm?.Forward(x, pass) ?? x;
    }

    /// <summary>What went into the first layer and what came out of each, <c>[B, N, d]</c>; before the final normalisation, if there is
    /// one.</summary>
    /// <inheritdoc cref="Forward"/>
    public IReadOnlyList<Tensor> HiddenStates(Tensor x, Tensor? memory, Mask? mask, Mask? memoryMask, Pass pass,
        AttentionSides? sides = null)
    {
        var states = new List<Tensor>(_layers.Count + 1) { x };
        foreach (var layer in _layers) states.Add(layer.Forward(states[^1], memory, mask, memoryMask, pass, sides));
        return states;
    }
}
