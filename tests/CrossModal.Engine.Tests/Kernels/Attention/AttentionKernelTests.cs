using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class AttentionKernelTests
{
    private const float Masked = float.NegativeInfinity;

    [Fact]
    public void Every_number_of_keys_to_131_agrees_with_the_reference()
    {
        for (var keys = 0; keys <= 131; keys++) Check(new(1, 3, keys, 2, 5, 7), keys, Workers.Single);
    }

    [Fact]
    public void Every_number_of_queries_to_36_agrees_with_the_reference()
    {
        for (var queries = 0; queries <= 36; queries++) Check(new(2, queries, 9, 1, 4, 4), queries, Workers.Single);
    }

    [Fact]
    public void Every_head_width_to_36_agrees_with_the_reference()
    {
        for (var width = 1; width <= 36; width++) Check(new(1, 9, 6, 2, width, 37 - width), width, Workers.Single);
    }

    [Fact]
    public void Robot_shapes_and_several_tiles_of_keys_agree_with_the_reference()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            Check(new(2, 10, 64, 4, 16, 16), seed, Workers.Single);
            Check(new(1, 19, 300, 2, 8, 8), seed, Workers.Single);
        }
    }

    [Fact]
    public void Scores_summed_in_short_pieces_are_those_of_the_reference_and_nearer_to_it()
    {
        var (whole, pieces) = (0.0, 0.0);
        foreach (var width in (int[])[1, 15, 16, 17, 32, 64, 70])
        {
            var s = new AttentionShape(1, 9, 40, 1, width, width);
            var (q, k, v) = (Numbers.Random(width, 9 * width, 4), Numbers.Random(width + 1, 40 * width, 4),
                Numbers.Random(width + 2, 40 * width));
            var expected = new double[9 * width];
            for (var i = 0; i < 9; i++)
            {
                var scores = new double[40];
                for (var j = 0; j < 40; j++)
                    for (var d = 0; d < width; d++) scores[j] += 0.125 * q[i * width + d] * k[j * width + d];
                var sum = scores.Sum(score => Math.Exp(score - scores.Max()));
                for (var j = 0; j < 40; j++)
                    for (var d = 0; d < width; d++)
                        expected[i * width + d] += Math.Exp(scores[j] - scores.Max()) / sum * v[j * width + d];
            }

            whole = Math.Max(whole, Error(int.MaxValue));
            pieces = Math.Max(pieces, Error(AttentionKernel.ShortScorePiece));
            double Error(int piece)
            {
                var output = new float[9 * width];
                AttentionKernel.Forward(s, 0.125f, q, width, k, width, v, width, default, default, default, output, default, Workers.Single,
                    default, piece);
                return output.Select((value, i) => Math.Abs(value - expected[i])).Max();
            }
        }

        Assert.InRange(pieces, 0, Math.Min(whole, 1e-5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_number_of_threads_is_right_and_gives_the_bits_of_one(int threads)
    {
        using var workers = new Workers(threads);
        for (var seed = 0; seed < 12; seed++)
        {
            var shape = new AttentionShape(3, 20, 70, 4, 16, 16);
            var expected = Check(shape, seed, Workers.Single);
            for (var repeat = 0; repeat < 2; repeat++)
            {
                var actual = Check(shape, seed, workers);
                for (var i = 0; i < expected.Length; i++) Numbers.SameBits(expected[i], actual[i], $"seed {seed}, output {i}");
            }
        }
    }

    [Fact]
    public void A_query_with_nothing_to_attend_gives_zeros_and_zero_gradients()
    {
        foreach (var keys in (int[])[1, 5, 64, 200])
        {
            var s = new AttentionShape(1, 3, keys, 1, 4, 4);
            var mask = new float[3 * keys];
            mask.AsSpan(keys, keys).Fill(Masked);
            var (q, k, v, dOutput) = (Numbers.Random(1, 12), Numbers.Random(2, keys * 4), Numbers.Random(3, keys * 4),
                Numbers.Random(4, 12));
            var (output, weights) = (new float[12], new float[3 * keys]);
            var (dq, dk, dv, dMask) = (new float[12], new float[keys * 4], new float[keys * 4], new float[3 * keys]);
            var maskShape = new MaskShape(1, 1, 3, keys);
            AttentionKernel.Forward(s, 0.5f, q, 4, k, 4, v, 4, mask, maskShape, default, output, weights, Workers.Single);
            AttentionKernel.Backward(s, 0.5f, q, 4, k, 4, v, 4, mask, maskShape, default, dOutput, dq, dk, dv, dMask, Workers.Single);
            Assert.All(output[4..8], x => Assert.Equal(0, x));
            Assert.All(weights[keys..(2 * keys)], x => Assert.Equal(0, x));
            Assert.All(dq[4..8], x => Assert.Equal(0, x));
            Assert.All(dMask[keys..(2 * keys)], x => Assert.Equal(0, x));
            Assert.All(dk.Concat(dv).Concat(output), x => Assert.True(float.IsFinite(x)));
            Assert.Contains(output[..4], x => x != 0);
        }
    }

    [Fact]
    public void Masked_keys_get_exactly_0_and_rows_sum_to_1()
    {
        const int keys = 150;
        var mask = new float[keys];
        for (var j = 0; j < keys; j++) mask[j] = j % 3 == 0 || j > 140 ? Masked : 0;
        var weights = new float[2 * 3 * keys];
        var output = new float[3 * 8];
        AttentionKernel.Forward(new(1, 3, keys, 2, 4, 4), 1, Numbers.Random(1, 24, 3), 8, Numbers.Random(2, keys * 8, 3), 8,
            Numbers.Random(3, keys * 8), 8,
            mask, new(1, 1, 1, keys), default, output, weights, Workers.Single);
        for (var row = 0; row < 6; row++)
        {
            Assert.Equal(1, weights.AsSpan(row * keys, keys).ToArray().Sum(), 1e-5);
            for (var j = 0; j < keys; j++) Assert.Equal(mask[j] == Masked, weights[row * keys + j] == 0);
        }
    }

    [Fact]
    public void Large_scores_do_not_overflow_and_a_NaN_is_not_hidden()
    {
        float[] q = [1e4f, 0], k = [1e4f, 0, -1e4f, 0], v = [1, 2, 3, 4], output = new float[2];
        AttentionKernel.Forward(new(1, 1, 2, 1, 2, 2), 1, q, 2, k, 2, v, 2, default, default, default, output, default, Workers.Single);
        Assert.Equal([1, 2], output);
        k[1] = float.NaN;
        AttentionKernel.Forward(new(1, 1, 2, 1, 2, 2), 1, q, 2, k, 2, v, 2, default, default, default, output, default, Workers.Single);
        Assert.All(output, x => Assert.True(float.IsNaN(x)));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(300)]
    public void Gradients_at_scores_of_1e4_are_as_exact_as_at_small_scores(int keys)
    {
        // Scores up to 8e4 in steps of a half: exact in float32, so that only the kernel's own rounding is seen. There are four different
        // keys, again and again, every other time with scores higher by a half: saturated rows, ties and near ties.
        var s = new AttentionShape(1, 11, keys, 2, 4, 8);
        var (q, k, v, dOutput) = (Numbers.Random(1, 11 * 8, 9000), Numbers.Random(2, keys * 8, 3), Numbers.Random(3, keys * 16),
            Numbers.Random(4, 11 * 16));
        for (var i = 0; i < q.Length; i++) q[i] = i % 4 == 3 ? 1 : MathF.Round(q[i]);
        for (var j = 0; j < k.Length; j++) k[j] = j % 4 == 3 ? j / 32 % 2 * 0.5f : MathF.Round(k[j % 32]);
        var (dq, dk, dv) = (new float[q.Length], new float[k.Length], new float[v.Length]);
        var (dqExpected, dkExpected, dvExpected) = (new float[q.Length], new float[k.Length], new float[v.Length]);
        AttentionKernel.Backward(s, 1, q, 8, k, 8, v, 16, default, default, default, dOutput, dq, dk, dv, default, Workers.Single);
        AttentionReference.Backward(s, 1, q, 8, k, 8, v, 16, default, default, default, dOutput, dqExpected, dkExpected, dvExpected,
            default);
        Assert.True(dkExpected.Max(MathF.Abs) > 100);
        Numbers.Close(dqExpected, dq, 5e-6, "dq");
        // The gradients of the scores are right to 5e-7; the queries multiply them.
        Numbers.Close(dkExpected, dk, 5e-7 * 9000, "dk");
        Numbers.Close(dvExpected, dv, 5e-6, "dv");
    }

    [Fact]
    public void Where_one_key_takes_all_the_weight_the_gradients_of_queries_and_keys_are_exactly_0()
    {
        // The scores of a row are at least 400 apart, so that every other weight underflows.
        var s = new AttentionShape(2, 13, 24, 1, 5, 7);
        var (q, k) = (new float[2 * 13 * 5], new float[2 * 24 * 5]);
        for (var i = 0; i < q.Length; i++) q[i] = i % 5 == 0 ? 400 * (i % 3 - 1.5f) : 0;
        for (var j = 0; j < k.Length; j++) k[j] = j % 5 == 0 ? 2 * j : 0;
        var (dq, dk, dv) = (Numbers.Random(1, q.Length), Numbers.Random(2, k.Length), new float[2 * 24 * 7]);
        AttentionKernel.Backward(s, 1, q, 5, k, 5, Numbers.Random(3, dv.Length), 7, default, default, default,
            Numbers.Random(4, 2 * 13 * 7),
            dq, dk, dv, default, Workers.Single);
        Assert.All(dq.Concat(dk), x => Assert.Equal(0, x));
        Assert.Contains(dv, x => x != 0);
    }

    [Fact]
    public void A_packed_projection_is_read_in_place()
    {
        const int n = 7, width = 8;
        var packed = Numbers.Random(1, 2 * n * 3 * width);
        float[] Part(int part) => [.. Enumerable.Range(0, 2 * n * width)
            .Select(i => packed[i / width * 3 * width + part * width + i % width])];
        var s = new AttentionShape(2, n, n, 2, 4, 4);
        var (expected, actual) = (new float[2 * n * width], new float[2 * n * width]);
        AttentionKernel.Forward(s, 0.5f, Part(0), width, Part(1), width, Part(2), width, default, default, default, expected, default,
            Workers.Single);
        AttentionKernel.Forward(s, 0.5f, packed, 3 * width, packed.AsSpan(width), 3 * width, packed.AsSpan(2 * width), 3 * width,
            default, default, default, actual, default, Workers.Single);
        Numbers.SameBits(expected, actual, "packed");
    }

    [Fact]
    public void Operands_that_do_not_fit_are_refused_by_name()
    {
        var s = new AttentionShape(1, 2, 3, 1, 4, 4);
        var (q, kv, output) = (new float[8], new float[12], new float[8]);
        void Refused(string part, Action call) => Assert.Contains(part, Assert.Throws<ArgumentException>(call).Message);
        Refused("q has 7", () => AttentionKernel.Forward(s, 1, q.AsSpan(1), 4, kv, 4, kv, 4, default, default, default, output, default,
            Workers.Single));
        Refused("k overlap", () => AttentionKernel.Forward(s, 1, q, 4, kv, 3, kv, 4, default, default, default, output, default,
            Workers.Single));
        Refused("mask [1, 1, 2, 4]", () => AttentionKernel.Forward(s, 1, q, 4, kv, 4, kv, 4, output, new(1, 1, 2, 4), default, output,
            default, Workers.Single));
        Refused("weights has 5", () => AttentionKernel.Forward(s, 1, q, 4, kv, 4, kv, 4, default, default, default, output, new float[5],
            Workers.Single));
        Refused("dv has 8", () => AttentionKernel.Backward(s, 1, q, 4, kv, 4, kv, 4, default, default, default, output, new float[8],
            new float[12], new float[8], default, Workers.Single));
        Refused("kept has 5", () => AttentionKernel.Forward(s, 1, q, 4, kv, 4, kv, 4, default, default, default, output, default,
            Workers.Single, new float[5]));
        Refused("before dropout", () => AttentionKernel.Forward(s, 1, q, 4, kv, 4, kv, 4, default, default, new float[6], output, default,
            Workers.Single,
            new float[48]));
        Refused("kept has 49", () => AttentionKernel.Backward(s, 1, q, 4, kv, 4, kv, 4, default, default, default, output, new float[8],
            new float[12], new float[12], default, Workers.Single, new float[49]));
        const int huge = int.MaxValue;
        Refused("q has 8", () => AttentionKernel.Forward(new(huge, huge, huge, 1, huge, 1), 1, q, huge, kv, huge, kv, huge, default,
            default, default, output,
            default, Workers.Single));
    }

    private static float[][] Check(AttentionShape s, int seed, Workers workers)
    {
        var random = new Random(seed);
        var atEnd = seed % 2 == 0;
        // The kinds of mask in turn: none, per key, per query, per head, all.
        var m = (seed % 6) switch
        {
            0 => default,
            1 => new MaskShape(s.Batch, 1, 1, s.Keys),
            2 => new MaskShape(1, 1, s.Queries, s.Keys),
            3 => new MaskShape(1, s.Heads, s.Queries, s.Keys),
            4 => new MaskShape(s.Batch, 1, s.Queries, s.Keys),
            _ => new MaskShape(s.Batch, s.Heads, s.Queries, s.Keys),
        };
        var (scale, pad) = (seed % 5 == 0 ? 1 : 0.37f, seed % 3);
        var (width, valueWidth, pairs) = (s.Heads * s.HeadDim, s.Heads * s.ValueDim, s.Batch * s.Heads * s.Queries * s.Keys);
        var (qRow, kRow, vRow) = (width + pad, width + 2 * pad, valueWidth + pad);
        using var q = Rows(s.Batch * s.Queries, qRow, width, 1);
        using var k = Rows(s.Batch * s.Keys, kRow, width, 2);
        using var v = Rows(s.Batch * s.Keys, vRow, valueWidth, 3);
        using var mask = new GuardedMemory(Numbers.Random(seed + 4, m.Batch * m.Heads * m.Queries * m.Keys), atEnd);
        foreach (ref var entry in mask.Span)
        {
            if (random.Next(4) == 0) entry = Masked;
        }

        using var dropout = new GuardedMemory(seed % 4 == 3 ? pairs : 0, atEnd);
        foreach (ref var keep in dropout.Span) keep = random.Next(4) == 0 ? 0 : 4 / 3f;
        using var dOutput = new GuardedMemory(Numbers.Random(seed + 5, s.Batch * s.Queries * valueWidth), atEnd);
        using var output = new GuardedMemory(s.Batch * s.Queries * valueWidth, atEnd);
        using var weights = new GuardedMemory(seed % 2 == 0 ? pairs : 0, atEnd);
        using var dq = new GuardedMemory(s.Batch * s.Queries * width, atEnd);
        using var dk = new GuardedMemory(s.Batch * s.Keys * width, atEnd);
        using var dv = new GuardedMemory(s.Batch * s.Keys * valueWidth, atEnd);
        using var dMask = new GuardedMemory(mask.Span.Length, atEnd);
        AttentionKernel.Forward(s, scale, q, qRow, k, kRow, v, vRow, mask, m, dropout, output, weights, workers);
        AttentionKernel.Backward(s, scale, q, qRow, k, kRow, v, vRow, mask, m, dropout, dOutput, dq, dk, dv, dMask, workers);

        float[][] actual = [.. new[] { output, weights, dq, dk, dv, dMask }.Select(x => x.Span.ToArray())];
        float[][] expected = [.. actual.Select(x => new float[x.Length])];
        AttentionReference.Forward(s, scale, q, qRow, k, kRow, v, vRow, mask, m, dropout, expected[0], expected[1]);
        AttentionReference.Backward(s, scale, q, qRow, k, kRow, v, vRow, mask, m, dropout, dOutput, expected[2], expected[3], expected[4],
            expected[5]);
        string[] names = ["output", "weights", "dq", "dk", "dv", "dMask"];
        for (var i = 0; i < names.Length; i++)
            Numbers.Close(expected[i], actual[i], i == 5 ? 2e-5 : 5e-6, $"{names[i]} of {s}, seed {seed}");
        if (dropout.Span.IsEmpty) CheckKept();
        return actual;

        // The exponentials of the forward give the bits that computing them again gives, a second time too.
        void CheckKept()
        {
            using var kept = new GuardedMemory((int)(s.Batch * s.Heads * AttentionKernel.KeptSize(s.Queries, s.Keys)), atEnd);
            kept.Span.Fill(float.NaN);
            AttentionKernel.Forward(s, scale, q, qRow, k, kRow, v, vRow, mask, m, default, output, weights, workers, kept);
            for (var time = 0; time < 2; time++)
            {
                GuardedMemory[] results = [output, weights, dq, dk, dv, dMask];
                foreach (var result in results[2..]) result.Span.Fill(float.NaN);
                AttentionKernel.Backward(s, scale, q, qRow, k, kRow, v, vRow, mask, m, default, dOutput, dq, dk, dv, dMask, workers, kept);
                for (var i = 0; i < names.Length; i++)
                    Numbers.SameBits(actual[i], results[i].Span.ToArray(), $"{names[i]} of {s}, seed {seed}, kept");
            }
        }

        GuardedMemory Rows(int rows, int stride, int width, int offset)
            => new(Numbers.Random(seed + offset, rows == 0 ? 0 : (rows - 1) * stride + width), atEnd);
    }
}
