using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Models;

// Li et al. 2022, "BLIP: Bootstrapping Language-Image Pre-training for Unified Vision-Language Understanding and Generation".
// Source followed: Hugging Face transformers, models/blip/modeling_blip.py and modeling_blip_text.py (BlipForImageTextRetrieval).
// The words attend to each other, then to the image, then pass a feed-forward network, in every layer; each part is normalised after its
// residual. Whether text and image belong together is read from the first token. Without the image the same layers read the text alone,
// for a comparison by cosine.

/// <summary>Sizes of BLIP's text encoder; keys and values of its cross-attention come from the vision tower, in that one's width.</summary>
internal sealed record BlipTextConfig : TextConfig
{
    /// <summary>The reference's defaults; published checkpoints state 12 heads.</summary>
    public BlipTextConfig() => (VocabSize, NumAttentionHeads) = (30524, 8);
}

/// <summary>Sizes of BLIP's vision tower.</summary>
internal sealed record BlipVisionConfig : VisionConfig
{
    /// <summary>The sizes of the base model.</summary>
    public BlipVisionConfig() => (ImageSize, PatchSize, LayerNormEps) = (384, 16, 1e-5f);
}

/// <summary>Sizes of BLIP.</summary>
internal sealed record BlipConfig
{
    /// <summary>The text encoder.</summary>
    public BlipTextConfig TextConfig { get; init; } = new();

    /// <summary>The vision tower.</summary>
    public BlipVisionConfig VisionConfig { get; init; } = new();

    /// <summary>Width of the space text and image are compared in without cross-attention.</summary>
    public int ImageTextHiddenSize { get; init; } = 256;
}

/// <summary>What BLIP made of texts with cross-attention to images.</summary>
/// <param name="Hidden">What went into the first layer and what came out of each, <c>[B, N, d]</c>; the last are the text's final
/// states.</param>
/// <param name="Logits">Scores of "does not match" and "matches", <c>[B, 2]</c>.</param>
internal sealed record BlipMatch(IReadOnlyList<Tensor> Hidden, Tensor Logits);

/// <summary>What BLIP made of texts alone.</summary>
/// <param name="States">The text's final states, <c>[B, N, d]</c>.</param>
/// <param name="Embedding">The texts in the common space, of length 1, <c>[B, p]</c>.</param>
internal sealed record BlipText(Tensor States, Tensor Embedding);

/// <summary>Whether a text belongs to an image, by words that attend to it (BLIP, image–text matching).</summary>
/// <remarks>The attention from words to patches has the trace's names <c>text_encoder.encoder.layers.0.cross_attn</c>, …; patch 0 is the
/// class token.</remarks>
internal sealed class Blip : Module
{
    private readonly VisionTower _vision;
    private readonly TextEncoder _text;
    private readonly Linear _visionProjection;
    private readonly Linear _textProjection;
    private readonly Linear _matchingHead;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no such activation function, or sizes do not fit each other.</exception>
    public Blip(BlipConfig config, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        _vision = Add("vision_model", new VisionTower(config.VisionConfig, random));
        _text = Add("text_encoder", new TextEncoder(config.TextConfig, config.VisionConfig.HiddenSize, random));
        _visionProjection = Add("vision_proj", new Linear(config.VisionConfig.HiddenSize, config.ImageTextHiddenSize, random));
        _textProjection = Add("text_proj", new Linear(config.TextConfig.HiddenSize, config.ImageTextHiddenSize, random));
        _matchingHead = Add("itm_head", new Linear(config.TextConfig.HiddenSize, 2, random));
    }

