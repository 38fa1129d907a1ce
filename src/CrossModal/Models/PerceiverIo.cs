using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Models;

// Jaegle et al. 2022, "Perceiver IO: A General Architecture for Structured Inputs & Outputs". Learned latents attend once to the input,
// whatever its length, then to each other, layer after layer, perhaps the same layers again and again; output queries attend to the
// latents. Checked against lucidrains' perceiver-pytorch and Hugging Face's PerceiverModel. Both let the latents attend to all of an input
// alike when all of it is padding; here they then fetch zeros, unless the mask says otherwise (Mask.Uniform).

/// <summary>Which public implementation is followed where they differ.</summary>
internal enum PerceiverLayout
{
    /// <summary>lucidrains' perceiver-pytorch: gated feed-forward networks (GEGLU), no biases in projections but the output's.</summary>
    Lucidrains,

    /// <summary>Hugging Face: feed-forward networks with GELU, biases everywhere.</summary>
    HuggingFace,
}

/// <summary>One kind of attention in a Perceiver.</summary>
/// <param name="Heads">Number of heads.</param>
/// <param name="HeadWidth">Width of a head; need not be a part of the width.</param>
/// <param name="Widening">The feed-forward network is so many times as wide as what it is applied to.</param>
internal sealed record PerceiverAttention(int Heads, int HeadWidth, int Widening)
{
    /// <summary>Another way to attend than softmax over all keys; null for that.</summary>
    public AttentionVariant? Variant { get; init; }

    internal QueryBlockOptions Block(int width, int seen, PerceiverLayout layout) => new(new AttentionOptions(width, Heads)
    {
        Widths = new AttentionWidths { Key = seen, Head = HeadWidth },
        Biases = layout == PerceiverLayout.Lucidrains ? AttentionBiases.Output : AttentionBiases.All,
        Variant = Variant,
    }, Widening * width)
    {
        Gated = layout == PerceiverLayout.Lucidrains,
    };
}

/// <summary>How latents are read out.</summary>
/// <param name="Width">Width of the output queries.</param>
/// <param name="Attention">Their attention to the latents.</param>
internal sealed record PerceiverOutput(int Width, PerceiverAttention Attention)
{
    /// <summary>Number of learned queries; null when queries are given.</summary>
    public int? Queries { get; init; }

    /// <summary>Whether what was fetched is added to the queries.</summary>
    public bool Residual { get; init; }

    /// <summary>Whether a feed-forward network follows.</summary>
    public bool FeedForward { get; init; }

    /// <summary>Width of the result; null for that of the queries, unprojected.</summary>
    public int? Channels { get; init; }
}

/// <summary>The sizes of a Perceiver IO.</summary>
/// <param name="InputWidth">Width of the input's tokens.</param>
/// <param name="Width">Width of the latents.</param>
/// <param name="Latents">Number of latents M.</param>
internal sealed record PerceiverIoOptions(int InputWidth, int Width, int Latents)
{
    /// <summary>Which public implementation is followed.</summary>
    public PerceiverLayout Layout { get; init; }

    /// <summary>How the latents attend to the input.</summary>
    public PerceiverAttention Cross { get; init; } = new(1, 64, 4);

    /// <summary>How the latents attend to each other.</summary>
    public PerceiverAttention Self { get; init; } = new(8, 64, 4);

    /// <summary>Number of different layers over the latents, and how often all of them are run: tied layers are one layer run several
    /// times.</summary>
    public (int Count, int Rounds) Layers { get; init; } = (6, 1);

    /// <summary>How latents are read out; null when they are the result.</summary>
    public PerceiverOutput? Output { get; init; }
}

/// <summary>What a Perceiver IO makes of an input.</summary>
/// <param name="Latents">Latents <c>[B, M, d]</c> after the last layer.</param>
/// <param name="Output">Result <c>[B, Nq, channels]</c>; null when there was no query.</param>
/// <param name="Hidden">Latents after the cross-attention to the input, then after each layer that was run.</param>
internal sealed record PerceiverIoResult(Tensor Latents, Tensor? Output, IReadOnlyList<Tensor> Hidden);

/// <summary>Any input to latents, any queries to outputs.</summary>
internal sealed class PerceiverIo : Module
{
    private readonly PerceiverIoOptions _options;
    private readonly Tensor _latents;
    private readonly QueryBlock _encoder;
    private readonly ModuleList<QueryBlock> _layers;
    private readonly Tensor? _queries;
    private readonly QueryBlock? _decoder;
    private readonly Linear? _head;

    /// <summary>Makes the model.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">Sizes are not positive.</exception>
    public PerceiverIo(PerceiverIoOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        var (width, layout) = (options.Width, options.Layout);
        _latents = AddParameter("latents", Tensor.Normal([options.Latents, width], random,
            layout == PerceiverLayout.Lucidrains ? 1 : 0.02f));
        _encoder = Add("encoder", new QueryBlock(options.Cross.Block(width, options.InputWidth, layout), context: true, random));
        _layers = Add("layers", new ModuleList<QueryBlock>(options.Layers.Count, _ =>
            new QueryBlock(options.Self.Block(width, width, layout), context: false, random)));
        if (options.Output is not { } output) return;
        if (output.Queries is { } count) _queries = AddParameter("queries", Tensor.Normal([count, output.Width], random, 0.02f));
        var block = output.Attention.Block(output.Width, width, layout) with
        {
            Residual = output.Residual,
            FeedForward = output.FeedForward
        };
        _decoder = Add("decoder", new QueryBlock(block, context: true, random));
        if (output.Channels is { } channels) _head = Add("head", new Linear(output.Width, channels, random));
    }

