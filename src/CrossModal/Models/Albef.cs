using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Models;

// Li et al. 2021, "Align before Fuse" (ALBEF): the multimodal encoder. Words attend to each other, to the image's tokens, then a
// feed-forward network. As torchmultimodal computes it: normalised after each part, a layer is a decoder layer without a causal mask;
// normalised before, what the second and the third part add to is the normalised sum, not the sum itself. To train it on the tabletop:
// strategy cross-attention-post-norm.

/// <summary>One layer of ALBEF's multimodal encoder.</summary>
internal sealed class AlbefLayer : Module
{
    private readonly TransformerOptions _options;
    private readonly MultiHeadAttention _selfAttention;
    private readonly MultiHeadAttention _crossAttention;
    private readonly FeedForward _feedForward;
    private readonly LayerNorm _selfNorm;
    private readonly LayerNorm _crossNorm;
    private readonly LayerNorm _feedForwardNorm;

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    public AlbefLayer(TransformerOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _selfAttention = Add("self_attn", new MultiHeadAttention(options.Attention, random));
        _crossAttention = Add("cross_attn", new MultiHeadAttention(options.Attention, random));
        _feedForward = Add("feed_forward", options.FeedForward(random));
        _selfNorm = Add("self_norm", new LayerNorm(options.Width, options.Epsilon));
        _crossNorm = Add("cross_norm", new LayerNorm(options.Width, options.Epsilon));
        _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(options.Width, options.Epsilon));
    }

    /// <summary>Words after the layer: <c>[B, Nl, d], [B, Nv, d] → [B, Nl, d]</c>.</summary>
    /// <param name="language">Words.</param>
    /// <param name="vision">Visual tokens, not normalised here.</param>
    /// <param name="languageMask">Which words are real; null when all are.</param>
    /// <param name="visionMask">Which visual tokens are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public Tensor Forward(Tensor language, Tensor vision, Mask? languageMask, Mask? visionMask, Pass pass)
    {
        Tensor Self(Tensor x) => _selfAttention.Forward(x, x, x, languageMask, pass);
        Tensor Cross(Tensor x) => _crossAttention.Forward(x, vision, vision, visionMask, pass);
        Tensor Feed(Tensor x) => _feedForward.Forward(x, pass);
        var attended = Residual.Apply(language, _selfNorm, _options, Self, pass);
        if (_options.Norm == NormPlacement.After)
            return Residual.Apply(Residual.Apply(attended, _crossNorm, _options, Cross, pass), _feedForwardNorm, _options, Feed, pass);
        var asked = _crossNorm.Forward(attended, pass);
        var fed = _feedForwardNorm.Forward(pass.Add(asked, pass.Dropout(Cross(asked), _options.Dropout)), pass);
        return pass.Add(fed, pass.Dropout(Feed(fed), _options.Dropout));
    }

    /// <summary>What torchmultimodal calls the parameters.</summary>
    public static CheckpointNames Names { get; } = new(
        ("layers", "layer"), ("self_attn.q_proj", "attention.query"), ("self_attn.k_proj", "attention.key"),
            ("self_attn.v_proj", "attention.value"),
        ("self_attn.out_proj", "attention.output"), ("cross_attn.q_proj", "cross_attention.query"),
            ("cross_attn.k_proj", "cross_attention.key"),
        ("cross_attn.v_proj", "cross_attention.value"), ("cross_attn.out_proj", "cross_attention.output"),
            ("self_norm", "attention_layernorm"),
        ("cross_norm", "cross_attention_layernorm"), ("feed_forward_norm", "feedforward_layernorm"),
            ("feed_forward.fc1", "feedforward.model.0"),
        ("feed_forward.fc2", "feedforward.model.2"));
}

/// <summary>ALBEF's multimodal encoder: layers in a row, all attending to the same image.</summary>
internal sealed class AlbefEncoder : Module
{
    private readonly ModuleList<AlbefLayer> _layers;

    /// <summary>Makes the encoder.</summary>
    /// <param name="count">Number of layers.</param>
    /// <param name="options">Sizes and choices; published with an epsilon of 1e-12, normalised after each part.</param>
    /// <param name="random">Source of the first weights.</param>
    public AlbefEncoder(int count, TransformerOptions options, RandomSource random) =>
        _layers = Add("layers", new ModuleList<AlbefLayer>(count, _ => new AlbefLayer(options, random)));

    /// <summary>Words after all layers: <c>[B, Nl, d], [B, Nv, d] → [B, Nl, d]</c>.</summary>
    /// <param name="language">Words.</param>
    /// <param name="vision">Visual tokens.</param>
    /// <param name="languageMask">Which words are real; null when all are.</param>
    /// <param name="visionMask">Which visual tokens are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor language, Tensor vision, Mask? languageMask, Mask? visionMask, Pass pass)
    {
        foreach (var layer in _layers) language = layer.Forward(language, vision, languageMask, visionMask, pass);
        return language;
    }
}
