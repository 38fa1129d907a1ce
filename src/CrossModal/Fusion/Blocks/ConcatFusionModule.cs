using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>Channels side by side, in the order of their names, and a linear layer over all (torchmultimodal's module of this
/// name).</summary>
internal sealed class ConcatFusionModule : Module
{
    private readonly IReadOnlyDictionary<string, int> _channels;
    private readonly Linear? _projection;

    /// <summary>Makes the module.</summary>
    /// <param name="channels">Names and widths of the channels.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="width">Width of the result; null for the channels as they are.</param>
    /// <exception cref="ShapeException">There is no channel.</exception>
    public ConcatFusionModule(IReadOnlyDictionary<string, int> channels, RandomSource random, int? width)
    {
        var names = ChannelProjections.Names(channels, "ConcatFusionModule");
        _channels = channels;
        if (width is { } given) _projection = Add("projection", new Linear(names.Sum(n => channels[n]), given, random));
    }

    /// <summary>The fused features, <c>[B, width]</c>.</summary>
    /// <param name="features">Of each channel, <c>[B, its width]</c>.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">A channel is missing or unknown, or has another width.</exception>
    public Tensor Forward(IReadOnlyDictionary<string, Tensor> features, Pass pass)
    {
        var joined = pass.Concat(1, ChannelProjections.Ordered(features, _channels, "ConcatFusionModule"));
        return _projection?.Forward(joined, pass) ?? joined;
    }
}
