using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>How the channels of a set become one.</summary>
internal enum SetPooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their largest element, for each feature.</summary>
    Max,

    /// <summary>Their least element, for each feature.</summary>
    Min,

    /// <summary>Their sum.</summary>
    Sum,
}

/// <summary>What can be chosen about a fusion of a set.</summary>
/// <param name="Width">Width of the result.</param>
internal sealed record DeepsetOptions(int Width)
{
    /// <summary>How channels become one.</summary>
    public SetPooling Pooling { get; init; }

    /// <summary>Whether channels are projected to the least of their widths; without, their widths must be equal.</summary>
    public bool Projected { get; init; } = true;

    /// <summary>Whether a small network weighs the channels.</summary>
    public bool Weighed { get; init; }

    /// <summary>Width inside that network; half the channels' width when null.</summary>
    public int? WeighingWidth { get; init; }

    /// <summary>Whether features are normalised over the channels instead of each channel over its features.</summary>
    public bool AcrossChannels { get; init; }
}

/// <summary>Channels as a set: projected to one width, perhaps weighed, brought to unit length, pooled, and a linear layer
/// (Zaheer et al. 2017, Deep Sets, as torchmultimodal's module of this name).</summary>
internal sealed class DeepsetFusionModule : Module
{
    private readonly IReadOnlyDictionary<string, int> _channels;
    private readonly DeepsetOptions _options;
    private readonly ChannelProjections? _projections;
    private readonly Linear? _weighFirst;
    private readonly Linear? _weighSecond;
    private readonly Linear _output;

    /// <summary>Makes the module.</summary>
    /// <param name="channels">Names and widths of the channels.</param>
    /// <param name="options">Sizes and choices.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">There is no channel, or widths differ and are not projected.</exception>
    public DeepsetFusionModule(IReadOnlyDictionary<string, int> channels, DeepsetOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ChannelProjections.Names(channels, "DeepsetFusionModule");
        (_channels, _options) = (channels, options);
        var width = channels.Values.Min();
        if (options.Projected) _projections = Add("projections", new ChannelProjections(channels, width, random));
        else if (channels.Values.Any(w => w != width))
            throw new ShapeException("DeepsetFusionModule", $"widths {string.Join(", ", channels.Values)} differ and are not projected");
        if (options.Weighed)
        {
            var inner = options.WeighingWidth ?? Math.Max(1, width / 2);
            _weighFirst = Add("weigh_first", new Linear(width, inner, random));
            _weighSecond = Add("weigh_second", new Linear(inner, 1, random));
        }

        _output = Add("output", new Linear(width, options.Width, random));
    }

    /// <summary>What torchmultimodal calls the parameters.</summary>
    public static CheckpointNames Names { get; } = new(("weigh_first", "attention.0"), ("weigh_second", "attention.2"), ("output", "mlp"));

    /// <summary>The fused features, <c>[B, width]</c>.</summary>
    /// <param name="features">Of each channel, <c>[B, its width]</c>.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">A channel is missing or unknown, or has another width.</exception>
    public Tensor Forward(IReadOnlyDictionary<string, Tensor> features, Pass pass)
    {
        var names = ChannelProjections.Names(_channels, "DeepsetFusionModule");
        var parts = ChannelProjections.Ordered(features, _channels, "DeepsetFusionModule").Select((part, i) =>
        {
            var projected = _projections?.Forward(names[i], part, pass) ?? part;
            return pass.Reshape(projected, [projected.Shape[0], 1, projected.Shape[1]]);
        });
        var set = pass.Concat(1, [.. parts]); // [B, channels, d]
        if (_weighFirst is not null)
            set = pass.Multiply(set, pass.Softmax(_weighSecond!.Forward(pass.Tanh(_weighFirst.Forward(set, pass)), pass), axis: 1));
        set = _options.AcrossChannels ? pass.Transpose(pass.L2Normalize(pass.Transpose(set, 1, 2)), 1, 2) : pass.L2Normalize(set);
        return _output.Forward(Pool(set, pass), pass);
    }

    private Tensor Pool(Tensor set, Pass pass) => _options.Pooling switch
    {
        SetPooling.Max => pass.Max(set, axis: 1),
        SetPooling.Min => pass.Scale(pass.Max(pass.Scale(set, -1), axis: 1), -1),
        SetPooling.Sum => pass.Sum(set, axis: 1),
        _ => pass.Mean(set, axis: 1),
    };
}
