using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;

namespace CrossModal.Attention;

/// <summary>What each query may attend to. True means "may be attended", everywhere; a row in which nothing may be attended gives
/// zeros.</summary>
/// <remarks>Held as numbers added to the scores, −∞ where nothing may be attended, <c>[B or 1, H or 1, Nq or 1, Nk]</c>, so that boolean
/// and additive masks are one thing and a mask can be an input of a recorded pass. Other libraries: PyTorch's boolean masks say true =
/// ignore (<see cref="FromIgnored(bool[,])"/>); Hugging Face and Perceiver say true = attend.</remarks>
public sealed class Mask
{
    private Mask(Tensor scores, Tensor? scored = null) => (Scores, Scored) = (scores, scored);

    /// <summary>What is added to the scores, <c>[B or 1, H or 1, Nq or 1, Nk]</c>.</summary>
    public Tensor Scores { get; }

    /// <summary>1 for a query whose scores count, 0 for one that attends to every key equally, <c>[B or 1, Nq or 1, 1]</c>; null when all
    /// count.</summary>
    internal Tensor? Scored { get; }

    /// <summary>Number of keys Nk.</summary>
    public int Keys => Scores.Shape[3];

    /// <summary>A mask of numbers added to the scores.</summary>
    /// <param name="scores"><c>[Nq, Nk]</c> for all samples and heads, or <c>[B or 1, H or 1, Nq or 1, Nk]</c>; −∞ forbids.</param>
    /// <exception cref="ShapeException">Another number of axes, or a value is NaN or +∞.</exception>
    public static Mask Additive(Tensor scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        foreach (var score in scores.Span)
            if (float.IsNaN(score) || float.IsPositiveInfinity(score)) throw new ShapeException("Mask", $"scores contain {score}");
        return scores.Shape.Rank switch
        {
            4 => new Mask(scores),
            2 => new Mask(scores.View([1, 1, scores.Shape[0], scores.Shape[1]])),
            _ => throw new ShapeException("Mask", $"needs [Nq, Nk] or [B, H, Nq, Nk], got {scores.Shape}"),
        };
    }

    /// <summary>A mask of yes and no.</summary>
    /// <param name="allowed">True where a query may attend to a key, row-major in <paramref name="shape"/>.</param>
    /// <param name="shape"><c>[B or 1, H or 1, Nq or 1, Nk]</c>.</param>
    /// <exception cref="ShapeException">The number of values is not that of the shape, or the shape does not have four axes.</exception>
    public static Mask Allowed(ReadOnlySpan<bool> allowed, Shape shape)
    {
        if (shape.Rank != 4 || allowed.Length != shape.Length)
            throw new ShapeException("Mask", $"{allowed.Length} values do not fill {shape} with four axes");
        var scores = Tensor.Zeros(shape);
        for (var i = 0; i < allowed.Length; i++) scores.Span[i] = Score(allowed[i]);
        return new Mask(scores);
    }

