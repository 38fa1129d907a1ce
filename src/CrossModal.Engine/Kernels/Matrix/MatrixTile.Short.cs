using System.Runtime.CompilerServices;
using static CrossModal.Engine.Kernels.Counts;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixTile
{
    /// <summary>
    /// C[rows, columns] = (accumulate ? C : 0) + A[rows, k] B[k, columns], all with adjacent columns and read where they lie, for sums so
    /// short that a call for every height of tile would cost: those of attention, over a head's width or over 16 queries.
    /// </summary>
    public static void Short(int rows, int columns, int k, float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, bool accumulate)
    {
        var j = IsWideFaster ? WholePanels(rows, columns, k, a, aRow, 1, b, bRow, c, cRow, accumulate) : 0;
        for (; j + Columns <= columns; j += Columns)
        {
            var done = WholeTiles(rows, k, a, aRow, b + j, bRow, c + j, cRow, accumulate);
            if (done < rows) Panel(rows - done, k, a + done * aRow, aRow, 1, b + j, bRow, c + j + done * cRow, cRow, Columns, null,
                accumulate);
        }

        if (j < columns) Panel(rows, k, a, aRow, 1, b + j, bRow, c + j, cRow, columns - j, null, accumulate);
    }

    /// <summary>16 columns and as many rows as make whole tiles of 6; returns how many. Sums run along k in order, as in every other
    /// tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int WholeTiles(int rows, int k, float* a, nint aRow, float* b, nint bRow, float* c, nint cRow, bool accumulate)
    {
        var tiles = rows / Rows;
        for (var t = 0; t < tiles; t++)
        {
            var s = default(Sums);
            var x = a;
            var y = a + 3 * aRow;
            var from = b;
            var p = k;

            // Two steps at a time: the additions to the pointers would otherwise cost a fifth of the loop.
            for (; p >= 2; p -= 2)
            {
                Step<Six, Sixteen>(ref s, x, x + aRow, x + 2 * aRow, y, y + aRow, y + 2 * aRow, from, 0);
                from += bRow;
                Step<Six, Sixteen>(ref s, x + 1, x + aRow + 1, x + 2 * aRow + 1, y + 1, y + aRow + 1, y + 2 * aRow + 1, from, 0);
                from += bRow;
                x += 2;
                y += 2;
            }

            if (p > 0) Step<Six, Sixteen>(ref s, x, x + aRow, x + 2 * aRow, y, y + aRow, y + 2 * aRow, from, 0);
            if (accumulate) AddRow<Six, Sixteen>(ref s, c, cRow, 0);
            Store<Six, Sixteen>(s, c, cRow, 0);
            a += Rows * aRow;
            c += Rows * cRow;
        }

        return tiles * Rows;
    }
}
