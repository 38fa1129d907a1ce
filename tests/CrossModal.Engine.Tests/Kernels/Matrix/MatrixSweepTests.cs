using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed unsafe class MatrixSweepTests
{
    [Theory]
    [InlineData(1, 32, 5)]
    [InlineData(7, 33, 19)]
    [InlineData(16, 95, 40)]
    [InlineData(200, 64, 30)]
    [InlineData(13, 70, 1100)]
    [InlineData(3, 128, 1024)]
    [InlineData(25, 24, 27)]
    [InlineData(11, 48, 216)]
    [InlineData(5, 16, 64)]
    [InlineData(4, 9, 12)]
    [InlineData(2, 7, 12)]
    [InlineData(40, 300, 512)]
    [InlineData(17, 256, 1024)]
    public void Tiles_for_vectors_of_512_bits_give_the_bits_of_the_others(int m, int n, int k)
    {
        foreach (var transposed in (bool[])[false, true])
        {
            foreach (var activation in (EpilogueActivation[])[EpilogueActivation.None, EpilogueActivation.Gelu])
            {
                var narrow = Product(m, n, k, transposed, activation, isWide: false, isFilledUp: false);
                foreach (var isFilledUp in (bool[])[false, true])
                {
                    var wide = Product(m, n, k, transposed, activation, isWide: true, isFilledUp);
                    Numbers.SameBits(narrow, wide, $"{m}x{n}x{k} transposed {transposed} {activation} filled up {isFilledUp}");
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(13)]
    [InlineData(25)]
    public void Packed_rows_hold_each_element_once_and_in_order(int rows)
    {
        foreach (var k in (int[])[1, 7, 8, 9, 70, 130])
        {
            foreach (var transposed in (bool[])[false, true])
            {
                using var a = new GuardedMemory(Numbers.Random(rows, rows * k));
                using var packed = new GuardedMemory(rows * k + 7);
                var (aRow, aCol) = transposed ? (1, rows) : (k, 1);
                fixed (float* from = a.Span, to = packed.Span) MatrixPacking.PackTiles(rows, k, from, aRow, aCol, from + rows * k, to);
                var (tiles, height, taller) = MatrixTile.Split(rows);
                var (row, at) = (0, 0);
                for (var t = 0; t < tiles; t++)
                {
                    var count = t < taller ? height + 1 : height;
                    for (var p = 0; p < k; p++)
                    {
                        for (var i = 0; i < count; i++) Assert.Equal(a.Span[(row + i) * aRow + p * aCol], packed.Span[at++]);
                    }

                    row += count;
                }

                Assert.Equal(rows, row);
            }
        }
    }

    private static float[] Product(int m, int n, int k, bool transposed, EpilogueActivation activation, bool isWide, bool isFilledUp)
    {
        using var a = new GuardedMemory(Numbers.Random(1, m * k));
        using var bias = new GuardedMemory(Numbers.Random(3, n));
        using var residual = new GuardedMemory(Numbers.Random(4, m * n));
        using var c = new GuardedMemory(m * n);
        var b = PackedMatrix.Pack(Numbers.Random(2, k * n), k, n, n, 1);
        fixed (float* pa = a.Span, pbias = bias.Span, presidual = residual.Span, pc = c.Span)
        {
            var sweep = new MatrixSweep
            {
                M = m,
                N = n,
                K = k,
                Depth = 96,
                A = pa,
                AEnd = pa + m * k,
                ARow = transposed ? 1 : k,
                ACol = transposed ? m : 1,
                B = b.Panel(0),
                BRow = 16,
                BPanel = (nint)k * 16,
                C = pc,
                CRow = n,
                IsWide = isWide,
                IsFilledUp = isFilledUp,
                Epilogue = new Epilogue { Bias = pbias, Activation = activation, Residual = presidual, ResidualRow = n },
            };
            sweep.Run();
        }

        GC.KeepAlive(b);
        return c.Span.ToArray();
    }
}
