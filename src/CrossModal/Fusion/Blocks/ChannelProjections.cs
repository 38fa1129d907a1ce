using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Fusion;

/// <summary>A linear layer for each of several named channels, in the order of their names.</summary>
internal sealed class ChannelProjections : Module
{
    private readonly Dictionary<string, Linear> _layers = [];

    public ChannelProjections(IReadOnlyDictionary<string, int> channels, int width, RandomSource random)
    {
        foreach (var name in Names(channels, "ChannelProjections")) _layers[name] = Add(name, new Linear(channels[name], width, random));
    }

    /// <summary>The names of channels in their order.</summary>
    /// <exception cref="ShapeException">There is no channel.</exception>
    public static IReadOnlyList<string> Names(IReadOnlyDictionary<string, int> channels, string who)
    {
        ArgumentNullException.ThrowIfNull(channels);
        return channels.Count > 0 ? [.. channels.Keys.Order(StringComparer.Ordinal)]
            : throw new ShapeException(who, "there is no channel to fuse");
    }

    /// <summary>The features of channels in their order, checked: each <c>[B, width]</c>.</summary>
    /// <exception cref="ShapeException">A channel is missing or unknown, or has another width.</exception>
    public static Tensor[] Ordered(IReadOnlyDictionary<string, Tensor> features, IReadOnlyDictionary<string, int> channels, string who)
    {
        ArgumentNullException.ThrowIfNull(features);
        var names = Names(channels, who);
        if (features.Count != names.Count || names.Any(n => !features.ContainsKey(n)))
            throw new ShapeException(who,
                $"fuses the channels {string.Join(", ", names)}, got {string.Join(", ", features.Keys.Order(StringComparer.Ordinal))}");
        foreach (var name in names)
        {
            if (features[name].Shape is not { Rank: 2 } shape || shape[1] != channels[name])
                throw new ShapeException(who, $"channel '{name}' must be [B, {channels[name]}], got {features[name].Shape}");
        }

        return [.. names.Select(n => features[n])];
    }

    public Tensor Forward(string channel, Tensor features, Pass pass) => _layers[channel].Forward(features, pass);
}
