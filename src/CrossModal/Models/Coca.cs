using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Models;

// Yu et al. 2022, "CoCa: Contrastive Captioners are Image-Text Foundation Models": the attentional pooler, and the multimodal decoder. As
// torchmultimodal computes them.

/// <summary>Learned queries fetch a fixed number of tokens from any number: LayerNorm(attention(LayerNorm(queries),
/// LayerNorm(tokens))).</summary>
internal sealed class AttentionPooler : Module
{
    private readonly Tensor _queries;
    private readonly MultiHeadAttention _attention;
    private readonly LayerNorm _queryNorm;
    private readonly LayerNorm _inputNorm;
    private readonly LayerNorm _outputNorm;

    /// <summary>Makes the pooler.</summary>
    /// <param name="inputWidth">Width of the tokens.</param>
    /// <param name="width">Width of queries and result.</param>
    /// <param name="heads">Number of heads; divides the width.</param>
    /// <param name="queries">Number of queries.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="epsilon">Added to the variance in normalisation.</param>
    public AttentionPooler(int inputWidth, int width, int heads, int queries, RandomSource random, float epsilon = 1e-5f)
    {
        _queries = AddParameter("query", Tensor.Normal([queries, width], random));
        _attention = Add("attn", new MultiHeadAttention(new AttentionOptions(width,
            heads)
        { Widths = new AttentionWidths { Key = inputWidth } }, random));
        _queryNorm = Add("ln_q", new LayerNorm(width, epsilon));
        _inputNorm = Add("ln_k", new LayerNorm(inputWidth, epsilon));
        _outputNorm = Add("ln_post", new LayerNorm(width, epsilon));
    }

    /// <summary>What torchmultimodal calls the parameters.</summary>
    public static CheckpointNames Names { get; } = new(("attn.out_proj", "attn.output_proj"));

    /// <summary>Pools: <c>[B, N, c] → [B, queries, d]</c>.</summary>
    /// <param name="tokens">Tokens.</param>
    /// <param name="mask">Which are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor tokens, Mask? mask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var seen = _inputNorm.Forward(tokens, pass);
        var asked = pass.Expand(_queryNorm.Forward(_queries, pass), [tokens.Shape[0], .. _queries.Shape.Sizes]);
        return _outputNorm.Forward(_attention.Forward(asked, seen, seen, mask, pass), pass);
    }
}

/// <summary>CoCa's multimodal decoder: words attend to the words before them and to the image's tokens, layer by layer.</summary>
internal sealed class CocaDecoder : Module
{
    private readonly TransformerDecoder _decoder;
    private readonly Linear? _output;

    /// <summary>Makes the decoder.</summary>
    /// <param name="count">Number of layers.</param>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="imageWidth">Width of the image's tokens.</param>
    /// <param name="outputs">Width of the result, the number of tokens in the vocabulary; null for d, unprojected.</param>
    /// <param name="random">Source of the first weights.</param>
    public CocaDecoder(int count, TransformerOptions options, int imageWidth, int? outputs, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _decoder = Add("decoder", new TransformerDecoder(count, options, random, finalNorm: true, imageWidth));
        if (outputs is { } width) _output = Add("output", new Linear(options.Width, width, random, bias: false));
    }

    /// <summary>What torchmultimodal calls the parameters.</summary>
    public static CheckpointNames Names { get; } = new(
        ("decoder.norm", "transformer_decoder.final_layer_norm"), ("decoder.layers", "transformer_decoder.layer"),
            ("output", "output_projection"),
        ("self_attn.out_proj", "attention.output_proj"), ("cross_attn.out_proj", "cross_attention.output_proj"),
        ("self_attn", "attention"), ("cross_attn", "cross_attention"), ("norm1", "attention_layernorm"),
            ("norm2", "cross_attention_layernorm"),
        ("norm3", "feedforward_layernorm"), ("feed_forward.fc1", "feedforward.model.0"), ("feed_forward.fc2", "feedforward.model.2"));

    /// <summary>Decodes: <c>[B, Nl, d], [B, Nv, dv] → [B, Nl, outputs]</c>.</summary>
    /// <param name="words">Words; each sees itself and those before it.</param>
    /// <param name="image">The image's tokens.</param>
    /// <param name="wordMask">Which words are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    public Tensor Forward(Tensor words, Tensor image, Mask? wordMask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(words);
        var decoded = _decoder.Forward(words, image, Mask.Both(Mask.Causal(words.Shape[1]), wordMask, pass), null, pass);
        return _output?.Forward(decoded, pass) ?? decoded;
    }
}
