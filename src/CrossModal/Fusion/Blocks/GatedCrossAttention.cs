using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The sizes of Flamingo's cross-attention.</summary>
/// <param name="Width">Width d of the text.</param>
/// <param name="MediaWidth">Width of the media's tokens.</param>
internal sealed record GatedCrossAttentionOptions(int Width, int MediaWidth)
{
    /// <summary>Number of heads.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Width of a head; need not be a part of d.</summary>
    public int HeadWidth { get; init; } = 64;

    /// <summary>Width inside the feed-forward network.</summary>
    public int Hidden { get; init; } = 4 * Width;

    /// <summary>Where both gates start, before tanh; 0 is closed.</summary>
    public float InitialGate { get; init; }

    /// <summary>Another attention to the media than softmax over all; null for that.</summary>
    public AttentionVariant? Variant { get; init; }
}

/// <summary>Text, normalised, attends to media as they are: attention(LayerNorm(x), media).</summary>
/// <remarks>No projection has a bias, so a token that may attend to nothing fetches zeros.</remarks>
internal sealed class MediaCrossAttention : Module
{
    private readonly LayerNorm _norm;
    private readonly MultiHeadAttention _attention;

    /// <summary>Makes the layer.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public MediaCrossAttention(GatedCrossAttentionOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _norm = Add("norm", new LayerNorm(options.Width));
        _attention = Add("attention", new MultiHeadAttention(new AttentionOptions(options.Width, options.Heads)
        {
            Widths = new AttentionWidths { Key = options.MediaWidth, Head = options.HeadWidth },
            Biases = AttentionBiases.None,
            Variant = options.Variant,
        }, random));
    }

    /// <summary>What text fetches from media: <c>[B, Nl, d], [B, T·M, dm] → [B, Nl, d]</c>.</summary>
    /// <param name="text">Text <c>[B, Nl, d]</c>.</param>
    /// <param name="media">Tokens of all media in their order, <c>[B, T·M, dm]</c>.</param>
    /// <param name="mask">Which may be attended (<see cref="MediaMask"/>), or null for all.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What text and media are; null when that is not known.</param>
    public Tensor Forward(Tensor text, Tensor media, Mask? mask, Pass pass, AttentionSides? sides = null) =>
        _attention.Forward(_norm.Forward(text, pass), media, media, mask, pass, sides);
}

/// <summary>Cross-attention that begins as the identity: x + tanh(a)·attention(x, media), then x + tanh(f)·feed-forward(x), both gates from
/// 0 (Alayrac et al. 2022, Flamingo, section 3.1.2 and figure 4).</summary>
/// <remarks>So a language model it is put into computes at first what it computed before.</remarks>
internal sealed class GatedCrossAttention : Module
{
    private readonly Tensor _attentionGate;
    private readonly Tensor _feedForwardGate;
    private readonly MediaCrossAttention _attention;
    private readonly LayerNorm _feedForwardNorm;
    private readonly FeedForward _feedForward;

    /// <summary>Makes the block.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public GatedCrossAttention(GatedCrossAttentionOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _attentionGate = AddParameter("attn_gate", Tensor.Full([1], options.InitialGate));
        _feedForwardGate = AddParameter("ff_gate", Tensor.Full([1], options.InitialGate));
        _attention = Add("attn", new MediaCrossAttention(options, random));
        _feedForwardNorm = Add("feed_forward_norm", new LayerNorm(options.Width));
        _feedForward = Add("feed_forward", new FeedForward(options.Width, options.Hidden, random, bias: false));
    }

    /// <summary>Text after the block: <c>[B, Nl, d], [B, T·M, dm] → [B, Nl, d]</c>.</summary>
    /// <param name="text">Text <c>[B, Nl, d]</c>.</param>
    /// <param name="media">Tokens of all media in their order, <c>[B, T·M, dm]</c>.</param>
    /// <param name="mask">Which may be attended (<see cref="MediaMask"/>), or null for all.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What text and media are; null when that is not known.</param>
    public Tensor Forward(Tensor text, Tensor media, Mask? mask, Pass pass, AttentionSides? sides = null)
    {
        var x = pass.Add(text, pass.Multiply(_attention.Forward(text, media, mask, pass, sides), pass.Tanh(_attentionGate)));
        var fed = _feedForward.Forward(_feedForwardNorm.Forward(x, pass), pass);
        return pass.Add(x, pass.Multiply(fed, pass.Tanh(_feedForwardGate)));
    }
}
