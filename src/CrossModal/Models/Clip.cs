using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Models;

// Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision" (CLIP).
// Source followed: Hugging Face transformers, models/clip/modeling_clip.py (CLIPModel).
// Two towers that meet only in one number: how similar a text and an image are. Both normalise before each part; the text tower is causal,
// so that the token which ends the text has attended to all of it.

/// <summary>Sizes of CLIP's text tower.</summary>
internal sealed record ClipTextConfig : TextConfig
{
    /// <summary>The sizes of ViT-B/32.</summary>
    public ClipTextConfig()
    {
        (VocabSize, MaxPositionEmbeddings) = (49408, 77);
        (HiddenSize, NumAttentionHeads, IntermediateSize) = (512, 8, 2048);
        (HiddenAct, LayerNormEps) = ("quick_gelu", 1e-5f);
    }

    /// <summary>The number of the token that ends a text, whose state stands for the whole; 2, as old configurations have it, means the
    /// largest number of the text instead.</summary>
    public int EosTokenId { get; init; } = 49407;
}

/// <summary>Sizes of CLIP's vision tower.</summary>
internal sealed record ClipVisionConfig : VisionConfig
{
    /// <summary>The sizes of ViT-B/32.</summary>
    public ClipVisionConfig() => (HiddenAct, LayerNormEps) = ("quick_gelu", 1e-5f);
}

/// <summary>Sizes of CLIP.</summary>
internal sealed record ClipConfig
{
    /// <summary>The text tower.</summary>
    public ClipTextConfig TextConfig { get; init; } = new();

    /// <summary>The vision tower.</summary>
    public ClipVisionConfig VisionConfig { get; init; } = new();

    /// <summary>Width of the space both are compared in.</summary>
    public int ProjectionDim { get; init; } = 512;

    /// <summary>Logarithm of what similarities are first multiplied by: ln(1/0.07).</summary>
    public float LogitScaleInitValue { get; init; } = 2.6592f;
}

/// <summary>What CLIP made of texts.</summary>
/// <param name="Hidden">What went into the first layer and what came out of each, <c>[B, N, d]</c>.</param>
/// <param name="Tokens">The tokens, normalised, <c>[B, N, d]</c>.</param>
/// <param name="Pooled">The token that ends the text, <c>[B, d]</c>.</param>
/// <param name="Embedding">The texts in the common space, of length 1, <c>[B, p]</c>.</param>
internal sealed record ClipText(IReadOnlyList<Tensor> Hidden, Tensor Tokens, Tensor Pooled, Tensor Embedding);

/// <summary>What CLIP made of images.</summary>
/// <param name="Hidden">What went into the first layer and what came out of each, the class token first, <c>[B, 1 + N, d]</c>.</param>
/// <param name="Pooled">The class token, normalised, <c>[B, d]</c>.</param>
/// <param name="Embedding">The images in the common space, of length 1, <c>[B, p]</c>.</param>
internal sealed record ClipImage(IReadOnlyList<Tensor> Hidden, Tensor Pooled, Tensor Embedding);

/// <summary>Texts and images compared by two towers (CLIP).</summary>
internal sealed class Clip : Module
{
    // What published configurations gave as the end of a text before the reference read it from them.
    private const int LargestIdEnds = 2;

    private readonly TextTower _text;
    private readonly VisionTower _vision;
    private readonly Linear _textProjection;
    private readonly Linear _visionProjection;
    private readonly Tensor _logitScale;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no such activation function, or sizes do not fit each other.</exception>
    public Clip(ClipConfig config, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        _text = Add("text_model", new TextTower(config.TextConfig, random));
        _vision = Add("vision_model", new VisionTower(config.VisionConfig, random));
        _textProjection = Add("text_projection", new Linear(config.TextConfig.HiddenSize, config.ProjectionDim, random, bias: false));
        _visionProjection = Add("visual_projection", new Linear(config.VisionConfig.HiddenSize, config.ProjectionDim, random, bias: false));
        _logitScale = AddParameter("logit_scale", Tensor.Scalar(config.LogitScaleInitValue));
    }

    /// <summary>What published checkpoints call the parameters.</summary>
    public static CheckpointNames Names { get; } = new(
        ("text_model.embed.words", "text_model.embeddings.token_embedding"),
        ("embed.positions", "embeddings.position_embedding"),
        ("vision_model.embed.class_token", "vision_model.embeddings.class_embedding"),
        ("vision_model.embed.patches.proj", "vision_model.embeddings.patch_embedding"),
        ("vision_model.pre_norm", "vision_model.pre_layrnorm"),
        ("vision_model.norm", "vision_model.post_layernorm"),
        ("text_model.norm", "text_model.final_layer_norm"),
        ("norm1", "layer_norm1"),
        ("norm2", "layer_norm2"),
        ("feed_forward", "mlp"))
    {
        Ignored = ["position_ids"],
    };

    /// <summary>Sizes.</summary>
    public ClipConfig Config { get; }

    /// <summary>Where the patches of an image lie.</summary>
    public TokenGrid Grid => _vision.Grid;

    /// <summary>Encodes texts.</summary>
    /// <param name="words">Token numbers <c>[B, N]</c>; a row's text ends at the first <see cref="ClipTextConfig.EosTokenId"/>. A row
    /// without one is read from its first token, as the reference does.</param>
    /// <param name="mask">Which tokens are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">A text is too long, or a number is outside the vocabulary.</exception>
    public ClipText EncodeText(Tensor words, Mask? mask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(pass);
        var (hidden, tokens) = _text.Forward(words, mask, pass);
        var pooled = EndOf(words, tokens, pass);
        return new ClipText(hidden, tokens, pooled, pass.L2Normalize(_textProjection.Forward(pooled, pass)));
    }