    /// <summary>What published checkpoints call the parameters.</summary>
    public static CheckpointNames Names { get; } = new(
    [
        ("vision_model.embed.class_token", "vision_model.embeddings.class_embedding"),
        ("vision_model.embed.positions.weight", "vision_model.embeddings.position_embedding"),
        ("vision_model.embed.patches.proj", "vision_model.embeddings.patch_embedding"),
        ("vision_model.norm", "vision_model.post_layernorm"),
        .. BertNames.Embedding("text_encoder.embed", "text_encoder.embeddings"),

        // Text layers are BERT's with cross-attention between, so that what comes after it has moved on by one.
        ("text_encoder.encoder.layers", "text_encoder.encoder.layer"),
        ("layer.*.norm2", "layer.*.crossattention.output.LayerNorm"),
        ("layer.*.norm3", "layer.*.norm2"),
        .. BertNames.Attention("layer.*.cross_attn", "layer.*.crossattention.self", "layer.*.crossattention.output"),
        .. BertNames.Layers("layer"),

        // Vision layers: one tensor holds the projections to queries, keys and values.
        ("layers.*.self_attn.out_proj", "layers.*.self_attn.projection"),
        ("layers.*.norm1", "layers.*.layer_norm1"),
        ("layers.*.norm2", "layers.*.layer_norm2"),
        ("layers.*.feed_forward", "layers.*.mlp"),
    ])
    {
        Fused = [("self_attn.qkv", ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"])],
        Ignored = ["position_ids"],
    };

    /// <summary>Sizes.</summary>
    public BlipConfig Config { get; }

    /// <summary>Where the patches of an image lie; the class token stands before them.</summary>
    public TokenGrid Grid => _vision.Grid;

    /// <summary>Encodes images: <c>[B, 3, H, W]</c>, preprocessed as the checkpoint says, to states <c>[B, 1 + N, d]</c>, the class token
    /// first.</summary>
    /// <exception cref="ShapeException">The images are not of the model's size.</exception>
    public Tensor EncodeImages(Tensor images, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return _vision.Forward(images, pass);
    }

    /// <summary>Encodes texts with cross-attention to images, and scores whether they belong together.</summary>
    /// <param name="words">Token numbers <c>[B, N]</c>.</param>
    /// <param name="mask">Which tokens are real; null when all are.</param>
    /// <param name="image">The states of the images (<see cref="EncodeImages"/>), one for each text.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or a number is outside the vocabulary.</exception>
    public BlipMatch Match(Tensor words, Mask? mask, Tensor image, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(pass);
        var hidden = _text.Forward(words, mask, image, pass);
        return new BlipMatch(hidden, _matchingHead.Forward(First(hidden[^1], pass), pass));
    }

    /// <summary>Encodes texts without an image.</summary>
    /// <param name="words">Token numbers <c>[B, N]</c>.</param>
    /// <param name="mask">Which tokens are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">A text is too long, or a number is outside the vocabulary.</exception>
    public BlipText EncodeText(Tensor words, Mask? mask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var states = _text.Forward(words, mask, null, pass)[^1];
        return new BlipText(states, pass.L2Normalize(_textProjection.Forward(First(states, pass), pass)));
    }

    /// <summary>Cosine of every image with every text read alone, <c>[images, texts]</c>.</summary>
    public Tensor Cosine(Tensor image, BlipText text, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(pass);
        var seen = pass.L2Normalize(_visionProjection.Forward(First(image, pass), pass));
        return pass.MatMul(seen, text.Embedding, transposeB: true);
    }

    /// <summary>The first token: <c>[B, N, d] → [B, d]</c>.</summary>
    private static Tensor First(Tensor tokens, Pass pass) => pass.Reshape(pass.Slice(tokens, 1, 0, 1), [tokens.Shape[0], tokens.Shape[2]]);

    private sealed class TextEncoder : Module
    {
        private readonly TextEmbedding _embedding;
        private readonly TransformerDecoder _encoder;

        public TextEncoder(BlipTextConfig config, int imageWidth, RandomSource random)
        {
            _embedding = Add("embed", new TextEmbedding(config.Embedding with
            {
                Epsilon = config.LayerNormEps,
                Padding = PaddingRows.Words
            }, random));
            _encoder = Add("encoder", new TransformerDecoder(config.NumHiddenLayers, config.Transformer(NormPlacement.After), random,
                memoryWidth: imageWidth));
        }

        public IReadOnlyList<Tensor> Forward(Tensor words, Mask? mask, Tensor? image, Pass pass) =>
            _encoder.HiddenStates(_embedding.Forward(words, null, pass), image, mask, null, pass);
    }

    private sealed class VisionTower : Module
    {
        private readonly ImageEmbedding _embedding;
        private readonly TransformerEncoder _encoder;
        private readonly LayerNorm _norm;

        public VisionTower(BlipVisionConfig config, RandomSource random)
        {
            _embedding = Add("embed", new ImageEmbedding(config.ImageSize, config.PatchSize, config.HiddenSize, random,
                config.NumChannels));
            _encoder = Add("encoder", new TransformerEncoder(config.NumHiddenLayers, config.Transformer(NormPlacement.Before), random));
            _norm = Add("norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
        }

        public TokenGrid Grid => _embedding.Grid;

        public Tensor Forward(Tensor images, Pass pass) =>
            _norm.Forward(_encoder.Forward(_embedding.Forward(images, pass), null, pass), pass);
    }
}
