using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Models;

// Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding". Source followed: Hugging Face
// transformers, models/bert/modeling_bert.py (BertModel). all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019) is of this kind.
// Parts are normalised after their residual. The pooler is left out: it serves decisions about pairs of sentences.

/// <summary>Sizes of BERT.</summary>
internal sealed record BertModelConfig : BertConfig;

/// <summary>A text in which every token attends to all others (BERT).</summary>
internal sealed class Bert : Module
{
    private readonly TextEmbedding _embedding;
    private readonly TransformerEncoder _encoder;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no such activation function, or sizes do not fit each other.</exception>
    public Bert(BertModelConfig config, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        _embedding = Add("embed", new TextEmbedding(config.BertEmbedding, random));
        _encoder = Add("encoder", new TransformerEncoder(config.NumHiddenLayers, config.Transformer(NormPlacement.After), random));
    }

    /// <summary>What published checkpoints call the parameters.</summary>
    public static CheckpointNames Names { get; } = new(
    [
        .. BertNames.Embedding("embed", "embeddings"),
        ("encoder.layers", "encoder.layer"),
        .. BertNames.Layers("layer"),
    ])
    {
        Prefix = "bert.",
        Ignored = ["position_ids", "pooler"],
    };

    /// <summary>Sizes.</summary>
    public BertModelConfig Config { get; }

    /// <summary>Encodes texts.</summary>
    /// <param name="words">Token numbers <c>[B, N]</c>.</param>
    /// <param name="mask">Which tokens are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    /// <returns>What went into the first layer and what came out of each, <c>[B, N, d]</c>; the last are the final states.</returns>
    /// <exception cref="ShapeException">A text is too long, or a number is outside the vocabulary.</exception>
    public IReadOnlyList<Tensor> Forward(Tensor words, Mask? mask, Pass pass) =>
        _encoder.HiddenStates(_embedding.Forward(words, null, pass), mask, pass);
}
