using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

/// <summary>Sparse attention against full attention in double whose mask leaves out what plain loops say was not chosen.</summary>
[Trait("Category", "Kernel")]
public sealed class SparseAttentionTests
{
    private const float Masked = float.NegativeInfinity;

    /// <summary>Which keys a query may attend to, from its scores, mask added.</summary>
    private delegate bool[] Chosen(AttentionShape s, int query, double[] scores, Func<int, double[]> keyOf, double[] q);

    [Fact]
    public void Top_k_agrees_with_the_reference_at_ragged_sizes()
    {
        foreach (var (queries, keys, width) in new[] { (1, 1, 1), (3, 7, 5), (17, 33, 8), (5, 131, 16), (20, 300, 11), (2, 9, 40) })
            foreach (var k in new[] { 1, 3, 8, 500 })
                Check(new(2, queries, keys, 2, width, width + 3), queries + k, new TopKeys(k), (_, _, scores, _, _) => TopK(scores, k));
    }

    [Fact]
    public void Ties_at_the_kth_place_survive()
    {
        var s = new AttentionShape(1, 1, 6, 1, 1, 1);
        float[] k = [1, 3, 2, 3, 2, 0], v = [1, 2, 3, 4, 5, 6], weights = new float[6], output = new float[1];
        SparseAttention.Forward(s, new TopKeys(3), default(DotScore), new SparseInputs { Q = [1f], K = k, V = v, Scale = 1 }, default, 1,
            output, weights, Workers.Single);
        Assert.Equal([false, true, true, true, true, false], weights.Select(w => w > 0));
        Assert.Equal(weights[2], weights[4]);
        Assert.Equal(1, weights.Sum(), 6);
    }

    [Theory]
    [InlineData(0, 3, 4, 1)]
    [InlineData(3, 5, 7, 2)]
    [InlineData(0, 1, 9, 0)]
    [InlineData(2, 4, 4, 9)]
    public void A_window_agrees_with_the_reference(int words, int rows, int columns, int radius)
    {
        foreach (var views in new[] { 1, 2 })
        {
            var grid = new KeyGrid(words, rows, columns);
            var keys = words + views * grid.Cells;
            Check(new(2, keys, keys, 2, 8, 8), radius, new GridWindow(grid, radius, own: true), (s, i, _, _, _) =>
                [.. Enumerable.Range(0, s.Keys).Select(j => j < words || i < words || Near(i, j, words, rows, columns, radius))]);
            Check(new(2, 5, keys, 2, 8, 8), radius + 1, new GridWindow(grid, radius, own: false), (s, _, scores, _, _) =>
            {
                var best = Enumerable.Range(words, s.Keys - words).MaxBy(j => scores[j]);
                return [.. Enumerable.Range(0, s.Keys).Select(j => j < words || !double.IsNegativeInfinity(scores[best])
                    && Near(best, j, words, rows, columns, radius))];
            });
        }
    }