    /// <summary>Encodes images <c>[B, 3, H, W]</c>, preprocessed as the checkpoint says.</summary>
    /// <exception cref="ShapeException">The images are not of the model's size.</exception>
    public ClipImage EncodeImages(Tensor images, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var hidden = _vision.Forward(images, pass);
        var first = pass.Slice(hidden[^1], 1, 0, 1);
        var pooled = _vision.Normalize(pass.Reshape(first, [first.Shape[0], first.Shape[2]]), pass);
        return new ClipImage(hidden, pooled, pass.L2Normalize(_visionProjection.Forward(pooled, pass)));
    }

    /// <summary>Every patch in the common space as if it were the whole image, of length 1, row by row: <c>[B, N, p]</c>.</summary>
    /// <remarks>The model was never trained to be read so; the similarity of a text with them shows roughly where what it names
    /// is.</remarks>
    public Tensor Patches(ClipImage image, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(pass);
        var patches = pass.Slice(image.Hidden[^1], 1, 1, Grid.Count);
        return pass.L2Normalize(_visionProjection.Forward(_vision.Normalize(patches, pass), pass));
    }

    /// <summary>How well each text fits each image: cosine · exp(logit scale), <c>[texts, images]</c>.</summary>
    public Tensor LogitsPerText(Tensor text, Tensor image, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return pass.Multiply(pass.MatMul(text, image, transposeB: true), pass.Exp(_logitScale));
    }

    /// <summary>The token that ends each row: <c>[B, N], [B, N, d] → [B, d]</c>.</summary>
    private Tensor EndOf(Tensor words, Tensor tokens, Pass pass)
    {
        var end = Config.TextConfig.EosTokenId;
        if (end == LargestIdEnds) return FirstLargest(words, tokens, pass);

        // 1 where a token is the end, 0 elsewhere: the squared distance of two different whole numbers is at least 1.
        var distance = pass.Scale(words, 1, -end);
        return FirstLargest(pass.Relu(pass.Scale(pass.Multiply(distance, distance), -1, 1)), tokens, pass);
    }

    /// <summary>The first token with the largest number of its row: <c>[B, N], [B, N, d] → [B, d]</c>.</summary>
    /// <remarks>Written with operations, so that a recorded pass can be computed again with other texts: N·number + (N − 1 − position) is
    /// largest at that token alone, and what 1 − (largest − it) leaves above 0 picks it out. All of it is whole numbers below
    /// 2²⁴.</remarks>
    private static Tensor FirstLargest(Tensor numbers, Tensor tokens, Pass pass)
    {
        var (batch, count, width) = (tokens.Shape[0], tokens.Shape[1], tokens.Shape[2]);
        var order = Tensor.Zeros([count]);
        for (var i = 0; i < count; i++) order.Span[i] = count - 1 - i;
        var rank = pass.Add(pass.Scale(numbers, count), order);
        var behind = pass.Subtract(pass.Max(rank, axis: 1, keepAxis: true), rank);
        var chosen = pass.Relu(pass.Scale(behind, -1, 1));
        return pass.Reshape(pass.MatMul(pass.Reshape(chosen, [batch, 1, count]), tokens), [batch, width]);
    }

    private sealed class TextTower : Module
    {
        private readonly TextEmbedding _embedding;
        private readonly TransformerEncoder _encoder;
        private readonly LayerNorm _norm;

        public TextTower(ClipTextConfig config, RandomSource random)
        {
            if ((long)config.VocabSize * config.MaxPositionEmbeddings >= 1 << 24)
                throw new ArgumentException(
                    $"Clip: {config.VocabSize} words at {config.MaxPositionEmbeddings} positions are more than single precision counts");
            _embedding = Add("embed", new TextEmbedding(config.Embedding, random));
            _encoder = Add("encoder", new TransformerEncoder(config.NumHiddenLayers, config.Transformer(NormPlacement.Before), random));
            _norm = Add("norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
        }

        public (IReadOnlyList<Tensor> Hidden, Tensor Tokens) Forward(Tensor words, Mask? mask, Pass pass)
        {
            var x = _embedding.Forward(words, null, pass);
            var hidden = _encoder.HiddenStates(x, Mask.Both(Mask.Causal(x.Shape[1]), mask, pass), pass);
            return (hidden, _norm.Forward(hidden[^1], pass));
        }
    }

    private sealed class VisionTower : Module
    {
        private readonly ImageEmbedding _embedding;
        private readonly LayerNorm _preNorm;
        private readonly TransformerEncoder _encoder;
        private readonly LayerNorm _norm;

        public VisionTower(ClipVisionConfig config, RandomSource random)
        {
            _embedding = Add("embed", new ImageEmbedding(config.ImageSize, config.PatchSize, config.HiddenSize, random, config.NumChannels,
                bias: false));
            _preNorm = Add("pre_norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
            _encoder = Add("encoder", new TransformerEncoder(config.NumHiddenLayers, config.Transformer(NormPlacement.Before), random));
            _norm = Add("norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
        }

        public TokenGrid Grid => _embedding.Grid;

        public IReadOnlyList<Tensor> Forward(Tensor images, Pass pass) =>
            _encoder.HiddenStates(_preNorm.Forward(_embedding.Forward(images, pass), pass), null, pass);

        public Tensor Normalize(Tensor x, Pass pass) => _norm.Forward(x, pass);
    }
}
