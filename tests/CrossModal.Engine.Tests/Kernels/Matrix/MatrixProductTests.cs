using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class MatrixProductTests
{
    private static readonly int[] Ragged = [1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 16, 17, 31, 33];

    [Fact]
    public void Every_ragged_size_and_layout_agrees_with_the_reference()
    {
        var seed = 0;
        foreach (var m in Ragged)
        {
            foreach (var n in Ragged)
            {
                foreach (var k in (int[])[0, 1, 3, 8, 17, 33, 40])
                {
                    seed++;
                    Check(seed, m, n, k, Workers.Single);
                }
            }
        }
    }

    [Fact]
    public void Every_depth_to_130_agrees_with_the_reference()
    {
        for (var k = 0; k <= 130; k++)
        {
            Check(k, 7, 19, k, Workers.Single);
            Check(k, 9, 2, k, Workers.Single);
            Check(k, 2, 9, k, Workers.Single);
        }
    }

    [Theory]
    [InlineData(200, 100, 40)]
    [InlineData(13, 2100, 5)]
    [InlineData(9, 21, 800)]
    [InlineData(1100, 3, 33)]
    [InlineData(64, 64, 390)]
    [InlineData(21, 40, 2100)]
    [InlineData(33, 130, 1024)]
    [InlineData(7, 130, 1025)]
    [InlineData(50, 37, 3100)]
    [InlineData(25, 256, 8197)]
    public void Sizes_beyond_one_block_agree_with_the_reference(int m, int n, int k)
    {
        for (var seed = 0; seed < 8; seed++) Check(seed, m, n, k, Workers.Single);
    }

    [Theory]
    [InlineData(200, 100, 40)]
    [InlineData(64, 64, 390)]
    [InlineData(7, 500, 100)]
    [InlineData(40, 48, 2100)]
    [InlineData(37, 50, 5001)]
    [InlineData(3000, 3, 60)]
    [InlineData(2, 3000, 60)]
    public void Any_number_of_threads_gives_the_bits_of_one(int m, int n, int k)
    {
        foreach (var transposed in (bool[])[false, true])
        {
            var a = Numbers.Random(1, m * k);
            var b = Numbers.Random(2, k * n);
            var bias = Numbers.Random(3, n);
            var one = new float[m * n];
            var (aRow, aCol) = transposed ? (1, m) : (k, 1);
            var (bRow, bCol) = transposed ? (1, k) : (n, 1);
            MatrixProduct.Run(m, n, k, a, aRow, aCol, b, bRow, bCol, one, n, bias, false, Workers.Single);
            foreach (var threads in (int[])[2, 3, 5])
            {
                using var workers = new Workers(threads);
                for (var repeat = 0; repeat < 3; repeat++)
                {
                    var many = new float[m * n];
                    MatrixProduct.Run(m, n, k, a, aRow, aCol, b, bRow, bCol, many, n, bias, false, workers);
                    Numbers.SameBits(one, many, $"{m}x{n}x{k} on {threads} threads");
                }
            }
        }
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(4, 2)]
    public void A_batch_of_long_sums_has_the_bits_of_its_products(int batch, int threads)
    {
        const int m = 30, n = 33, k = 2100;
        using var workers = new Workers(threads);
        var (a, b) = (Numbers.Random(1, batch * m * k), Numbers.Random(2, batch * k * n));
        var (together, alone) = (new float[batch * m * n], new float[batch * m * n]);
        MatrixProduct.Batched(batch, m, n, k, a, m * k, 1, m, b, k * n, n, 1, together, m * n, n, false, workers);
        for (var i = 0; i < batch; i++)
            MatrixProduct.Run(m, n, k, a.AsSpan(i * m * k), 1, m, b.AsSpan(i * k * n), n, 1, alone.AsSpan(i * m * n), n, default, false,
                Workers.Single);
        Numbers.SameBits(alone, together, $"{batch} on {threads} threads");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    [InlineData(2, 3)]
    [InlineData(40, 3)]
    public void A_batch_is_that_many_products(int batch, int threads)
    {
        using var workers = new Workers(threads);
        foreach (var (m, n, k) in ((int, int, int)[])[(10, 64, 16), (33, 17, 40), (3, 5, 0), (12, 3, 70)])
        {
            foreach (var shared in (bool[])[false, true])
            {
                foreach (var accumulate in (bool[])[false, true])
                {
                    var bBatch = shared ? 0 : k * n;
                    using var a = new GuardedMemory(Numbers.Random(1, batch * m * k));
                    using var b = new GuardedMemory(Numbers.Random(2, shared ? k * n : batch * k * n));
                    using var c = new GuardedMemory(Numbers.Random(3, batch * m * n));
                    var expected = c.Span.ToArray();
                    for (var i = 0; i < batch; i++)
                    {
                        MatrixProduct.Reference(m, n, k, a.Span[(i * m * k)..], k, 1, b.Span[(i * bBatch)..], n, 1,
                            expected.AsSpan(i * m * n), n, default, accumulate);
                    }

                    MatrixProduct.Batched(batch, m, n, k, a, m * k, k, 1, b, bBatch, n, 1, c, m * n, n, accumulate, workers);
                    Numbers.Close(expected, c, 1e-5, $"{batch} x {m}x{n}x{k} shared {shared} accumulate {accumulate}");
                }
            }
        }
    }

    [Fact]
    public void Infinities_reach_only_their_own_row_and_column()
    {
        foreach (var (m, n, k) in ((int, int, int)[])[(8, 20, 35), (8, 2, 35), (2, 20, 35)])
        {
            var a = Numbers.Random(1, m * k);
            var b = Numbers.Random(2, n * k);
            a[1 * k + k - 9] = float.PositiveInfinity;
            b[1 * k + k - 5] = float.PositiveInfinity;
            var expected = new float[m * n];
            var actual = new float[m * n];
            MatrixProduct.Reference(m, n, k, a, k, 1, b, 1, k, expected, n, default, false);
            MatrixProduct.Run(m, n, k, a, k, 1, b, 1, k, actual, n, default, false, Workers.Single);
            Numbers.Close(expected, actual, 1e-5, $"{m}x{n}x{k}");
        }
    }

    [Fact]
    public void Spans_too_short_for_their_sizes_are_refused_by_name()
    {
        var x = new float[100];
        var y = new float[99];
        Refused("a has 99", () => MatrixProduct.Run(10, 10, 10, y, 10, 1, x, 10, 1, x, 10, default, false, Workers.Single));
        Refused("b has 99", () => MatrixProduct.Run(10, 10, 10, x, 10, 1, y, 10, 1, x, 10, default, false, Workers.Single));
        Refused("c has 99", () => MatrixProduct.Run(10, 10, 10, x, 10, 1, x, 10, 1, y, 10, default, false, Workers.Single));
        Refused("bias has 3", () => MatrixProduct.Run(10, 10, 10, x, 10, 1, x, 10, 1, x, 10, new float[3], false, Workers.Single));
        Refused("rows of c overlap", () => MatrixProduct.Run(10, 10, 10, x, 10, 1, x, 10, 1, x, 9, default, false, Workers.Single));
        Refused("size is negative", () => MatrixProduct.Run(-1, 10, 10, x, 10, 1, x, 10, 1, x, 10, default, false, Workers.Single));
        Refused("stride is negative", () => MatrixProduct.Run(10, 10, 10, x, -10, 1, x, 10, 1, x, 10, default, false, Workers.Single));
        const int huge = int.MaxValue;
        Refused("c has 100", () => MatrixProduct.Run(huge, huge, huge, x, huge, huge, x, huge, huge, x, huge, default, false,
            Workers.Single));
        Refused("a has 100", () => MatrixProduct.Batched(huge, 1, 1, huge, x, huge, 0, huge, x, 0, 0, 0, x, 0, 0, false, Workers.Single),
            orElse: "overlap");
    }

    private static void Refused(string part, Action call, string? orElse = null)
    {
        var message = Assert.Throws<ArgumentException>(call).Message;
        Assert.True(message.Contains(part) || (orElse is not null && message.Contains(orElse)), message);
    }

    private static void Check(int seed, int m, int n, int k, Workers workers)
    {
        var (aTransposed, bTransposed, hasBias) = ((seed & 1) != 0, (seed & 2) != 0, (seed & 4) != 0);
        var (accumulate, atEnd) = (seed % 3 == 0, seed % 5 != 0);
        var (aRow, aCol) = aTransposed ? (1, m) : (k, 1);
        var (bRow, bCol) = bTransposed ? (1, k) : (n, 1);
        var cRow = n + seed % 2 * 3;
        using var a = new GuardedMemory(Numbers.Random(seed, m * k), atEnd);
        using var b = new GuardedMemory(Numbers.Random(seed + 1, k * n), atEnd);
        using var c = new GuardedMemory(Numbers.Random(seed + 2, (m - 1) * cRow + n), atEnd);
        using var bias = new GuardedMemory(Numbers.Random(seed + 3, hasBias ? n : 0), atEnd);
        var expected = c.Span.ToArray();
        MatrixProduct.Reference(m, n, k, a, aRow, aCol, b, bRow, bCol, expected, cRow, bias, accumulate);
        MatrixProduct.Run(m, n, k, a, aRow, aCol, b, bRow, bCol, c, cRow, bias, accumulate, workers);
        Numbers.Close(expected, c, 2e-6 * (1 + Math.Sqrt(k)) + 1e-6, $"{m}x{n}x{k} seed {seed}");
    }
}