    [Theory]
    [InlineData(0, 24, 4, 2)]
    [InlineData(3, 50, 8, 3)]
    [InlineData(1, 300, 16, 1)]
    [InlineData(0, 9, 20, 5)]
    public void Best_blocks_agree_with_the_reference(int words, int keys, int size, int kept)
    {
        Check(new(2, 18, keys, 2, 8, 5), 1, new BestBlocks(words, size, kept), (s, _, scores, keyOf, q) =>
        {
            var blocks = Enumerable.Range(words, s.Keys - words).GroupBy(j => (j - words) / size).Select(block =>
            {
                var real = block.Where(j => !double.IsNegativeInfinity(scores[j])).ToArray();
                double mean = real.Length == 0 ? double.NegativeInfinity : real.Average(j => keyOf(j).Zip(q, (x, y) => x * y).Sum());
                return (block.Key, Mean: mean);
            }).Where(b => !double.IsNegativeInfinity(b.Mean)).OrderByDescending(b => b.Mean).Take(kept).Select(b => b.Key).ToHashSet();
            return [.. Enumerable.Range(0, s.Keys).Select(j => j < words || blocks.Contains((j - words) / size))];
        }, masksOfKeysOnly: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_number_of_threads_gives_the_bits_of_one(int threads)
    {
        using var workers = new Workers(threads);
        var s = new AttentionShape(2, 40, 40, 3, 8, 8);
        var one = Run(s, new GridWindow(new KeyGrid(4, 6, 6), 1, own: true), 3, Workers.Single, default);
        var several = Run(s, new GridWindow(new KeyGrid(4, 6, 6), 1, own: true), 3, workers, default);
        for (var i = 0; i < one.Length; i++) Numbers.SameBits(one[i], several[i], $"output {i}");
    }

    [Fact]
    public void Dropout_keeps_its_share_and_is_the_same_in_every_run()
    {
        var s = new AttentionShape(1, 200, 200, 1, 4, 4);
        var values = Enumerable.Repeat(1f, 200 * 4).ToArray();
        var (output, again) = (new float[800], new float[800]);
        foreach (var y in new[] { output, again })
            SparseAttention.Forward(s, default(AllKeys), default(DotScore),
                new SparseInputs { Q = new float[800], K = new float[800], V = values, Scale = 1 },
                new PairDropout(0.3f, 7), 1, y, default, Workers.Single);
        Assert.Equal(output, again);
        Assert.InRange(output.Average(), 0.98, 1.02);
        Assert.True(output.Distinct().Count() > 10);
    }

    [Fact]
    public void The_kth_largest_is_that_of_a_sorted_row()
    {
        for (var n = 1; n < 80; n++)
        {
            var x = Numbers.Random(n, n);
            for (var i = 0; i < n; i++) x[i] = MathF.Round(x[i] * 6);
            for (var k = 1; k <= n; k++)
            {
                var (heap, places) = (new float[k], new int[k]);
                unsafe
                {
                    fixed (float* px = x, pheap = heap)
                    fixed (int* pplaces = places)
                    {
                        Assert.Equal(k == n ? Masked : x.OrderDescending().ElementAt(k - 1), LargestValues.Threshold(px, n, k, pheap));
                        LargestValues.Places(px, n, k, pheap, pplaces);
                    }
                }

                Assert.Equal(Enumerable.Range(0, n).OrderByDescending(i => x[i]).ThenBy(i => i).Take(k).Order(), places);
            }
        }
    }

    private static bool Near(int i, int j, int words, int rows, int columns, int radius)
    {
        var (a, b, cells) = (i - words, j - words, rows * columns);
        return a / cells == b / cells && Math.Abs(a % cells / columns - b % cells / columns) <= radius
            && Math.Abs(a % columns - b % columns) <= radius;
    }

    private static bool[] TopK(double[] scores, int k)
    {
        var threshold = k >= scores.Length ? double.NegativeInfinity : scores.OrderDescending().ElementAt(k - 1);
        return [.. scores.Select(x => x >= threshold && !double.IsNegativeInfinity(x))];
    }

    private static void Check<TChoice>(AttentionShape s, int seed, TChoice choice, Chosen chosen, bool masksOfKeysOnly = false)
        where TChoice : struct, IKeyChoice
    {
        foreach (var kind in masksOfKeysOnly ? [0, 1] : new[] { 0, 1, 2 })
        {
            var m = kind switch
            {
                0 => default,
                1 => new MaskShape(s.Batch, 1, 1, s.Keys),
                _ =>
                new MaskShape(1, s.Heads, s.Queries, s.Keys)
            };
            var actual = Run(s, choice, seed, Workers.Single, m);
            var expected = Reference(s, seed, m, chosen);
            string[] names = ["output", "weights", "dq", "dk", "dv", "dMask"];
            for (var i = 0; i < names.Length; i++) Numbers.Close(expected[i], actual[i], 2e-5, $"{names[i]} of {s}, mask {kind}");
        }
    }

    private static (float[] Q, float[] K, float[] V, float[] Mask, float[] Dy) Inputs(AttentionShape s, int seed, MaskShape m)
    {
        var mask = Numbers.Random(seed + 4, m.Batch * m.Heads * m.Queries * m.Keys);
        var random = new Random(seed);
        foreach (ref var entry in mask.AsSpan())
            if (random.Next(4) == 0) entry = Masked;

        // The first sample's first row may attend to nothing.
        if (mask.Length > 0) mask.AsSpan(0, s.Keys).Fill(Masked);
        return (Numbers.Random(seed + 1, s.Batch * s.Queries * s.Heads * s.HeadDim),
            Numbers.Random(seed + 2, s.Batch * s.Keys * s.Heads * s.HeadDim),
            Numbers.Random(seed + 3, s.Batch * s.Keys * s.Heads * s.ValueDim), mask,
                Numbers.Random(seed + 5, s.Batch * s.Queries * s.Heads * s.ValueDim));
    }

    private static float[][] Run<TChoice>(AttentionShape s, TChoice choice, int seed, Workers workers, MaskShape m)
        where TChoice : struct, IKeyChoice
    {
        var (q, k, v, mask, dy) = Inputs(s, seed, m);
        var atEnd = seed % 2 == 0;
        using var gq = new GuardedMemory(q, atEnd);
        using var gk = new GuardedMemory(k, atEnd);
        using var gv = new GuardedMemory(v, atEnd);
        using var gmask = new GuardedMemory(mask, atEnd);
        using var output = new GuardedMemory(dy.Length, atEnd);
        using var weights = new GuardedMemory(s.Batch * s.Heads * s.Queries * s.Keys, atEnd);
        using var dq = new GuardedMemory(q.Length, atEnd);
        using var dk = new GuardedMemory(k.Length, atEnd);
        using var dv = new GuardedMemory(v.Length, atEnd);
        using var dMask = new GuardedMemory(mask.Length, atEnd);
        var inputs = new SparseInputs { Q = gq, K = gk, V = gv, Mask = gmask, MaskShape = m, Scale = 0.7f };
        SparseAttention.Forward(s, choice, default(DotScore), inputs, default, 1e6, output, weights, workers);
        SparseAttention.Backward(s, choice, default(DotScore), inputs, default, dy,
            new SparseGradients { Q = dq, K = dk, V = dv, Mask = dMask }, workers);
        return [.. new[] { output, weights, dq, dk, dv, dMask }.Select(x => x.Span.ToArray())];
    }

    private static float[][] Reference(AttentionShape s, int seed, MaskShape m, Chosen chosen)
    {
        var (q, k, v, mask, dy) = Inputs(s, seed, m);
        var (width, all) = (s.Heads * s.HeadDim, new float[s.Batch * s.Heads * s.Queries * s.Keys]);
        for (var b = 0; b < s.Batch; b++)
            for (var h = 0; h < s.Heads; h++)
                for (var i = 0; i < s.Queries; i++)
                {
                    double[] KeyOf(int j) => [.. k.AsSpan((b * s.Keys + j) * width + h * s.HeadDim, s.HeadDim).ToArray()
                        .Select(x => (double)x)];
                    double[] mine = [.. q.AsSpan((b * s.Queries + i) * width + h * s.HeadDim, s.HeadDim).ToArray().Select(x => (double)x)];
                    double MaskOf(int j) => mask.Length == 0 ? 0 : mask[(((m.Batch == 1 ? 0 : b) * m.Heads
                        + (m.Heads == 1 ? 0 : h)) * m.Queries
                        + (m.Queries == 1 ? 0 : i)) * s.Keys + j];
                    double[] scores = [.. Enumerable.Range(0, s.Keys)
                        .Select(j => 0.7f * KeyOf(j).Zip(mine, (x, y) => x * y).Sum() + MaskOf(j))];
                    var looks = chosen(s, i, scores, KeyOf, mine);
                    for (var j = 0; j < s.Keys; j++)
                        all[((b * s.Heads + h) * s.Queries + i) * s.Keys + j] = looks[j] ? (float)MaskOf(j) : Masked;
                }

        float[] output = new float[dy.Length], weights = new float[all.Length], dq = new float[q.Length], dk = new float[k.Length],
            dv = new float[v.Length], dAll = new float[all.Length];
        var full = new MaskShape(s.Batch, s.Heads, s.Queries, s.Keys);
        AttentionReference.Forward(s, 0.7f, q, width, k, width, v, s.Heads * s.ValueDim, all, full, default, output, weights);
        AttentionReference.Backward(s, 0.7f, q, width, k, width, v, s.Heads * s.ValueDim, all, full, default, dy, dq, dk, dv, dAll);
        var dMask = new double[mask.Length];
        for (var at = 0; at < all.Length && mask.Length > 0; at++)
        {
            var (j, i, h, b) = (at % s.Keys, at / s.Keys % s.Queries, at / s.Keys / s.Queries % s.Heads, at / s.Keys / s.Queries / s.Heads);
            dMask[(((m.Batch == 1 ? 0 : b) * m.Heads + (m.Heads == 1 ? 0 : h)) * m.Queries + (m.Queries == 1 ? 0 : i)) * s.Keys
                + j] += dAll[at];
        }

        return [output, weights, dq, dk, dv, [.. dMask.Select(x => (float)x)]];
    }
}
