using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Models;

// Li et al. 2023, "BLIP-2: Bootstrapping Language-Image Pre-training with Frozen Image Encoders and Large Language Models". Source
// followed: Hugging Face transformers, models/blip_2/modeling_blip_2.py (Blip2QFormerModel). A few learned queries fetch from a frozen
// image encoder's tokens what a text needs. Queries and words, if there are any, attend to each other in one sequence; in every second
// layer the queries also attend to the image (Fusion/Blocks/QFormerLayer.cs). Parts are normalised after their residual.

/// <summary>Sizes of the Q-Former (<c>qformer_config</c>).</summary>
internal sealed record QFormerConfig : TextConfig
{
    /// <summary>Layers 0, f, 2f, … attend to the image.</summary>
    public int CrossAttentionFrequency { get; init; } = 2;

    /// <summary>Width of the image's tokens.</summary>
    public int EncoderHiddenSize { get; init; } = 1408;

    /// <summary>Whether words can be read beside the queries: they then have feed-forward networks of their own.</summary>
    public bool UseQformerTextInput { get; init; }
}

/// <summary>Sizes of what stands between image encoder and language model in BLIP-2.</summary>
internal sealed record Blip2Config
{
    /// <summary>The Q-Former.</summary>
    public QFormerConfig QformerConfig { get; init; } = new();

    /// <summary>Number of learned queries M.</summary>
    public int NumQueryTokens { get; init; } = 32;
}

/// <summary>What a Q-Former made of its queries.</summary>
/// <param name="Hidden">What went into the first layer and what came out of each, <c>[B, M, d]</c>; the last are the final states.</param>
/// <param name="Pooled">The first query, <c>[B, d]</c>.</param>
internal sealed record QFormerOutput(IReadOnlyList<Tensor> Hidden, Tensor Pooled);

/// <summary>The layers that queries pass (BLIP-2's Q-Former).</summary>
internal sealed class QFormer : Module
{
    private readonly LayerNorm _norm;
    private readonly ModuleList<QFormerLayer> _layers;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no such activation function, or sizes do not fit each other.</exception>
    public QFormer(QFormerConfig config, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.CrossAttentionFrequency < 1)
            throw new ArgumentException($"QFormer: cross_attention_frequency must be positive, got {config.CrossAttentionFrequency}",
                nameof(config));
        var options = config.Transformer(NormPlacement.After);
        _norm = Add("norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
        _layers = Add("layers", new ModuleList<QFormerLayer>(config.NumHiddenLayers, i => new QFormerLayer(options, random,
            i % config.CrossAttentionFrequency == 0 ? config.EncoderHiddenSize : null, config.UseQformerTextInput)));
    }

    /// <summary>What published checkpoints call the parameters.</summary>
    public static CheckpointNames Names { get; } = new(
    [
        ("norm", "layernorm"),
        ("layers", "encoder.layer"),
        .. BertNames.Attention("self_attn", "attention.attention", "attention.output"),
        ("self_norm", "attention.output.LayerNorm"),
        .. BertNames.Attention("cross_attn", "crossattention.attention", "crossattention.output"),
        ("cross_norm", "crossattention.output.LayerNorm"),
        ("feed_forward.fc1", "intermediate_query.dense"),
        ("feed_forward.fc2", "output_query.dense"),
        ("feed_forward_norm", "output_query.LayerNorm"),
        ("text_feed_forward.fc1", "intermediate.dense"),
        ("text_feed_forward.fc2", "output.dense"),
        ("text_feed_forward_norm", "output.LayerNorm"),
    ]);

    /// <summary>Runs the queries over images, and over words if there are any.</summary>
    /// <param name="queries">Queries <c>[B, M, d]</c>.</param>
    /// <param name="image">The image encoder's tokens, <c>[B, N, de]</c>, with which of them are real.</param>
    /// <param name="text">Embedded words <c>[B, Nl, d]</c>, or null for none.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or words are given to a model that has none.</exception>
    public QFormerOutput Forward(Tensor queries, Tokens image, Tokens? text, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(pass);
        var x = _norm.Forward(queries, pass);
        if (text is not null) text = text with { Values = _norm.Forward(text.Values, pass) };
        var hidden = new List<Tensor> { x };
        foreach (var layer in _layers)
        {
            var reads = text is not null;
            (x, text) = layer.Forward(x, text, image, pass);
            if (reads && text is null) throw new ShapeException("QFormer", "this model reads no words (use_qformer_text_input is false)");
            hidden.Add(x);
        }

        return new QFormerOutput(hidden, pass.Reshape(pass.Slice(x, 1, 0, 1), [x.Shape[0], x.Shape[2]]));
    }
}

/// <summary>A Q-Former with its learned queries, and the table of words if it reads any, as a BLIP-2 checkpoint holds them beside other
/// parts.</summary>
internal sealed class Blip2Queries : Module
{
    private readonly Tensor _queries;
    private readonly TextEmbedding? _words;
    private readonly QFormer _former;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no such activation function, or sizes do not fit each other.</exception>
    public Blip2Queries(Blip2Config config, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        var former = config.QformerConfig;
        _queries = AddParameter("query_tokens", Tensor.Normal([config.NumQueryTokens, former.HiddenSize], random, 0.02f));
        if (former.UseQformerTextInput)
            _words = Add("embeddings", new TextEmbedding(former.Embedding with { Padding = PaddingRows.Words }, random));
        _former = Add("qformer", new QFormer(former, random));
    }

    /// <summary>What published checkpoints call the parameters; image encoder, language model and projections are other parts of
    /// them.</summary>
    public static CheckpointNames Names { get; } = new(
    [
        ("embeddings.words", "embeddings.word_embeddings"),
        ("embeddings.positions", "embeddings.position_embeddings"),
        .. QFormer.Names.Rules,
    ])
    {
        Ignored = ["position_ids", "vision_model", "language_model", "language_projection", "vision_projection", "text_projection",
            "itm_head"],
    };

    /// <summary>Sizes.</summary>
    public Blip2Config Config { get; }

    /// <summary>Queries after their cross-attention to images.</summary>
    /// <param name="image">The image encoder's tokens, <c>[B, N, de]</c>.</param>
    /// <param name="words">Token numbers <c>[B, Nl]</c>, or null for none.</param>
    /// <param name="mask">Which words are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or words are given to a model that has none.</exception>
    public QFormerOutput Forward(Tokens image, Tensor? words, Mask? mask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(pass);
        if (words is not null && _words is null)
            throw new ShapeException("Blip2Queries", "this model reads no words (use_qformer_text_input is false)");
        var text = words is null ? null : new Tokens(_words!.Forward(words, null, pass), mask);
        return _former.Forward(pass.Expand(_queries, [image.Batch, _queries.Shape[0], _queries.Shape[1]]), image, text, pass);
    }
}
