using System.Globalization;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Attention;

/// <summary>Ways to attend other than by softmax over all keys.</summary>
public enum AttentionKind
{
    /// <summary>The keys whose score is among a query's k largest (<see cref="TopKMixer"/>).</summary>
    TopK,

    /// <summary>A square window on the grid of patches (<see cref="LocalMixer"/>).</summary>
    Local,

    /// <summary>The blocks of patches that suit a query best (<see cref="BlockMixer"/>).</summary>
    Block,

    /// <summary>φ(q)·φ(k) in place of the exponential (<see cref="LinearMixer"/>).</summary>
    Linear,

    /// <summary>The neighbours in a graph, by a learned sum in place of a product (<see cref="GraphMixer"/>).</summary>
    Graph,

    /// <summary>All keys, queries and keys normalised (<see cref="QueryKeyNormMixer"/>).</summary>
    QueryKeyNorm,

    /// <summary>The patches that get most of the attention of all queries (<see cref="PruningMixer"/>).</summary>
    Prune,

    /// <summary>All keys, for which the queries compete (<see cref="InvertedMixer"/>).</summary>
    Inverted,

    /// <summary>All keys, queries and keys rotated by their places (<see cref="RotaryMixer"/>).</summary>
    Rotary,
}

/// <summary>A way to attend: what attention to visual tokens can be exchanged for, in any strategy that has one.</summary>
/// <param name="Kind">The way.</param>
/// <param name="Size">Keys, blocks or patches kept, or the radius of a window in patches; not used by linear, inverted and rotary
/// attention and normalisation.</param>
public sealed record AttentionVariant(AttentionKind Kind, int Size)
{
    private static readonly (string Name, AttentionKind Kind, int? Size)[] Named =
    [
        ("topk", AttentionKind.TopK, 16), ("local", AttentionKind.Local, 1), ("block", AttentionKind.Block, 4),
            ("linear", AttentionKind.Linear, null),
        ("graph", AttentionKind.Graph, 1), ("qknorm", AttentionKind.QueryKeyNorm, null), ("prune", AttentionKind.Prune, 16),
        ("inverted", AttentionKind.Inverted, null), ("rotary", AttentionKind.Rotary, null),
    ];

    /// <summary>Where the patches of a view lie; a square when null.</summary>
    public TokenGrid? Grid { get; init; }

    /// <summary>The names <see cref="Parse"/> knows, with the size each has unless another is given.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Named.Select(n => n.Size is { } size ? $"{n.Name}:{size.ToString(CultureInfo.InvariantCulture)}" : n.Name)];

    /// <summary>Reads <c>NAME</c> or <c>NAME:k</c>: <c>topk:16</c>, <c>local:1</c>, <c>linear</c>, …</summary>
    /// <exception cref="ArgumentException">The name is unknown, or k is missing, not a number, too small, or not taken; the message lists
    /// the names.</exception>
    public static AttentionVariant Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(':');
        var known = Named.FirstOrDefault(n => n.Name == parts[0]);
        if (known.Name is null || parts.Length > 2)
            throw new ArgumentException($"no attention is called '{text}'; there are: {string.Join(", ", Names)}", nameof(text));
        if (parts.Length == 1) return new AttentionVariant(known.Kind, known.Size ?? 0);
        if (known.Size is null) throw new ArgumentException($"attention '{known.Name}' takes no number, got '{text}'", nameof(text));
        var variant = int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? new AttentionVariant(known.Kind, size) : null;
        return variant is { IsSound: true } ? variant
            : throw new ArgumentException($"attention '{text}': '{parts[1]}' is not a whole number of at least {Least(known.Kind)}",
                nameof(text));
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => Named.First(n => n.Kind == Kind) is var (name, _, size) && size is null ? name
        : $"{name}:{Size.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Whether the size is one that the way can have.</summary>
    internal bool IsSound => Size >= Least(Kind);

    /// <summary>Makes the part of an attention that mixes values.</summary>
    /// <param name="options">Sizes of the attention.</param>
    /// <param name="random">Source of the first weights.</param>
    /// <exception cref="ShapeException">The size is too small.</exception>
    internal AttentionMixer Create(AttentionOptions options, RandomSource random)
    {
        if (!IsSound) throw new ShapeException("Attention", $"'{this}' needs at least {Least(Kind)}");
        return Kind switch
        {
            AttentionKind.TopK => new TopKMixer(Size),
            AttentionKind.Local => new LocalMixer(Grid, Size),
            AttentionKind.Block => new BlockMixer(Size),
            AttentionKind.Linear => new LinearMixer(),
            AttentionKind.Graph => new GraphMixer(Grid, Size, options, random),
            AttentionKind.QueryKeyNorm => new QueryKeyNormMixer(options.HeadWidth),
            AttentionKind.Inverted => new InvertedMixer(),
            AttentionKind.Rotary => options.HeadWidth is >= 4 and var head && head % 2 == 0 ? new RotaryMixer(Grid, head)
                : throw new ShapeException("Attention", $"'{this}' needs heads of an even width of at least 4, got {options.HeadWidth}"),
            _ => new PruningMixer(Size),
        };
    }

    private static int Least(AttentionKind kind) => kind is AttentionKind.TopK or AttentionKind.Block or AttentionKind.Prune ? 1 : 0;
}
