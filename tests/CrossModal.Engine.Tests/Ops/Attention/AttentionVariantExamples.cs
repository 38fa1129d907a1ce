using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;
using static CrossModal.Engine.Tests.Ops.Operand;

namespace CrossModal.Engine.Tests.Ops;

/// <summary>Examples of the operations that attend in another way, and of those that keep, gather and merge tokens.</summary>
internal static class AttentionVariantExamples
{
    private const float No = float.NegativeInfinity;

    public static IEnumerable<Example> All() => [.. Sparse(), .. Linear(), .. Inverted(), .. Graph(), .. Pruned(), .. Tokens()];

    private static IEnumerable<Example> Sparse()
    {
        var plain = new AttendingOptions();
        var masked = Of([2, 1, 1, 12], 0, No, 0.5f, 0, 0, No, 0, 0, 1, 0, 0, 0, No, No, No, No, No, No, No, No, No, No, No, No);
        foreach (var options in new[] { plain, plain with { WithWeights = true }, plain with { Dropout = 0.4f, Seed = 5 },
            plain with { Scale = 0.3f } })
        {
            yield return new Example(new TopKAttentionOp(2, 3, options), Any([1, 2, 8], 23), K(1, 9, 8), V(1, 9, 6));
            yield return new Example(new LocalAttentionOp(2, new KeyLayout(0, 3, 4), 1, own: true, options), Q(2, 12, 8), K(2, 12, 8),
                V(2, 12, 8));
            yield return new Example(new LocalAttentionOp(2, new KeyLayout(0, 3, 4), 1, own: false, options), Q(2, 2, 8), K(2, 12, 8),
                V(2, 12, 8));
            yield return new Example(new BlockSparseAttentionOp(2, 2, 3, 1, options), Q(2, 3, 8), K(2, 12, 8), V(2, 12, 8));
        }

        yield return new Example(new TopKAttentionOp(2, 3, plain), Any([2, 2, 8], 22), K(2, 12, 8), V(2, 12, 6), masked);
        yield return new Example(new TopKAttentionOp(1, 2, plain), Q(1, 3, 4), K(1, 3, 4), V(1, 3, 4),
            Of([1, 1, 3, 3], 0, No, 0.5f, No, No, 1, No, No, No));
        yield return new Example(new LocalAttentionOp(2, new KeyLayout(3, 3, 3), 1, own: true, plain), Q(2, 12, 8), K(2, 12, 8),
            V(2, 12, 8), masked);
        yield return new Example(new LocalAttentionOp(2, new KeyLayout(4, 2, 2), 0, own: false, plain), Q(2, 3, 8), K(2, 12, 8),
            V(2, 12, 8), masked);
        yield return new Example(new BlockSparseAttentionOp(2, 1, 4, 0, plain), Q(2, 3, 8), K(2, 12, 8), V(2, 12, 8), masked);
    }

    private static IEnumerable<Example> Linear()
    {
        var options = new AttendingOptions();
        yield return new Example(new LinearAttentionOp(1, options), Smooth(1, 1, 1), Smooth(1, 1, 1, 4), V(1, 1, 1));
        yield return new Example(new LinearAttentionOp(2, options), Smooth(2, 3, 6), Smooth(2, 5, 6, 4), V(2, 5, 8));
        yield return new Example(new LinearAttentionOp(3, options with { WithWeights = true }), Smooth(1, 2, 15), Smooth(1, 7, 15, 4),
            V(1, 7, 9));
        yield return new Example(new LinearAttentionOp(2, options), Smooth(2, 3, 8), Smooth(2, 3, 8, 4), V(2, 3, 4),
            Of([2, 1, 1, 3], 0, No, 0.5f, -1, 0, No));
        yield return new Example(new LinearAttentionOp(2, options), Smooth(1, 2, 4), Smooth(1, 3, 4, 4), V(1, 3, 4),
            Of([1, 2, 1, 3], 0, 0.3f, No, 0.5f, 0, 0));
        yield return new Example(new LinearAttentionOp(2, options), Smooth(1, 2, 4), Smooth(1, 3, 4, 4), V(1, 3, 4),
            Of([1, 1, 1, 3], No, No, No));
    }

