using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>A weighted sum of channels, each projected to a common width; all channels together decide the weights (torchmultimodal's
/// module of this name).</summary>
internal sealed class AttentionFusionModule : Module
{
    private readonly IReadOnlyDictionary<string, int> _channels;
    private readonly Linear _weigh;
    private readonly ChannelProjections _projections;

    /// <summary>Makes the module.</summary>
    /// <param name="channels">Names and widths of the channels.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <param name="width">The common width; the least of the channels' when null.</param>
    /// <exception cref="ShapeException">There is no channel.</exception>
    public AttentionFusionModule(IReadOnlyDictionary<string, int> channels, RandomSource random, int? width = null)
    {
        var names = ChannelProjections.Names(channels, "AttentionFusionModule");
        _channels = channels;
        _weigh = Add("weigh", new Linear(names.Sum(n => channels[n]), names.Count, random));
        _projections = Add("projections", new ChannelProjections(channels, width ?? channels.Values.Min(), random));
    }

    /// <summary>What torchmultimodal calls the parameters.</summary>
    public static CheckpointNames Names { get; } = new(("weigh", "attention.0"), ("projections", "encoding_projection"));

    /// <summary>The fused features <c>[B, width]</c> and the weights <c>[B, channels]</c>, channels in the order of their names.</summary>
    /// <param name="features">Of each channel, <c>[B, its width]</c>.</param>
    /// <param name="pass">The pass.</param>
    /// <exception cref="ShapeException">A channel is missing or unknown, or has another width.</exception>
    public (Tensor Fused, Tensor Weights) Forward(IReadOnlyDictionary<string, Tensor> features, Pass pass)
    {
        var ordered = ChannelProjections.Ordered(features, _channels, "AttentionFusionModule");
        var names = ChannelProjections.Names(_channels, "AttentionFusionModule");
        var weights = pass.Softmax(_weigh.Forward(pass.Concat(1, ordered), pass));
        var parts = names.Select((name, i) => pass.Multiply(_projections.Forward(name, ordered[i], pass), pass.Slice(weights, 1, i, 1)));
        return (parts.Aggregate((a, b) => pass.Add(a, b)), weights);
    }
}