    /// <summary>The same for all samples and heads.</summary>
    /// <param name="allowed"><c>[Nq, Nk]</c>, true where a query may attend to a key.</param>
    public static Mask Allowed(bool[,] allowed)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        return Allowed(Flatten(allowed), [1, 1, allowed.GetLength(0), allowed.GetLength(1)]);
    }

    /// <summary>Which tokens of each sample are real.</summary>
    /// <param name="real"><c>[B, Nk]</c>, true for a token, false for padding.</param>
    public static Mask KeyPadding(bool[,] real)
    {
        ArgumentNullException.ThrowIfNull(real);
        return Allowed(Flatten(real), [real.GetLength(0), 1, 1, real.GetLength(1)]);
    }

    /// <summary>The first tokens of each sample are real.</summary>
    /// <param name="lengths">Number of real tokens of each sample.</param>
    /// <param name="keys">Number of tokens with padding, Nk.</param>
    /// <exception cref="ShapeException">A length is negative or more than <paramref name="keys"/>.</exception>
    public static Mask Lengths(ReadOnlySpan<int> lengths, int keys)
    {
        var real = new bool[lengths.Length, keys];
        for (var b = 0; b < lengths.Length; b++)
        {
            if (lengths[b] < 0 || lengths[b] > keys)
                throw new ShapeException("Mask", $"length {lengths[b]} of sample {b} is not in 0 … {keys}");
            for (var j = 0; j < lengths[b]; j++) real[b, j] = true;
        }

        return KeyPadding(real);
    }

    /// <summary>Query i may attend to keys 0 … i.</summary>
    public static Mask Causal(int tokens)
    {
        var allowed = new bool[tokens, tokens];
        for (var i = 0; i < tokens; i++)
            for (var j = 0; j <= i; j++) allowed[i, j] = true;
        return Allowed(allowed);
    }

    /// <summary>A padding mask of the opposite polarity, as PyTorch's key_padding_mask.</summary>
    /// <param name="ignored"><c>[B, Nk]</c>, true for padding.</param>
    public static Mask FromIgnored(bool[,] ignored)
    {
        ArgumentNullException.ThrowIfNull(ignored);
        return FromIgnored(Flatten(ignored), [ignored.GetLength(0), 1, 1, ignored.GetLength(1)]);
    }

    /// <summary>A mask of the opposite polarity, as PyTorch's boolean attn_mask.</summary>
    /// <param name="ignored">True where a query may not attend to a key.</param>
    /// <param name="shape"><c>[B or 1, H or 1, Nq or 1, Nk]</c>.</param>
    public static Mask FromIgnored(ReadOnlySpan<bool> ignored, Shape shape)
    {
        var allowed = new bool[ignored.Length];
        for (var i = 0; i < allowed.Length; i++) allowed[i] = !ignored[i];
        return Allowed(allowed, shape);
    }

    /// <summary>The same mask, but for some queries that attend to every key equally, whatever the scores.</summary>
    /// <remarks>What published implementations give where nothing may be attended, because they fill what is forbidden with a very low
    /// number: Flamingo for text before the first medium, the Perceiver for a sample of padding. Here such a row is zeros unless this is
    /// asked for. The scores of such a query get no gradient.</remarks>
    /// <param name="queries"><c>[B or 1, Nq or 1]</c>, true for a query that attends to all keys equally.</param>
    public Mask Uniform(bool[,] queries)
    {
        ArgumentNullException.ThrowIfNull(queries);
        var (batch, count) = (queries.GetLength(0), queries.GetLength(1));
        var (heads, keys) = (Scores.Shape[1], Keys);
        if ((Scores.Shape[0] != batch && Scores.Shape[0] != 1 && batch != 1)
            || (Scores.Shape[2] != count && Scores.Shape[2] != 1 && count != 1))
            throw new ShapeException("Mask", $"[{batch},{count}] queries are not those of a mask {Scores.Shape}");
        var scores = Tensor.Zeros([Math.Max(batch, Scores.Shape[0]), heads, Math.Max(count, Scores.Shape[2]), keys]);
        for (var row = 0; row < scores.Shape.Length / keys; row++)
        {
            var (b, h, i) = (row / scores.Shape[2] / heads, row / scores.Shape[2] % heads, row % scores.Shape[2]);
            if (queries[b % batch, i % count]) continue;
            var from = ((b % Scores.Shape[0] * heads + h) * Scores.Shape[2] + i % Scores.Shape[2]) * keys;
            Scores.Span.Slice(from, keys).CopyTo(scores.Span[(row * keys)..]);
        }

        return new Mask(scores, Tensor.From([.. queries.Cast<bool>().Select(uniform => uniform ? 0f : 1f)], [batch, count, 1]));
    }

    /// <summary>Both masks at once: what either forbids is forbidden, scores add up. Null stands for no mask.</summary>
    public static Mask? Both(Mask? first, Mask? second, Pass pass) => (first, second) switch
    {
        (null, _) => second,
        (_, null) => first,
        ({ Scored: null }, { Scored: null }) => new Mask(pass.Add(first.Scores, second.Scores)),
        _ => throw new ShapeException("Mask", "queries that attend to every key equally cannot be restricted by another mask"),
    };

    /// <summary>The padding mask of token sequences joined end to end; null when none has a mask.</summary>
    /// <param name="parts">For each sequence its mask, or null, its batch size and its length.</param>
    /// <param name="pass">The pass.</param>
    public static Mask? Join(IReadOnlyList<(Mask? Mask, int Batch, int Length)> parts, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.All(p => p.Mask is null)) return null;
        var scores = parts.Select(p => p.Mask is { } mask
            ? mask.Scores.Shape == [p.Batch, 1, 1, p.Length] ? mask.Scores : pass.Expand(mask.Scores, [p.Batch, 1, 1, p.Length])
            : Tensor.Zeros([p.Batch, 1, 1, p.Length])).ToArray();
        return new Mask(scores.Length == 1 ? scores[0] : pass.Concat(3, scores));
    }

    /// <summary>1 for a token that is real, 0 for padding, of a padding mask: <c>[B, N, 1]</c>.</summary>
    /// <exception cref="ShapeException">This is not a padding mask.</exception>
    public Tensor Presence(Pass pass)
    {
        if (Scores.Shape[1] != 1 || Scores.Shape[2] != 1)
            throw new ShapeException("Mask", $"{Scores.Shape} is not a padding mask [B, 1, 1, N]");
        return pass.Exp(pass.Reshape(Scores, [Scores.Shape[0], Keys, 1]));
    }

    /// <summary>A mask whose scores were checked before, or are yet to be computed.</summary>
    internal static Mask OfScores(Tensor scores) => new(scores);

    /// <summary>A padding mask from presence, 1 for a real token and 0 for padding, <c>[B, N, 1]</c> or <c>[B, N]</c>.</summary>
    internal static Mask FromPresence(Tensor presence, Pass pass) =>
        new(pass.Reshape(pass.Log(presence), [presence.Shape[0], 1, 1, presence.Shape[1]]));

    private static float Score(bool allowed) => allowed ? 0 : float.NegativeInfinity;

    private static bool[] Flatten(bool[,] values) => values.Cast<bool>().ToArray();
}
