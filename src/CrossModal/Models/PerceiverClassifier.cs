using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Models;

// Jaegle et al. 2021, "Perceiver: General Perception with Iterative Attention". Learned latents attend to the input again and again, with
// layers over the latents between; layers after the first may share their weights. The mean latent is classified. Positions are Fourier
// features beside the channels. Checked against lucidrains' perceiver-pytorch, which lets the latents attend to all of a sample alike when
// all of it is padding; here they then fetch zeros, unless the mask says otherwise (Mask.Uniform).

/// <summary>How often latents attend to the input, and what lies between.</summary>
/// <param name="Depth">How often they attend to the input.</param>
/// <param name="SelfLayers">Layers over the latents after each cross-attention.</param>
/// <param name="Tied">Whether all cross-attentions after the first, and what follows them, share their weights.</param>
internal sealed record PerceiverDepth(int Depth, int SelfLayers = 1, bool Tied = false);

/// <summary>The sizes of a Perceiver.</summary>
/// <param name="Channels">Channels of the input, without its positions.</param>
/// <param name="Width">Width of the latents.</param>
/// <param name="Latents">Number of latents M.</param>
/// <param name="Depth">How often latents attend to the input.</param>
internal sealed record PerceiverOptions(int Channels, int Width, int Latents, PerceiverDepth Depth)
{
    /// <summary>How the latents attend to the input.</summary>
    public PerceiverAttention Cross { get; init; } = new(1, 64, 4);

    /// <summary>How the latents attend to each other.</summary>
    public PerceiverAttention Self { get; init; } = new(8, 64, 4);

    /// <summary>Positions put beside the channels; null when the input has them.</summary>
    public FourierPositions? Positions { get; init; }

    /// <summary>Number of classes; null when the latents are the result.</summary>
    public int? Classes { get; init; }
}

/// <summary>What a Perceiver makes of an input.</summary>
/// <param name="Latents">Latents <c>[B, M, d]</c>.</param>
/// <param name="Logits">A score for each class, <c>[B, classes]</c>; null when there are no classes.</param>
internal sealed record PerceiverResult(Tensor Latents, Tensor? Logits);

/// <summary>Latents that attend to an input again and again, and a class from their mean.</summary>
internal sealed class PerceiverClassifier : Module
{
    private readonly PerceiverOptions _options;
    private readonly Tensor _latents;
    private readonly ModuleList<Layer> _layers;
    private readonly LayerNorm? _norm;
    private readonly Linear? _head;

    /// <summary>Makes the model.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="random">Source of the first weights.</param>
    public PerceiverClassifier(PerceiverOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _latents = AddParameter("latents", Tensor.Normal([options.Latents, options.Width], random));
        var different = options.Depth.Tied ? Math.Min(2, options.Depth.Depth) : options.Depth.Depth;
        _layers = Add("layers", new ModuleList<Layer>(different, _ => new Layer(options, random)));
        if (options.Classes is not { } classes) return;
        _norm = Add("head_norm", new LayerNorm(options.Width));
        _head = Add("head", new Linear(options.Width, classes, random));
    }

    /// <summary>Runs the model.</summary>
    /// <param name="input">Tokens <c>[B, N, channels]</c>; of a grid, row by row.</param>
    /// <param name="mask">Which tokens are real; null when all are.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">Sizes do not fit.</exception>
    public PerceiverResult Forward(Tensor input, Mask? mask, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(pass);
        if (input.Shape.Rank != 3 || input.Shape[2] != _options.Channels)
            throw new ShapeException("PerceiverClassifier", $"the input must be [B, N, {_options.Channels}], got {input.Shape}");
        var seen = _options.Positions?.Forward(input, pass) ?? input;
        var x = pass.Expand(_latents, [input.Shape[0], .. _latents.Shape.Sizes]);
        for (var i = 0; i < _options.Depth.Depth; i++) x = _layers[Math.Min(i, _layers.Count - 1)].Forward(x, seen, mask, pass);
        return new PerceiverResult(x, _head?.Forward(_norm!.Forward(pass.Mean(x, axis: 1), pass), pass));
    }

    /// <summary>What lucidrains' Perceiver calls the parameters; tied layers are stored under every number.</summary>
    public CheckpointNames LucidrainsNames() => new(
        [
            .. PerceiverIo.LucidrainsBlock("layers.*.cross", "layers.*.0", "layers.*.1"),
            .. PerceiverIo.LucidrainsBlock("layers.*.self.*", "layers.*.2.*.0", "layers.*.2.*.1"), ("head_norm", "to_logits.1"),
                ("head", "to_logits.2"),
        ])
    {
        Fused = PerceiverIo.LucidrainsFused,
        Ignored = [.. Enumerable.Range(0, _options.Depth.Depth).Skip(_layers.Count)
            .Select(i => $"layers.{i}")],
    };

    /// <summary>Cross-attention to the input, then layers over the latents.</summary>
    private sealed class Layer : Module
    {
        private readonly QueryBlock _cross;
        private readonly ModuleList<QueryBlock> _self;

        public Layer(PerceiverOptions options, RandomSource random)
        {
            var seen = options.Channels + (options.Positions?.Width ?? 0);
            _cross = Add("cross", new QueryBlock(options.Cross.Block(options.Width, seen, PerceiverLayout.Lucidrains), context: true,
                random));
            _self = Add("self", new ModuleList<QueryBlock>(options.Depth.SelfLayers,
                _ => new QueryBlock(options.Self.Block(options.Width, options.Width, PerceiverLayout.Lucidrains), context: false, random)));
        }

        public Tensor Forward(Tensor latents, Tensor input, Mask? mask, Pass pass)
        {
            var x = _cross.Forward(latents, input, mask, pass);
            foreach (var layer in _self) x = layer.Forward(x, null, null, pass);
            return x;
        }
    }
}
