using CrossModal.Engine.Kernels;

namespace CrossModal.Engine.Tests.Kernels;

[Trait("Category", "Kernel")]
public sealed unsafe class ThinProductTests
{
    [Fact]
    public void Few_rows_give_the_bits_of_the_blocked_product_and_touch_nothing_else()
    {
        var seed = 0;
        for (var m = 1; m <= ThinProduct.Rows; m++)
        {
            foreach (var n in (int[])[1, 15, 16, 31, 33, 48, 49, 63, 64, 65, 112, 130])
            {
                foreach (var k in (int[])[0, 1, 7, 64, 65, 200])
                {
                    var activation = Enum.GetValues<EpilogueActivation>()[++seed % Enum.GetValues<EpilogueActivation>().Length];
                    var expected = Product(m, n, k, seed, activation, isThin: false);
                    Numbers.SameBits(expected, Product(m, n, k, seed, activation, isThin: true), $"{m}x{n}x{k} {activation}");
                }
            }
        }
    }

    private static float[] Product(int m, int n, int k, int seed, EpilogueActivation activation, bool isThin)
    {
        var (aRow, cRow) = (k + seed % 3, n + seed % 2 * 5);
        using var a = new GuardedMemory(Numbers.Random(seed, k == 0 ? 0 : (m - 1) * aRow + k), seed % 2 == 0);
        using var c = new GuardedMemory(Numbers.Random(seed + 1, (m - 1) * cRow + n), seed % 2 == 0);
        using var bias = new GuardedMemory(Numbers.Random(seed + 2, n), seed % 2 == 0);
        using var residual = new GuardedMemory(Numbers.Random(seed + 3, (m - 1) * n + n), seed % 2 == 0);
        var b = PackedMatrix.Pack(Numbers.Random(seed + 4, k * n), k, n, n, 1);
        fixed (float* pa = a.Span, pc = c.Span, pbias = bias.Span, presidual = residual.Span)
        {
            var epilogue = new Epilogue
            {
                Bias = seed % 3 == 0 ? null : pbias,
                Activation = activation,
                Residual = seed % 5 == 0 ? null : presidual,
                ResidualRow = n,
            };
            const int depth = 64;
            if (isThin) ThinProduct.Run(m, n, k, depth, pa, aRow, b.Panel(0), pc, cRow, epilogue);
            else
            {
                var sweep = new MatrixSweep
                {
                    M = m,
                    N = n,
                    K = k,
                    Depth = depth,
                    A = pa,
                    AEnd = pa + a.Span.Length,
                    ARow = aRow,
                    ACol = 1,
                    B = b.Panel(0),
                    BRow = MatrixTile.Columns,
                    BPanel = (nint)k * MatrixTile.Columns,
                    C = pc,
                    CRow = cRow,
                    Epilogue = epilogue,
                    IsFilledUp = true,
                };
                sweep.Run();
            }

            GC.KeepAlive(b);
        }

        return c.Span.ToArray();
    }
}
