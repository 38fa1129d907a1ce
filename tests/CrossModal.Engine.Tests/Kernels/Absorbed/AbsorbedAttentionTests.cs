using System.Runtime.Intrinsics;
using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed unsafe class AbsorbedAttentionTests
{
    private const float Masked = float.NegativeInfinity;

    [Fact]
    public void Every_number_of_queries_to_36_agrees_with_the_reference()
    {
        for (var queries = 0; queries <= 36; queries++) Check(new(2, queries, 9, 3, 5, 7, 6, queries), Workers.Single);
    }

    [Fact]
    public void Every_number_of_keys_to_50_and_every_border_of_tiles_agree_with_the_reference()
    {
        for (var keys = 0; keys <= 50; keys++) Check(new(1, 3, keys, 2, 5, 7, 9, keys), Workers.Single);
        foreach (var keys in (int[])[255, 256, 257, 319, 320, 321, 512, 513, 777])
        {
            for (var seed = 0; seed < 4; seed++) Check(new(1, 5, keys, 2, 4, 8, 8, seed), Workers.Single);
        }
    }

    [Fact]
    public void Every_token_width_to_40_and_pieces_of_long_sums_agree_with_the_reference()
    {
        for (var width = 1; width <= 40; width++) Check(new(1, 6, 11, 2, 8, width, 41 - width, width), Workers.Single);
        foreach (var width in (int[])[255, 256, 257, 513]) Check(new(1, 6, 11, 2, 8, width, 514 - width, width), Workers.Single);
    }

    [Fact]
    public void Every_head_width_to_36_agrees_with_the_reference()
    {
        for (var width = 1; width <= 36; width++) Check(new(1, 9, 6, 2, width, 12, 10, width), Workers.Single);
    }

    [Fact]
    public void Masks_of_every_shape_agree_with_the_reference()
    {
        for (var seed = 0; seed < 18; seed++)
        {
            Check(new(2, 10, 64, 4, 16, 24, 24, seed), Workers.Single);
            Check(new(1, 19, 400, 3, 8, 16, 16, seed), Workers.Single);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Any_number_of_threads_gives_the_bits_of_one(int threads)
    {
        using var workers = new Workers(threads);
        for (var seed = 0; seed < 6; seed++)
        {
            foreach (var shape in (AbsorbedCase[])[new(1, 20, 340, 6, 16, 48, 48, seed), new(5, 9, 70, 3, 32, 64, 40, seed),
                new(1, 16, 321, 2, 32, 64, 64, seed)])
            {
                var expected = Check(shape, Workers.Single);
                for (var repeat = 0; repeat < 2; repeat++)
                {
                    var actual = Check(shape, workers);
                    for (var i = 0; i < expected.Length; i++) Numbers.SameBits(expected[i], actual[i], $"{shape}, output {i}");
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_query_with_nothing_to_attend_gives_exactly_zeros_in_spite_of_the_bias(bool absorbValues)
    {
        foreach (var keys in (int[])[1, 5, 64, 400])
        {
            using var run = new AbsorbedRun(new(1, 3, keys, 2, 4, 8, 8, 1), new(1, 1, 3, keys));
            run.Mask.Span.Clear();
            run.Mask.Span.Slice(keys, keys).Fill(Masked);
            run.Execute(absorbValues, packed: false, Workers.Single);
            Assert.All(run.Output.Span[8..16].ToArray(), x => Assert.Equal(0, x));
            for (var head = 0; head < 2; head++)
                Assert.All(run.Weights.Span.Slice((head * 3 + 1) * keys, keys).ToArray(), x => Assert.Equal(0, x));
            Assert.All(run.Output.Span[..8].ToArray(), x => Assert.True(float.IsFinite(x) && x != 0));
        }
    }

    [Fact]
    public void Rows_of_weights_sum_to_1_are_0_where_masked_and_equal_those_of_the_ordinary_kernel()
    {
        const int keys = 350, width = 4 * 16;
        using var run = new AbsorbedRun(new(2, 11, keys, 4, 16, 40, 40, 1), new(2, 1, 1, keys));
        for (var j = 0; j < 2 * keys; j++) run.Mask.Span[j] = j % 3 == 0 ? Masked : 0;
        run.Execute(absorbValues: true, packed: false, Workers.Single);

        var k = Array.ConvertAll(AbsorbedReference.Project(run.X, 2 * keys, run.XRow, 40, run.KeyWeight, default, width), x => (float)x);
        var (output, weights) = (new float[2 * 11 * width], new float[2 * 4 * 11 * keys]);
        AttentionKernel.Forward(new(2, 11, keys, 4, 16, 16), run.Scale, run.Q, run.QRow, k, width, k, width, run.Mask, run.MaskShape,
            default,
            output, weights, Workers.Single);
        Numbers.Close(weights, run.Weights, 1e-5, "weights");
        for (var row = 0; row < 2 * 4 * 11; row++)
        {
            var actual = run.Weights.Span.Slice(row * keys, keys);
            Assert.Equal(1, actual.ToArray().Sum(x => (double)x), 1e-5);
            for (var j = 0; j < keys; j++) Assert.Equal(run.Mask.Span[row / 44 * keys + j] == Masked, actual[j] == 0);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_NaN_is_not_hidden_and_reaches_only_the_queries_that_attend_to_it(bool absorbValues)
    {
        using var run = new AbsorbedRun(new(2, 3, 400, 2, 4, 8, 8, 1), default);
        run.X.Span[7 * run.XRow + 2] = float.NaN;
        run.Execute(absorbValues, packed: false, Workers.Single);
        Assert.All(run.Output.Span[..24].ToArray(), x => Assert.True(float.IsNaN(x)));
        Assert.All(run.Output.Span[24..].ToArray(), x => Assert.True(float.IsFinite(x)));
        Assert.All(run.Weights.Span[..2400].ToArray(), x => Assert.True(float.IsNaN(x)));
    }

    [Fact]
    public void Scores_of_1e4_do_not_overflow()
    {
        using var run = new AbsorbedRun(new(1, 3, 400, 2, 4, 8, 8, 1), default);
        foreach (ref var x in run.Q.Span) x *= 1e5f;
        run.Execute(absorbValues: true, packed: false, Workers.Single);
        Assert.All(run.Output.Span.ToArray(), x => Assert.True(float.IsFinite(x)));
        for (var row = 0; row < 6; row++) Assert.Equal(1, run.Weights.Span.Slice(row * 400, 400).ToArray().Sum(), 1e-5);
    }

    [Fact]
    public void Contradictions_are_refused_by_name()
    {
        void Refused(string part, AbsorbedOperands o) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => AbsorbedAttention.Run(o, Workers.Single)).Message);
        var values = AbsorbedValues.Pack(new float[8 * 5], default, 2, 4, 5);
        float* some = stackalloc float[1];
        Refused("a size is negative", new() { Batch = -1 });
        Refused("values of [2 x 4, 5]", new()
        {
            Batch = 1,
            Queries = 1,
            Keys = 1,
            Heads = 2,
            HeadDim = 4,
            KeyWidth = 1,
            ValueWidth = 6,
            Values = values
        });
        Refused("multiple of 16", new() { Batch = 1, Queries = 1, Keys = 1, Heads = 2, HeadDim = 4, KeyWidth = 1, PackedY = some });
        Refused("mask [1, 1, 2, 4]", new()
        {
            Batch = 1,
            Queries = 2,
            Keys = 3,
            Heads = 2,
            HeadDim = 4,
            KeyWidth = 1,
            Mask = some,
            MaskShape = new(1, 1, 2, 4)
        });
        Assert.Contains("weight has 39", Assert.Throws<ArgumentException>(() => AbsorbedKeys.Pack(new float[39], 2, 4, 5)).Message);
        Assert.Contains("bias has 7", Assert.Throws<ArgumentException>(() =>
            AbsorbedValues.Pack(new float[40], new float[7], 2, 4, 5)).Message);
    }

    [Fact]
    public void Working_memory_does_not_grow_with_the_number_of_tokens()
    {
        AbsorbedOperands Tokens(int keys) => new()
        {
            Batch = 1,
            Queries = 16,
            Keys = keys,
            Heads = 8,
            HeadDim = 64,
            KeyWidth = 512,
            ValueWidth = 512
        };
        Assert.Equal(AbsorbedAttention.ScratchLength(Tokens(8192), 2), AbsorbedAttention.ScratchLength(Tokens(65536), 2));
        Assert.InRange(AbsorbedAttention.ScratchLength(Tokens(65536), 2) * sizeof(float), 1, 8 << 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Absorbed_attention_allocates_no_managed_memory(int threads)
    {
        using var workers = new Workers(threads);
        foreach (var seed in (int[])[1, 3, 7])
        {
            using var run = new AbsorbedRun(new(1, 12, 400, 4, 16, 64, 64, seed), new(1, 1, 12, 400));
            using var call = run.Prepare(absorbValues: seed != 3, packed: false);
            for (var i = 0; i < 40; i++) call.Run(workers);
            Assert.Equal(0, AllocatedBytes.Least(() =>
            {
                for (var i = 0; i < 10; i++) call.Run(workers);
            }));
        }
    }

    private static float[][] Check(AbsorbedCase c, Workers workers)
    {
        // The kinds of mask in turn: none, per key, per query, per head, all.
        var mask = (c.Seed % 6) switch
        {
            0 => default,
            1 => new MaskShape(c.Batch, 1, 1, c.Keys),
            2 => new MaskShape(1, 1, c.Queries, c.Keys),
            3 => new MaskShape(1, c.Heads, c.Queries, c.Keys),
            4 => new MaskShape(c.Batch, c.Heads, 1, c.Keys),
            _ => new MaskShape(c.Batch, c.Heads, c.Queries, c.Keys),
        };
        var results = new List<float[]>();

        // Vectors of 512 bits in plain code take long: one case in five is enough there.
        var bothWidths = Vector256.IsHardwareAccelerated || c.Seed % 5 == 0;
        using var run = new AbsorbedRun(c, mask);
        var (output, weights) = run.Expected();
        foreach (var absorbValues in (bool[])[true, false])
        {
            foreach (var packed in (bool[])[false, true])
            {
                if (packed && !absorbValues && c.HeadDim % 16 != 0) continue;
                var how = $"{c}, values {(absorbValues ? "absorbed" : "projected")}, {(packed ? "packed" : "in place")}";
                run.Execute(absorbValues, packed, workers, isWide: false);
                if (bothWidths)
                {
                    var narrow = (Output: run.Output.Span.ToArray(), Weights: run.Weights.Span.ToArray());
                    run.Execute(absorbValues, packed, workers, isWide: true);
                    Numbers.SameBits(narrow.Output, run.Output, "output in vectors of 512 bits of " + how);
                    Numbers.SameBits(narrow.Weights, run.Weights, "weights in vectors of 512 bits of " + how);
                }

                Numbers.Close(output, run.Output, 1e-5, "output of " + how);
                if (run.WantsWeights) Numbers.Close(weights, run.Weights, 5e-6, "weights of " + how);
                results.Add(run.Output.Span.ToArray());
                results.Add(run.Weights.Span.ToArray());
            }
        }

        // Whether the tokens were packed before makes no difference to any bit.
        if (c.HeadDim % 16 == 0) Numbers.SameBits(results[^4], results[^2], "packed projected values");
        Numbers.SameBits(results[0], results[2], "packed tokens");
        return [.. results];
    }
}
