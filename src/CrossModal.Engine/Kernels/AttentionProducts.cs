using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>The short products of attention: sums over a head's width or over 16 queries, too short to pay for a call for every 6 rows.</summary>
internal static unsafe class AttentionProducts
{
    private const int Rows = 6;
    private const int Columns = 16;

    /// <summary>C[rows, columns] = (accumulate ? C : 0) + A[rows, k] B[k, columns], all with adjacent columns and read where they lie.</summary>
    public static void Run(int rows, int columns, int k, float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, bool accumulate)
    {
        var j = 0;
        for (; j + Columns <= columns; j += Columns)
        {
            var done = Block(rows, k, a, aRow, b + j, bRow, c + j, cRow, accumulate);
            if (done < rows)
                MatrixTile.Panel(rows - done, k, a + done * aRow, aRow, 1, b + j, bRow, c + j + done * cRow, cRow, Columns, null, accumulate);
        }

        if (j < columns) MatrixTile.Panel(rows, k, a, aRow, 1, b + j, bRow, c + j, cRow, columns - j, null, accumulate);
    }

    /// <summary>16 columns and as many rows as make whole tiles of 6; returns how many. Sums run along k in order, as in the matrix product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Block(int rows, int k, float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, bool accumulate)
    {
        var tiles = rows / Rows;
        var aRow2 = 2 * aRow;
        for (var t = 0; t < tiles; t++)
        {
            Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
            Vector256<float> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
            var upper = a;
            var lower = a + 3 * aRow;
            var from = b;
            var p = k;

            // Two steps at a time: the additions to the pointers would otherwise cost a fifth of the loop.
            for (; p >= 2; p -= 2)
            {
                var b0 = Vector256.Load(from);
                var b1 = Vector256.Load(from + 8);
                var value = Vector256.Create(*upper);
                c00 = Vector256.MultiplyAddEstimate(value, b0, c00);
                c01 = Vector256.MultiplyAddEstimate(value, b1, c01);
                value = Vector256.Create(upper[aRow]);
                c10 = Vector256.MultiplyAddEstimate(value, b0, c10);
                c11 = Vector256.MultiplyAddEstimate(value, b1, c11);
                value = Vector256.Create(upper[aRow2]);
                c20 = Vector256.MultiplyAddEstimate(value, b0, c20);
                c21 = Vector256.MultiplyAddEstimate(value, b1, c21);
                value = Vector256.Create(*lower);
                c30 = Vector256.MultiplyAddEstimate(value, b0, c30);
                c31 = Vector256.MultiplyAddEstimate(value, b1, c31);
                value = Vector256.Create(lower[aRow]);
                c40 = Vector256.MultiplyAddEstimate(value, b0, c40);
                c41 = Vector256.MultiplyAddEstimate(value, b1, c41);
                value = Vector256.Create(lower[aRow2]);
                c50 = Vector256.MultiplyAddEstimate(value, b0, c50);
                c51 = Vector256.MultiplyAddEstimate(value, b1, c51);
                from += bRow;
                b0 = Vector256.Load(from);
                b1 = Vector256.Load(from + 8);
                value = Vector256.Create(upper[1]);
                c00 = Vector256.MultiplyAddEstimate(value, b0, c00);
                c01 = Vector256.MultiplyAddEstimate(value, b1, c01);
                value = Vector256.Create(upper[aRow + 1]);
                c10 = Vector256.MultiplyAddEstimate(value, b0, c10);
                c11 = Vector256.MultiplyAddEstimate(value, b1, c11);
                value = Vector256.Create(upper[aRow2 + 1]);
                c20 = Vector256.MultiplyAddEstimate(value, b0, c20);
                c21 = Vector256.MultiplyAddEstimate(value, b1, c21);
                value = Vector256.Create(lower[1]);
                c30 = Vector256.MultiplyAddEstimate(value, b0, c30);
                c31 = Vector256.MultiplyAddEstimate(value, b1, c31);
                value = Vector256.Create(lower[aRow + 1]);
                c40 = Vector256.MultiplyAddEstimate(value, b0, c40);
                c41 = Vector256.MultiplyAddEstimate(value, b1, c41);
                value = Vector256.Create(lower[aRow2 + 1]);
                c50 = Vector256.MultiplyAddEstimate(value, b0, c50);
                c51 = Vector256.MultiplyAddEstimate(value, b1, c51);
                from += bRow;
                upper += 2;
                lower += 2;
            }

            if (p > 0)
            {
                var b0 = Vector256.Load(from);
                var b1 = Vector256.Load(from + 8);
                var value = Vector256.Create(*upper);
                c00 = Vector256.MultiplyAddEstimate(value, b0, c00);
                c01 = Vector256.MultiplyAddEstimate(value, b1, c01);
                value = Vector256.Create(upper[aRow]);
                c10 = Vector256.MultiplyAddEstimate(value, b0, c10);
                c11 = Vector256.MultiplyAddEstimate(value, b1, c11);
                value = Vector256.Create(upper[aRow2]);
                c20 = Vector256.MultiplyAddEstimate(value, b0, c20);
                c21 = Vector256.MultiplyAddEstimate(value, b1, c21);
                value = Vector256.Create(*lower);
                c30 = Vector256.MultiplyAddEstimate(value, b0, c30);
                c31 = Vector256.MultiplyAddEstimate(value, b1, c31);
                value = Vector256.Create(lower[aRow]);
                c40 = Vector256.MultiplyAddEstimate(value, b0, c40);
                c41 = Vector256.MultiplyAddEstimate(value, b1, c41);
                value = Vector256.Create(lower[aRow2]);
                c50 = Vector256.MultiplyAddEstimate(value, b0, c50);
                c51 = Vector256.MultiplyAddEstimate(value, b1, c51);
            }

            Store(c, c00, c01, accumulate);
            Store(c + cRow, c10, c11, accumulate);
            Store(c + 2 * cRow, c20, c21, accumulate);
            Store(c + 3 * cRow, c30, c31, accumulate);
            Store(c + 4 * cRow, c40, c41, accumulate);
            Store(c + 5 * cRow, c50, c51, accumulate);
            a += Rows * aRow;
            c += Rows * cRow;
        }

        return tiles * Rows;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector256<float> left, Vector256<float> right, bool accumulate)
    {
        if (accumulate)
        {
            left += Vector256.Load(c);
            right += Vector256.Load(c + 8);
        }

        left.Store(c);
        right.Store(c + 8);
    }
}
