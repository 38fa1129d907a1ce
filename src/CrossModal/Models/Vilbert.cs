using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Models;

// Lu et al. 2019, "ViLBERT: Pretraining Task-Agnostic Visiolinguistic Representations for Vision-and-Language Tasks". Source followed:
// facebookresearch/vilbert-multi-task, vilbert/vilbert.py (BertModel), config/bert_base_6layer_6conect.json. Two streams of different
// widths and depths: words pass layers of their own, then in every round a co-attention layer (Fusion/Blocks/CoAttentionLayer.cs) joins the
// streams, and each passes a layer of its own. Parts are normalised after their residual. Left out, as the published configuration leaves
// it off: gating of vision's attention by the mean word (dynamic_attention).

/// <summary>Sizes of ViLBERT; the stream of words has BERT's.</summary>
internal sealed record VilbertConfig : BertConfig
{
    /// <summary>Width of an image region's features.</summary>
    public int VFeatureSize { get; init; } = 2048;

    /// <summary>Width of vision's stream.</summary>
    public int VHiddenSize { get; init; } = 1024;

    /// <summary>Number of layers of vision alone.</summary>
    public int VNumHiddenLayers { get; init; } = 6;

    /// <summary>Number of heads in which regions attend to regions.</summary>
    public int VNumAttentionHeads { get; init; } = 8;

    /// <summary>Width inside the feed-forward networks of vision's stream.</summary>
    public int VIntermediateSize { get; init; } = 1024;

    /// <summary>Width of all heads together in which the streams attend to each other, and of the pooled results.</summary>
    public int BiHiddenSize { get; init; } = 1024;

    /// <summary>Number of those heads.</summary>
    public int BiNumAttentionHeads { get; init; } = 8;

    /// <summary>For each co-attention layer, how many layers of vision come before it.</summary>
    public IReadOnlyList<int> VBiattentionId { get; init; } = [0, 1, 2, 3, 4, 5];

    /// <summary>For each co-attention layer, how many layers of the words come before it.</summary>
    public IReadOnlyList<int> TBiattentionId { get; init; } = [6, 7, 8, 9, 10, 11];
}

/// <summary>The input of ViLBERT.</summary>
/// <param name="Words">Token numbers <c>[B, Nl]</c>.</param>
/// <param name="Features">Features of image regions <c>[B, Nv, f]</c>, the first of the whole image.</param>
/// <param name="Locations">Where the regions are <c>[B, Nv, 5]</c>: corners and area, from 0 to 1.</param>
internal sealed record VilbertInput(Tensor Words, Tensor Features, Tensor Locations)
{
    /// <summary>Segment numbers <c>[B, Nl]</c>; null when all words are of segment 0.</summary>
    public Tensor? Segments { get; init; }

    /// <summary>Which words are real; null when all are.</summary>
    public Mask? WordMask { get; init; }

    /// <summary>Which regions are real; null when all are.</summary>
    public Mask? RegionMask { get; init; }
}

/// <summary>What ViLBERT made of it.</summary>
/// <param name="Language">The words' final states, <c>[B, Nl, d]</c>.</param>
/// <param name="Vision">The regions' final states, <c>[B, Nv, dv]</c>.</param>
/// <param name="PooledLanguage">The first word, for a decision, <c>[B, db]</c>.</param>
/// <param name="PooledVision">The first region, for a decision, <c>[B, db]</c>.</param>
internal sealed record VilbertOutput(Tensor Language, Tensor Vision, Tensor PooledLanguage, Tensor PooledVision);

/// <summary>Words and image regions in two streams joined by co-attention (ViLBERT).</summary>
internal sealed class Vilbert : Module
{
    private const int LocationSize = 5;
    private readonly TextEmbedding _words;
    private readonly RegionEmbedding _regions;
    private readonly ModuleList<TransformerEncoderLayer> _language;
    private readonly ModuleList<TransformerEncoderLayer> _vision;
    private readonly ModuleList<CoAttentionLayer> _connections;
    private readonly Linear _languagePooler;
    private readonly Linear _visionPooler;

    /// <summary>Makes the model.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ArgumentException">There is no such activation function, or sizes do not fit each other.</exception>
    public Vilbert(VilbertConfig config, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(config);
        CheckRounds(config);
        Config = config;
        var language = config.Transformer(NormPlacement.After);
        var vision = language with { Width = config.VHiddenSize, Heads = config.VNumAttentionHeads, Hidden = config.VIntermediateSize };
        _words = Add("embed", new TextEmbedding(config.BertEmbedding, random));
        _regions = Add("regions", new RegionEmbedding(config, random));
        _language = Add("language", new ModuleList<TransformerEncoderLayer>(config.NumHiddenLayers, _ =>
            new TransformerEncoderLayer(language, random)));
        _vision = Add("vision", new ModuleList<TransformerEncoderLayer>(config.VNumHiddenLayers, _ =>
            new TransformerEncoderLayer(vision, random)));
        var (heads, headWidth) = (config.BiNumAttentionHeads, config.BiHiddenSize / config.BiNumAttentionHeads);
        _connections = Add("connections", new ModuleList<CoAttentionLayer>(
            config.VBiattentionId.Count, _ => new CoAttentionLayer(language, vision, random, heads, headWidth)));
        _languagePooler = Add("language_pooler", new Linear(config.HiddenSize, config.BiHiddenSize, random));
        _visionPooler = Add("vision_pooler", new Linear(config.VHiddenSize, config.BiHiddenSize, random));
    }

