using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;

namespace CrossModal.Models;

// Alayrac et al. 2022, "Flamingo: a Visual Language Model for Few-Shot Learning". Frames of media become a few latents
// (PerceiverResampler); before every n-th layer of a language model, words attend to the latents of the media before them through gates
// that start closed (GatedCrossAttention). The language model is the caller's and stays as it is: published checkpoints hold what is here.
// Checked against open_flamingo and lucidrains' flamingo-pytorch. They let a word with nothing to attend to attend to all media alike, but
// for words before the first medium when only the last medium counts; here such a word fetches zeros, unless its mask says otherwise
// (Mask.Uniform).

/// <summary>The sizes of a Flamingo.</summary>
/// <param name="Width">Width d of the language model's tokens.</param>
/// <param name="LanguageLayers">Number of the language model's layers.</param>
/// <param name="Resampler">Sizes of the resampler; its width is that of the visual tokens.</param>
internal sealed record FlamingoOptions(int Width, int LanguageLayers, ResamplerOptions Resampler)
{
    /// <summary>Words attend to media before every so-many-th layer.</summary>
    public int EveryLayers { get; init; } = 1;

    /// <summary>Number of heads with which words attend to media.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Width of such a head.</summary>
    public int HeadWidth { get; init; } = 64;

    /// <summary>Width inside the blocks' feed-forward networks.</summary>
    public int Hidden { get; init; } = 4 * Width;

    /// <summary>Which of the media before it a word attends to.</summary>
    public MediaAttention Attention { get; init; } = MediaAttention.Immediate;
}

/// <summary>What gives a language model visual input: a resampler, and gated cross-attention before its layers.</summary>
internal sealed class Flamingo : Module
{
    private readonly FlamingoOptions _options;
    private readonly PerceiverResampler _resampler;
    private readonly ModuleList<GatedCrossAttention> _blocks;

    /// <summary>Makes the model.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">No layer of the language model would be preceded by a block.</exception>
    public Flamingo(FlamingoOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.EveryLayers <= 0 || options.LanguageLayers < options.EveryLayers)
            throw new ShapeException("Flamingo", $"a block before every {options.EveryLayers} of {options.LanguageLayers} layers is none");
        _options = options;
        _resampler = Add("resampler", new PerceiverResampler(options.Resampler, random));
        var block = new GatedCrossAttentionOptions(options.Width, options.Resampler.Width)
        {
            Heads = options.Heads,
            HeadWidth = options.HeadWidth,
            Hidden = options.Hidden,
        };
        _blocks = Add("blocks", new ModuleList<GatedCrossAttention>(options.LanguageLayers / options.EveryLayers, _ =>
            new GatedCrossAttention(block, random)));
    }

    /// <summary>Runs the language model with media in its text.</summary>
    /// <param name="text">Embedded words <c>[B, Nl, d]</c>.</param>
    /// <param name="media">Tokens of the frames of media, <c>[B, T, F, N, dm]</c>.</param>
    /// <param name="locations"><c>[B, Nl]</c>, true for the word at which the next medium stands.</param>
    /// <param name="layer">A layer of the language model: its number and words, to words.</param>
    /// <param name="pass">The pass.</param>
    /// <returns>Words <c>[B, Nl, d]</c> after the last layer.</returns>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public Tensor Forward(Tensor text, Tensor media, bool[,] locations, Func<int, Tensor, Tensor> layer, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(locations);
        ArgumentNullException.ThrowIfNull(layer);
        if (text.Shape.Rank != 3 || locations.GetLength(0) != text.Shape[0] || locations.GetLength(1) != text.Shape[1])
            throw new ShapeException("Flamingo",
                $"[{locations.GetLength(0)},{locations.GetLength(1)}] locations are not those of text {text.Shape}");
        var latents = _resampler.Forward(media, pass); // [B, T, M, dm]
        var (count, tokens) = (latents.Shape[1], latents.Shape[2]);
        var seen = pass.Reshape(latents, [latents.Shape[0], count * tokens, latents.Shape[3]]); // [B, T·M, dm]
        var mask = MediaMask.Of(locations, count, tokens, _options.Attention);
        for (var i = 0; i < _options.LanguageLayers; i++)
        {
            if (BlockBefore(i) is { } block) text = _blocks[block].Forward(text, seen, mask, pass);
            text = layer(i, text);
        }

        return text;
    }

    /// <summary>The number of the block before a layer of the language model, or null.</summary>
    private int? BlockBefore(int layer) => (layer + 1) % _options.EveryLayers == 0 ? layer / _options.EveryLayers : null;

    /// <summary>The names of a checkpoint of open_flamingo, which calls a block by the number of the layer it stands before.</summary>
    public CheckpointNames OpenFlamingoNames() => new(
    [
        .. Enumerable.Range(0, _blocks.Count).Select(i => ($"blocks.{i}",
            $"lang_encoder.gated_cross_attn_layers.{(i + 1) * _options.EveryLayers - 1}")),
        ("resampler", "perceiver"), ("media_embeddings", "media_time_embs"), .. ResamplerRules, .. BlockRules,
    ])
    { Fused = KeysAndValues };

    /// <summary>The names of open_flamingo's resampler.</summary>
    public static CheckpointNames OpenFlamingoResampler { get; } =
        new([("media_embeddings", "media_time_embs"), .. ResamplerRules]) { Fused = KeysAndValues };

    /// <summary>The names of the resampler of lucidrains' flamingo-pytorch.</summary>
    public static CheckpointNames LucidrainsResampler { get; } =
        new([("media_embeddings", "media_pos_emb"), .. ResamplerRules]) { Fused = KeysAndValues };

    /// <summary>The names of a gated cross-attention block, and of the cross-attention in it, in both.</summary>
    public static CheckpointNames GatedBlock { get; } = new(BlockRules) { Fused = KeysAndValues };

    private static (string Ours, string Published)[] ResamplerRules =>
    [
        ("frame_embeddings", "frame_embs"), ("layers.*.media_norm", "layers.*.0.norm_media"),
            ("layers.*.latent_norm", "layers.*.0.norm_latents"),
        ("layers.*.attn.q_proj", "layers.*.0.to_q"), ("layers.*.attn.out_proj", "layers.*.0.to_out"), ("layers.*.attn", "layers.*.0"),
        ("layers.*.feed_forward_norm", "layers.*.1.0"), ("layers.*.feed_forward.fc1", "layers.*.1.1"),
            ("layers.*.feed_forward.fc2", "layers.*.1.3"),
    ];

    private static (string Ours, string Published)[] BlockRules =>
    [
        ("attention.q_proj", "to_q"), ("attention.out_proj", "to_out"), ("attention.k_proj", "k_proj"), ("attention.v_proj", "v_proj"),
        ("feed_forward_norm", "ff.0"), ("feed_forward.fc1", "ff.1"), ("feed_forward.fc2", "ff.3"),
    ];

    private static (string Published, string[] Ours)[] KeysAndValues => [("to_kv", ["k_proj", "v_proj"])];
}