    /// <summary>Runs the model.</summary>
    /// <param name="input">Tokens <c>[B, N, c]</c>.</param>
    /// <param name="mask">Which tokens are real; null when all are.</param>
    /// <param name="queries">Output queries <c>[Nq, dq]</c> or <c>[B, Nq, dq]</c>; null for the learned ones, or none.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Sizes do not fit, or queries are given to a model that has no use for them.</exception>
    public PerceiverIoResult Forward(Tensor input, Mask? mask, Tensor? queries, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        if (input.Shape.Rank != 3 || input.Shape[2] != _options.InputWidth)
            throw new ShapeException("PerceiverIo", $"the input must be [B, N, {_options.InputWidth}], got {input.Shape}");
        var batch = input.Shape[0];
        var x = _encoder.Forward(pass.Expand(_latents, [batch, .. _latents.Shape.Sizes]), input, mask, pass);
        var hidden = new List<Tensor> { x };
        for (var round = 0; round < _options.Layers.Rounds; round++)
            foreach (var layer in _layers) hidden.Add(x = layer.Forward(x, null, null, pass));
        return new PerceiverIoResult(x, Decode(x, queries ?? _queries, pass), hidden);
    }

    private Tensor? Decode(Tensor latents, Tensor? queries, Pass pass)
    {
        if (queries is null) return null;
        if (_decoder is null) throw new ShapeException("PerceiverIo", $"queries {queries.Shape} are given to a model without an output");
        if (queries.Shape.Rank == 2) queries = pass.Expand(queries, [latents.Shape[0], .. queries.Shape.Sizes]);
        var read = _decoder.Forward(queries, latents, null, pass);
        return _head?.Forward(read, pass) ?? read;
    }

    /// <summary>What lucidrains' PerceiverIO calls the parameters; tied layers are stored under every number.</summary>
    public CheckpointNames LucidrainsNames() => new(
        [
            .. LucidrainsBlock("encoder", "cross_attend_blocks.0", "cross_attend_blocks.1"),
                .. LucidrainsBlock("layers.*", "layers.*.0", "layers.*.1"),
            .. LucidrainsBlock("decoder", "decoder_cross_attn", "decoder_ff"), ("head", "to_logits"),
        ])
    {
        Fused = LucidrainsFused,
        Ignored = Copies("layers", _options.Layers.Count, _options.Layers.Rounds),
    };

    /// <summary>What Hugging Face's PerceiverModel calls the parameters.</summary>
    public static CheckpointNames HuggingFaceNames { get; } = new(
        ("feed_forward_norm", "layernorm"), ("feed_forward.fc1", "mlp.dense1"), ("feed_forward.fc2", "mlp.dense2"),
        ("norm", "attention.self.layernorm1"), ("context_norm", "attention.self.layernorm2"),
        ("attn.q_proj", "attention.self.query"), ("attn.k_proj", "attention.self.key"), ("attn.v_proj", "attention.self.value"),
        ("attn.out_proj", "attention.output.dense"),
        ("latents", "embeddings.latents"), ("encoder", "encoder.cross_attention"), ("layers", "encoder.self_attends"),
        ("decoder", "decoder.decoder.decoding_cross_attention"),
            ("queries", "decoder.decoder.output_position_encodings.position_embeddings"),
        ("head", "decoder.decoder.final_layer"))
    {
        Prefix = "perceiver.",
    };

    /// <summary>What lucidrains calls the parts of a block: attention and feed-forward network are two modules, each with a norm of its
    /// own.</summary>
    internal static (string Ours, string Published)[] LucidrainsBlock(string ours, string attention, string feedForward) =>
    [
        ($"{ours}.feed_forward_norm", $"{feedForward}.norm"), ($"{ours}.feed_forward.fc1", $"{feedForward}.fn.net.0"),
        ($"{ours}.feed_forward.fc2", $"{feedForward}.fn.net.2"), ($"{ours}.norm", $"{attention}.norm"),
        ($"{ours}.context_norm", $"{attention}.norm_context"), ($"{ours}.attn.q_proj", $"{attention}.fn.to_q"),
        ($"{ours}.attn.k_proj", $"{attention}.fn.k_proj"), ($"{ours}.attn.v_proj", $"{attention}.fn.v_proj"),
            ($"{ours}.attn.out_proj", $"{attention}.fn.to_out"),
    ];

    /// <summary>Keys and values are one matrix.</summary>
    internal static (string Published, string[] Ours)[] LucidrainsFused => [("to_kv", ["k_proj", "v_proj"])];

    /// <summary>The further names of layers that are run several times.</summary>
    internal static string[] Copies(string list, int count, int rounds) =>
        [.. Enumerable.Range(count, count * (rounds - 1)).Select(i => $"{list}.{i}")];
}
