using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed class PackedProductTests
{
    private static readonly EpilogueActivation[] Activations = Enum.GetValues<EpilogueActivation>();

    [Fact]
    public void Every_ragged_size_and_epilogue_agrees_with_the_reference()
    {
        var seed = 0;
        foreach (var m in (int[])[1, 2, 5, 6, 7, 11, 13, 16, 31, 50])
        {
            foreach (var n in (int[])[1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 49])
            {
                foreach (var k in (int[])[0, 1, 3, 8, 17, 40])
                {
                    Check(++seed, m, n, k, Workers.Single);
                }
            }
        }
    }

    [Theory]
    [InlineData(300, 100, 40)]
    [InlineData(13, 1100, 70)]
    [InlineData(9, 21, 2100)]
    [InlineData(100, 40, 1025)]
    [InlineData(64, 64, 513)]
    public void Sizes_beyond_one_block_agree_with_the_reference(int m, int n, int k)
    {
        for (var seed = 0; seed < 12; seed++) Check(seed, m, n, k, Workers.Single);
    }

    [Theory]
    [InlineData(16, 512, 100)]
    [InlineData(200, 100, 40)]
    [InlineData(64, 64, 1030)]
    [InlineData(3000, 3, 60)]
    [InlineData(2, 3000, 60)]
    public void Any_number_of_threads_gives_the_bits_of_one(int m, int n, int k)
    {
        var a = Numbers.Random(1, m * k);
        var b = PackedMatrix.Pack(Numbers.Random(2, k * n), k, n, n, 1);
        var (bias, residual) = (Numbers.Random(3, n), Numbers.Random(4, m * n));
        var one = new float[m * n];
        PackedProduct.Run(a, k, m, b, one, n, bias, EpilogueActivation.Gelu, residual, n, Workers.Single);
        foreach (var threads in (int[])[2, 3, 4])
        {
            using var workers = new Workers(threads);
            for (var repeat = 0; repeat < 3; repeat++)
            {
                var many = new float[m * n];
                PackedProduct.Run(a, k, m, b, many, n, bias, EpilogueActivation.Gelu, residual, n, workers);
                Numbers.SameBits(one, many, $"{m}x{n}x{k} on {threads} threads");
            }
        }
    }

    [Theory]
    [InlineData(20, 40, 30)]
    [InlineData(20, 40, 1200)]
    public void The_residual_may_be_the_result_itself(int m, int n, int k)
    {
        var (a, weight, before) = (Numbers.Random(1, m * k), Numbers.Random(2, k * n), Numbers.Random(3, m * n));
        var b = PackedMatrix.Pack(weight, k, n, n, 1);
        foreach (var activation in Activations)
        {
            var apart = new float[m * n];
            var itself = (float[])before.Clone();
            PackedProduct.Run(a, k, m, b, apart, n, default, activation, before, n, Workers.Single);
            PackedProduct.Run(a, k, m, b, itself, n, default, activation, itself, n, Workers.Single);
            Numbers.SameBits(apart, itself, $"{activation}");
        }
    }

    [Fact]
    public void Spans_too_short_for_their_sizes_are_refused_by_name()
    {
        var b = PackedMatrix.Pack(new float[100], 10, 10, 10, 1);
        var (x, y) = (new float[100], new float[99]);
        Refused("a has 99", () => PackedProduct.Run(y, 10, 10, b, x, 10, default, EpilogueActivation.None, default, 0, Workers.Single));
        Refused("c has 99", () => PackedProduct.Run(x, 10, 10, b, y, 10, default, EpilogueActivation.None, default, 0, Workers.Single));
        Refused("residual has 99", () => PackedProduct.Run(x, 10, 10, b, x, 10, default, EpilogueActivation.None, y, 10, Workers.Single));
        Refused("bias has 9", () => PackedProduct.Run(x, 10, 10, b, x, 10, new float[9], EpilogueActivation.None, default, 0,
            Workers.Single));
        Refused("rows of c overlap", () => PackedProduct.Run(x, 10, 10, b, x, 9, default, EpilogueActivation.None, default, 0,
            Workers.Single));
        Refused("size is negative", () => PackedProduct.Run(x, 10, -1, b, x, 10, default, EpilogueActivation.None, default, 0,
            Workers.Single));
        Refused("stride is negative", () => PackedProduct.Run(x, -10, 10, b, x, 10, default, EpilogueActivation.None, default, 0,
            Workers.Single));
        Refused("b has 99", () => PackedMatrix.Pack(y, 10, 10, 10, 1));
        Refused("size is negative", () => PackedMatrix.Pack(y, -10, 10, 10, 1));
        Refused("stride is negative", () => PackedMatrix.Pack(y, 10, 10, 10, -1));
    }

    [Fact]
    public void Panels_hold_sixteen_columns_and_end_in_zeros()
    {
        var weight = Numbers.Random(1, 21 * 5);
        var packed = PackedMatrix.Pack(weight, 5, 21, 1, 5);
        Assert.Equal((5, 21, 2 * 5 * 16 * 4L), (packed.K, packed.N, packed.Bytes));
        for (var p = 0; p < 5; p++)
        {
            for (var j = 0; j < 32; j++) Assert.Equal(j < 21 ? weight[p + j * 5] : 0, At(packed, p, j));
        }
    }

    private static unsafe float At(PackedMatrix packed, int p, int j) => packed.Panel(j / 16)[p * 16 + j % 16];

    private static void Refused(string part, Action call)
    {
        var message = Assert.Throws<ArgumentException>(call).Message;
        Assert.Contains(part, message);
    }

    private static void Check(int seed, int m, int n, int k, Workers workers)
    {
        var (weightTransposed, hasBias, hasResidual) = ((seed & 1) != 0, (seed & 2) != 0, (seed & 4) != 0);
        var activation = Activations[seed % Activations.Length];
        var atEnd = seed % 5 != 0;
        var (aRow, cRow, residualRow) = (k + seed % 3, n + seed % 2 * 3, n + seed % 4);
        using var a = new GuardedMemory(Numbers.Random(seed, k == 0 ? 0 : (m - 1) * aRow + k), atEnd);
        using var weight = new GuardedMemory(Numbers.Random(seed + 1, k * n), atEnd);
        using var c = new GuardedMemory(Numbers.Random(seed + 2, (m - 1) * cRow + n), atEnd);
        using var bias = new GuardedMemory(Numbers.Random(seed + 3, hasBias ? n : 0), atEnd);
        using var residual = new GuardedMemory(Numbers.Random(seed + 4, hasResidual ? (m - 1) * residualRow + n : 0), atEnd);
        var (bRow, bCol) = weightTransposed ? (1, k) : (n, 1);
        var expected = c.Span.ToArray();
        MatrixProduct.Reference(m, n, k, a, aRow, 1, weight, bRow, bCol, expected, cRow, bias, false);
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var value = (float)Function(activation, expected[i * cRow + j]);
                expected[i * cRow + j] = value + (hasResidual ? residual.Span[i * residualRow + j] : 0);
            }
        }

        PackedProduct.Run(a, aRow, m, PackedMatrix.Pack(weight, k, n, bRow, bCol), c, cRow, bias, activation, residual, residualRow,
            workers);
        Numbers.Close(expected, c, 3e-6 * (1 + Math.Sqrt(k)) + 2e-6, $"{m}x{n}x{k} {activation} seed {seed}");
    }

    private static double Function(EpilogueActivation activation, double x) => activation switch
    {
        EpilogueActivation.Relu => Math.Max(x, 0),
        EpilogueActivation.Gelu => x * 0.5 * (1 + Truth.Erf(x / Math.Sqrt(2))),
        EpilogueActivation.GeluTanh => x * 0.5 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        EpilogueActivation.QuickGelu => x / (1 + Math.Exp(-1.702 * x)),
        EpilogueActivation.Silu => x / (1 + Math.Exp(-x)),
        EpilogueActivation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        EpilogueActivation.Tanh => Math.Tanh(x),
        _ => x,
    };
}
