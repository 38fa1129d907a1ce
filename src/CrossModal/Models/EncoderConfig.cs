using CrossModal.Attention;
using CrossModal.Layers;

namespace CrossModal.Models;

/// <summary>What the published configurations of transformer encoders have in common.</summary>
/// <remarks>Properties are the keys of a published <c>config.json</c> in .NET casing (<c>hidden_size</c>); what a file leaves out has the
/// value that the reference implementation gives it.</remarks>
internal abstract record EncoderConfig
{
    /// <summary>Width d of a token.</summary>
    public int HiddenSize { get; init; } = 768;

    /// <summary>Number of layers.</summary>
    public int NumHiddenLayers { get; init; } = 12;

    /// <summary>Number of heads; divides the width.</summary>
    public int NumAttentionHeads { get; init; } = 12;

    /// <summary>Width inside the feed-forward networks.</summary>
    public int IntermediateSize { get; init; } = 3072;

    /// <summary>Name of the function inside the feed-forward networks (<see cref="ActivationFunctions.Parse"/>).</summary>
    public string HiddenAct { get; init; } = "gelu";

    /// <summary>Added to the variance in normalisation.</summary>
    public float LayerNormEps { get; init; } = 1e-12f;

    /// <summary>The options of the layers.</summary>
    /// <exception cref="ArgumentException">There is no such activation function.</exception>
    internal TransformerOptions Transformer(NormPlacement norm) => new(HiddenSize, NumAttentionHeads, IntermediateSize)
    {
        Activation = ActivationFunctions.Parse(HiddenAct),
        Norm = norm,
        Epsilon = LayerNormEps,
    };
}

/// <summary>What the published configurations of text encoders have in common.</summary>
internal abstract record TextConfig : EncoderConfig
{
    /// <summary>Number of token numbers.</summary>
    public int VocabSize { get; init; } = 30522;

    /// <summary>The most tokens a text may have.</summary>
    public int MaxPositionEmbeddings { get; init; } = 512;

    /// <summary>The options of the text's embedding without normalisation.</summary>
    internal TextEmbeddingOptions Embedding => new(VocabSize, MaxPositionEmbeddings, HiddenSize);
}

/// <summary>What the published configurations of models with BERT's text embedding have in common.</summary>
internal abstract record BertConfig : TextConfig
{
    /// <summary>Number of segments of a text.</summary>
    public int TypeVocabSize { get; init; } = 2;

    /// <summary>The options of the text's embedding, as BERT's.</summary>
    internal TextEmbeddingOptions BertEmbedding =>
        Embedding with { Segments = TypeVocabSize, Epsilon = LayerNormEps, Padding = PaddingRows.Words };
}

/// <summary>What the published configurations of vision transformers have in common.</summary>
internal abstract record VisionConfig : EncoderConfig
{
    /// <summary>Height and width of the image in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; init; } = 32;

    /// <summary>Channels of the image.</summary>
    public int NumChannels { get; init; } = 3;
}