    /// <summary>What published checkpoints call the parameters. There, vision is stream 1 and words are stream 2, and each attention is
    /// called by the stream its keys are from.</summary>
    public static CheckpointNames Names { get; } = new(
    [
        .. BertNames.Embedding("embed", "embeddings"),
        ("regions.feature_proj", "v_embeddings.image_embeddings"),
        ("regions.location_proj", "v_embeddings.image_location_embeddings"),
        ("regions.norm", "v_embeddings.LayerNorm"),

        // The co-attention layers.
        .. Stream("language", own: 2, other: 1, "t"),
        .. Stream("vision", own: 1, other: 2, "v"),
        ("connections", "encoder.c_layer"),

        // The layers of each stream's own.
        ("language", "encoder.layer"),
        ("vision", "encoder.v_layer"),
        .. BertNames.Layers("layer"),
        .. BertNames.Layers("v_layer"),
        ("language_pooler", "t_pooler.dense"),
        ("vision_pooler", "v_pooler.dense"),
    ])
    {
        Prefix = "bert.",

        // Projections that the reference makes and never uses.
        Ignored = ["q_dense1", "q_dense2"],
    };

    /// <summary>Sizes.</summary>
    public VilbertConfig Config { get; }

    /// <summary>Relates words and regions.</summary>
    /// <param name="input">Words, features, locations.</param>
    /// <param name="pass">The pass; its trace has the streams' cross-attentions under <c>connections.0.language.cross_attn</c>, ….</param>
    /// <exception cref="ShapeException">Sizes do not fit, or a number is outside the vocabulary.</exception>
    public VilbertOutput Forward(VilbertInput input, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        var language = new Tokens(_words.Forward(input.Words, input.Segments, pass), input.WordMask);
        var vision = new Tokens(_regions.Forward(input.Features, input.Locations, pass), input.RegionMask);
        var (read, seen) = (0, 0);
        for (var i = 0; i < _connections.Count; i++)
        {
            language = Own(_language, language, ref read, Config.TBiattentionId[i], pass);
            vision = Own(_vision, vision, ref seen, Config.VBiattentionId[i], pass);
            (language, vision) = _connections[i].Forward(language, vision, pass);
        }

        vision = Own(_vision, vision, ref seen, _vision.Count, pass);
        language = Own(_language, language, ref read, _language.Count, pass);
        return new VilbertOutput(language.Values, vision.Values, Pool(_languagePooler, language, pass), Pool(_visionPooler, vision, pass));
    }

    private static (string Ours, string Published)[] Stream(string name, int own, int other, string letter) =>
    [
        ($"connections.*.{name}.cross_attn.q_proj", $"connections.*.biattention.query{own}"),
        ($"connections.*.{name}.cross_attn.k_proj", $"connections.*.biattention.key{other}"),
        ($"connections.*.{name}.cross_attn.v_proj", $"connections.*.biattention.value{other}"),
        ($"connections.*.{name}.cross_attn.out_proj", $"connections.*.biOutput.dense{own}"),
        ($"connections.*.{name}.cross_norm", $"connections.*.biOutput.LayerNorm{own}"),
        ($"connections.*.{name}.feed_forward.fc1", $"connections.*.{letter}_intermediate.dense"),
        ($"connections.*.{name}.feed_forward.fc2", $"connections.*.{letter}_output.dense"),
        ($"connections.*.{name}.feed_forward_norm", $"connections.*.{letter}_output.LayerNorm"),
    ];

    /// <summary>A stream's own layers up to a number.</summary>
    private static Tokens Own(ModuleList<TransformerEncoderLayer> layers, Tokens tokens, ref int next, int end, Pass pass)
    {
        for (; next < end; next++) tokens = tokens with { Values = layers[next].Forward(tokens.Values, tokens.Mask, pass) };
        return tokens;
    }

    private static Tensor Pool(Linear pooler, Tokens tokens, Pass pass) =>
        pass.Relu(pooler.Forward(pass.Reshape(pass.Slice(tokens.Values, 1, 0, 1), [tokens.Batch, tokens.Width]), pass));

    private static void CheckRounds(VilbertConfig config)
    {
        if (config.VBiattentionId.Count != config.TBiattentionId.Count)
            throw new ArgumentException(
                $"Vilbert: {config.VBiattentionId.Count} places of co-attention in vision, {config.TBiattentionId.Count} in the words",
                nameof(config));
        Check(config.VBiattentionId, config.VNumHiddenLayers, "v_biattention_id");
        Check(config.TBiattentionId, config.NumHiddenLayers, "t_biattention_id");
        if (config.BiNumAttentionHeads < 1 || config.BiHiddenSize % config.BiNumAttentionHeads != 0)
            throw new ArgumentException($"Vilbert: {config.BiNumAttentionHeads} heads do not divide bi_hidden_size {config.BiHiddenSize}",
                nameof(config));

        static void Check(IReadOnlyList<int> places, int layers, string name)
        {
            for (var i = 0; i < places.Count; i++)
                if (places[i] < (i == 0 ? 0 : places[i - 1]) || places[i] > layers)
                    throw new ArgumentException($"Vilbert: {name} [{string.Join(',', places)}] does not rise within {layers} layers",
                        nameof(config));
        }
    }

    /// <summary>What a region is and where it is, added, then normalised.</summary>
    private sealed class RegionEmbedding : Module
    {
        private readonly Linear _features;
        private readonly Linear _locations;
        private readonly LayerNorm _norm;

        public RegionEmbedding(VilbertConfig config, RandomSource random)
        {
            _features = Add("feature_proj", new Linear(config.VFeatureSize, config.VHiddenSize, random));
            _locations = Add("location_proj", new Linear(LocationSize, config.VHiddenSize, random));
            _norm = Add("norm", new LayerNorm(config.VHiddenSize, config.LayerNormEps));
        }

        public Tensor Forward(Tensor features, Tensor locations, Pass pass) =>
            _norm.Forward(pass.Add(_features.Forward(features, pass), _locations.Forward(locations, pass)), pass);
    }
}
