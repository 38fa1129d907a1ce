using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Models;

// Tan and Bansal 2019, "LXMERT: Learning Cross-Modality Encoder Representations from Transformers". Source followed: Hugging Face
// transformers, models/lxmert/modeling_lxmert.py (LxmertModel). Words pass layers of their own, so do detected objects (features and
// boxes), then both pass cross-modality layers (Fusion/Blocks/LxmertLayer.cs), in which both directions of attention have the same weights.
// Parts are normalised after their residual.

/// <summary>Sizes of LXMERT; <see cref="EncoderConfig.NumHiddenLayers"/> is not used.</summary>
internal sealed record LxmertConfig : BertConfig
{
    /// <summary>Number of layers of the words alone.</summary>
    public int LLayers { get; init; } = 9;

    /// <summary>Number of layers of the objects alone.</summary>
    public int RLayers { get; init; } = 5;

    /// <summary>Number of cross-modality layers.</summary>
    public int XLayers { get; init; } = 5;

    /// <summary>Width of an object's features.</summary>
    public int VisualFeatDim { get; init; } = 2048;

    /// <summary>Numbers that say where an object is: the corners of its box, from 0 to 1.</summary>
    public int VisualPosDim { get; init; } = 4;
}

/// <summary>The input of LXMERT.</summary>
/// <param name="Words">Token numbers <c>[B, Nl]</c>.</param>
/// <param name="Features">Features of objects <c>[B, Nv, f]</c>.</param>
/// <param name="Boxes">Where the objects are <c>[B, Nv, 4]</c>.</param>
internal sealed record LxmertInput(Tensor Words, Tensor Features, Tensor Boxes)
{
    /// <summary>Segment numbers <c>[B, Nl]</c>; null when all words are of segment 0.</summary>
    public Tensor? Segments { get; init; }

    /// <summary>Which words are real; null when all are.</summary>
    public Mask? WordMask { get; init; }

    /// <summary>Which objects are real; null when all are.</summary>
    public Mask? ObjectMask { get; init; }
}

/// <summary>What LXMERT made of it.</summary>
/// <param name="Language">What came out of each layer the words passed, <c>[B, Nl, d]</c>; the last are the final states.</param>
/// <param name="Vision">What came out of each layer the objects passed, <c>[B, Nv, d]</c>; the last are the final states.</param>
/// <param name="Pooled">The first word, for a decision about both, <c>[B, d]</c>.</param>
internal sealed record LxmertOutput(IReadOnlyList<Tensor> Language, IReadOnlyList<Tensor> Vision, Tensor Pooled);

/// <summary>Words and detected objects related by layers in which both attend to each other with one set of weights (LXMERT).</summary>
internal sealed class Lxmert : Module
{
    private readonly TextEmbedding _words;
    private readonly ObjectEmbedding _objects;
    private readonly TransformerEncoder _language;
    private readonly TransformerEncoder _vision;
    private readonly ModuleList<LxmertLayer> _cross;
    private readonly Linear _pooler;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no such activation function, or sizes do not fit each other.</exception>
    public Lxmert(LxmertConfig config, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        var (width, options) = (config.HiddenSize, config.Transformer(NormPlacement.After));
        _words = Add("embed", new TextEmbedding(config.BertEmbedding with { Padding = PaddingRows.All }, random));
        _objects = Add("objects", new ObjectEmbedding(config, random));
        _language = Add("language", new TransformerEncoder(config.LLayers, options, random));
        _vision = Add("vision", new TransformerEncoder(config.RLayers, options, random));
        _cross = Add("cross", new ModuleList<LxmertLayer>(config.XLayers, _ => new LxmertLayer(options, random)));
        _pooler = Add("pooler", new Linear(width, width, random));
    }

    /// <summary>What published checkpoints call the parameters; those of pre-training have heads beside the model.</summary>
    public static CheckpointNames Names { get; } = new(
    [
        .. BertNames.Embedding("embed", "embeddings"),
        ("objects.feature_proj", "encoder.visn_fc.visn_fc"),
        ("objects.feature_norm", "encoder.visn_fc.visn_layer_norm"),
        ("objects.box_proj", "encoder.visn_fc.box_fc"),
        ("objects.box_norm", "encoder.visn_fc.box_layer_norm"),
        ("language.layers", "encoder.layer"),
        ("vision.layers", "encoder.r_layers"),
        .. BertNames.Layers("layer"),
        .. BertNames.Layers("r_layers"),

        // The cross-modality layers.
        ("cross", "encoder.x_layers"),
        .. BertNames.Attention("cross_attn", "visual_attention.att", "visual_attention.output"),
        ("cross_norm", "visual_attention.output.LayerNorm"),
        .. BertNames.Attention("language.self_attn", "lang_self_att.self", "lang_self_att.output"),
        ("language.norm1", "lang_self_att.output.LayerNorm"),
        ("language.feed_forward.fc1", "lang_inter.dense"),
        ("language.feed_forward.fc2", "lang_output.dense"),
        ("language.norm2", "lang_output.LayerNorm"),
        .. BertNames.Attention("vision.self_attn", "visn_self_att.self", "visn_self_att.output"),
        ("vision.norm1", "visn_self_att.output.LayerNorm"),
        ("vision.feed_forward.fc1", "visn_inter.dense"),
        ("vision.feed_forward.fc2", "visn_output.dense"),
        ("vision.norm2", "visn_output.LayerNorm"),
        ("pooler", "pooler.dense"),
    ])
    {
        Prefix = "lxmert.",
        Ignored = ["position_ids"],
    };

    /// <summary>Sizes.</summary>
    public LxmertConfig Config { get; }

    /// <summary>Relates words and objects.</summary>
    /// <param name="input">Words, features, boxes.</param>
    /// <param name="pass">The pass; its trace has every cross-modality attention twice, words to objects first.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or a number is outside the vocabulary.</exception>
    public LxmertOutput Forward(LxmertInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        var words = _language.HiddenStates(_words.Forward(input.Words, input.Segments, pass), input.WordMask, pass).ToList();
        var objects = _vision.HiddenStates(_objects.Forward(input.Features, input.Boxes, pass), input.ObjectMask, pass).ToList();
        var (language, vision) = (new Tokens(words[^1], input.WordMask), new Tokens(objects[^1], input.ObjectMask));
        foreach (var layer in _cross)
        {
            (language, vision) = layer.Forward(language, vision, pass);
            words.Add(language.Values);
            objects.Add(vision.Values);
        }

        var first = pass.Reshape(pass.Slice(language.Values, 1, 0, 1), [language.Batch, language.Width]);
        return new LxmertOutput(words[1..], objects[1..], pass.Tanh(_pooler.Forward(first, pass)));
    }

    /// <summary>What an object is and where it is, each normalised, then their mean.</summary>
    private sealed class ObjectEmbedding : Module
    {
        private readonly Linear _features;
        private readonly LayerNorm _featureNorm;
        private readonly Linear _boxes;
        private readonly LayerNorm _boxNorm;

        public ObjectEmbedding(LxmertConfig config, RandomSource random)
        {
            _features = Add("feature_proj", new Linear(config.VisualFeatDim, config.HiddenSize, random));
            _featureNorm = Add("feature_norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
            _boxes = Add("box_proj", new Linear(config.VisualPosDim, config.HiddenSize, random));
            _boxNorm = Add("box_norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
        }

        public Tensor Forward(Tensor features, Tensor boxes, Pass pass) => pass.Scale(pass.Add(
            _featureNorm.Forward(_features.Forward(features, pass), pass), _boxNorm.Forward(_boxes.Forward(boxes, pass), pass)), 0.5f);
    }
}