    private static IEnumerable<Example> Inverted()
    {
        var options = new AttendingOptions();
        yield return new Example(new InvertedAttentionOp(1, options), Q(1, 1, 1), K(1, 1, 1), V(1, 1, 1));
        yield return new Example(new InvertedAttentionOp(2, options), Q(2, 3, 6), K(2, 5, 6), V(2, 5, 8));
        yield return new Example(new InvertedAttentionOp(3, options with { WithWeights = true, Scale = 0.7f }), Q(1, 4, 15), K(1, 7, 15),
            V(1, 7, 9));
        yield return new Example(new InvertedAttentionOp(2, options), Q(2, 3, 8), K(2, 3, 8), V(2, 3, 4),
            Of([2, 1, 1, 3], 0, No, 0.5f, -1, 0, No));
        yield return new Example(new InvertedAttentionOp(2, options), Q(1, 2, 4), K(1, 3, 4), V(1, 3, 4),
            Of([1, 1, 2, 3], 0, No, 0.5f, No, No, No));
        yield return new Example(new InvertedAttentionOp(2, options), Q(1, 2, 4), K(1, 3, 4), V(1, 3, 4), Of([1, 1, 1, 3], No, No, No));
    }

    private static IEnumerable<Example> Graph()
    {
        var options = new AttendingOptions();
        var window = new LocalWindow(new KeyLayout(2, 2, 3), 1, Own: true);
        yield return new Example(new GraphAttentionOp(2, 0.2f, null, options), Apart([2, 3, 2]), Halves([2, 5, 2]), V(2, 5, 6));
        yield return new Example(new GraphAttentionOp(2, 0.2f, window, options with { WithWeights = true }), Apart([1, 8, 2]),
            Halves([1, 8, 2]), V(1, 8, 8));
        yield return new Example(new GraphAttentionOp(2, 0.2f, window, options with { Dropout = 0.6f, Seed = 3 }), Apart([1, 8, 2]),
            Halves([1, 8, 2]), V(1, 8, 8));
        yield return new Example(new GraphAttentionOp(1, 0.1f, null, options), Apart([1, 3, 1]), Halves([1, 3, 1]), V(1, 3, 4),
            Of([1, 1, 3, 3], 0, No, 0.5f, No, No, 1, No, No, No));
    }

    private static IEnumerable<Example> Pruned()
    {
        var options = new AttendingOptions();
        var ids = Fixed([2, 2], 1, 4, 0, 2);
        yield return new Example(new PrunedAttentionOp(2, 2, options), Q(2, 3, 8), K(2, 5, 8), V(2, 2, 6), ids);
        yield return new Example(new PrunedAttentionOp(2, 2, options with { WithWeights = true }), Q(2, 3, 8), K(2, 5, 8), V(2, 2, 6), ids,
            Of([2, 1, 1, 5], 0, 0.5f, 0, 0, No, No, 0, No, 0, 0));
        yield return new Example(new MostAttendedOp(2, new KeptKeys(2)), Q(2, 3, 8), K(2, 5, 8));
        yield return new Example(new MostAttendedOp(2, new KeptKeys(2, Words: 1), hasMask: true, hasQueryMask: true), Q(2, 3, 8),
            K(2, 5, 8),
            Of([2, 1, 1, 5], 0, 0.5f, 0, 0, No, No, No, No, No, No), Of([2, 1, 1, 3], 0, 0, No, 0, No, No));
    }

    private static IEnumerable<Example> Tokens() =>
    [
        new(new RmsNormOp(), Any([3, 8]), Any([4], 4)),
        new(new RmsNormOp(1e-3f), Any([2, 3, 7]), Any([7], 4)),
        new(new RmsNormOp(), Any([5, 1]), Any([1], 4)),
        new(new GatherTokensOp(), Any([2, 4, 3]), Fixed([2, 3], 0, 3, 3, 2, 1, 0)),
        new(new SumTokensOp(3), Any([2, 4, 3]), Fixed([2, 4], 0, 2, 0, 0, 1, 1, 2, 0)),
        new(new MatchTokensOp(2), Any([2, 6, 5]), Fixed([2, 6, 1], 1, 1, 1, 1, 1, 1, 2, 1, 0, 1, 1, 0)),
        new(new MatchTokensOp(1), Any([1, 3, 2]), Fixed([1, 3, 1], 1, 1, 1)),
    ];

    private static Operand Q(int b, int n, int d) => Any([b, n, d], 5);

    private static Operand K(int b, int n, int d) => Any([b, n, d], 6);

    private static Operand V(int b, int n, int d) => Any([b, n, d], 7);

    /// <summary>Numbers at least 0.1 from 0, where the second derivative of elu jumps.</summary>
    private static Operand Smooth(int b, int n, int d, ulong seed = 3)
    {
        var x = Any([b, n, d], seed);
        foreach (ref var value in x.Values.Span) value += value < 0 ? -0.1f : 0.1f;
        return x;
    }

    /// <summary>Numbers whose sum with any multiple of 0.15 is at least 0.07 from 0, where the LeakyReLU has its kink.</summary>
    private static Operand Halves(Shape shape)
    {
        var x = Apart(shape, 8);
        foreach (ref var value in x.Values.Span) value += 0.075f;
        return x;
    }
}
