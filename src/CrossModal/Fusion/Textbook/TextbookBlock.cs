using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>The textbook's CrossModalTransformerBlock read literally: its attention already adds the words and normalises, and the block
/// adds them a second time.</summary>
public sealed class TextbookBlock : Module
{
    private readonly CrossModalAttention _attention;
    private readonly FeedForward _feedForward;
    private readonly LayerNorm _norm1;
    private readonly LayerNorm _norm2;

    /// <summary>Makes the block.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="activation">The function of the feed-forward network, which the text leaves open.</param>
    /// <param name="random">Source of the first weights.</param>
    public TextbookBlock(FusionOptions options, ActivationFunction activation, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _attention = Add("cross_attn", new CrossModalAttention(options, random));
        _feedForward = Add("feed_forward", new FeedForward(options.Width, options.Hidden, random, activation, options.Dropout));
        _norm1 = Add("norm1", new LayerNorm(options.Width));
        _norm2 = Add("norm2", new LayerNorm(options.Width));
    }

    /// <summary>Words after one block: <c>[B, Nl, d] → [B, Nl, d]</c>.</summary>
    /// <param name="words">Words.</param>
    /// <param name="vision">Visual tokens <c>[B, Nv, d]</c>.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="sides">What words and vision are; null when that is not known.</param>
    public Tensor Forward(Tensor words, Tokens vision, Pass pass, AttentionSides? sides = null)
    {
        var x = _norm1.Forward(pass.Add(words, _attention.Attend(words, vision, pass, sides)), pass);
        return _norm2.Forward(pass.Add(x, _feedForward.Forward(x, pass)), pass);
    }
}
