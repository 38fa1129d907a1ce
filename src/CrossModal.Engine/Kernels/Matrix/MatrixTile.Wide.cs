using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// Tiles for vectors of 512 bits: up to 6 rows by 32 columns of C in 12 of the 32 registers. More rows gain nothing, and the compiler then
// gives up keeping the sums in registers. Every element is one sum along k in order, as in every other tile.
internal static unsafe partial class MatrixTile
{
    /// <summary>Columns of a wide tile: two panels of B.</summary>
    public const int WideColumns = 2 * Columns;

    /// <summary>Whether this machine gains from wide tiles.</summary>
    public static bool IsWideFaster => Vector512.IsHardwareAccelerated;

    /// <summary>
    /// One or two panels of C, all rows, as the operands say. B is read in whole vectors: its panels are filled up, or the columns a
    /// multiple of 16.
    /// </summary>
    public static void Wide(int rows, in TileOperands operands)
    {
        if (operands.ALine != 0 && operands.ARow == Columns) WideOf<Strips>(rows, operands);
        else if (operands.ALine != 0) WideOf<Lines>(rows, operands);
        else if (operands.ACol == 1 && operands.ARow != 1) WideOf<AdjacentDepth>(rows, operands);
        else if (operands.ARow == 1) WideOf<AdjacentRows>(rows, operands);
        else WideOf<AnyStrides>(rows, operands);
    }

    /// <summary>The same where A is packed by <see cref="MatrixPacking.PackTiles"/>; the strides of A are not read.</summary>
    public static void WidePacked(int rows, in TileOperands operands) => WideOf<PackedRows>(rows, operands);

    /// <summary>The columns of C that make whole panels, B and C being read and written where they lie; returns how many.</summary>
    private static int WholePanels(
        int rows, int columns, nint k, float* a, nint aRow, nint aCol, float* b, nint bRow, float* c, nint cRow, bool accumulate)
    {
        var j = 0;
        for (int count; j + Columns <= columns; j += count)
        {
            count = j + WideColumns <= columns ? WideColumns : Columns;
            Wide(rows, new TileOperands
            {
                K = k,
                A = a,
                ARow = aRow,
                ACol = aCol,
                ATileRow = aRow,
                B = b + j,
                BRow = bRow,
                BPanel = Columns,
                C = c + j,
                CRow = cRow,
                CPanel = Columns,
                Columns = count,
                Addend = accumulate ? c + j : null,
                AddendRow = cRow,
            });
        }

        return j;
    }

    private static void WideOf<TLeft>(int rows, in TileOperands o) where TLeft : struct, ITileLeft
    {
        if (o.Columns == 32) WideOf<TLeft, TwoVectors, TwoVectors>(rows, o);
        else if (o.Columns == 16) WideOf<TLeft, OneVector, OnePair>(rows, o);
        else if (o.Columns > 16) WideOf<TLeft, SecondInPart, SecondInPart>(rows, o);
        else WideOf<TLeft, FirstInPart, PairInPart>(rows, o);
    }

    private static void WideOf<TLeft, TWidth, TPair>(int rows, TileOperands o)
        where TLeft : struct, ITileLeft
        where TWidth : struct, ITileWidth
        where TPair : struct, ITileWidth
    {
        var (tiles, height, taller) = Split(rows);
        WideTiles<TLeft, TWidth, TPair>(height + 1, taller, ref o);
        WideTiles<TLeft, TWidth, TPair>(height, tiles - taller, ref o);
    }

    /// <summary>
    /// Tiles of the same height; those of one vector in pairs, so that there are sums enough to hide how long an addition takes.
    /// </summary>
    private static void WideTiles<TLeft, TSingle, TPair>(int height, int count, ref TileOperands o)
        where TLeft : struct, ITileLeft
        where TSingle : struct, ITileWidth
        where TPair : struct, ITileWidth
    {
        if (TPair.IsPair && count > 1)
        {
            WideTiles<TLeft, TPair>(height, count / 2, o);
            o.Skip(count / 2 * 2 * height);
            count %= 2;
        }

        if (count == 0) return;
        WideTiles<TLeft, TSingle>(height, count, o);
        o.Skip(count * height);
    }

    private static void WideTiles<TLeft, TWidth>(int height, int count, in TileOperands o)
        where TLeft : struct, ITileLeft
        where TWidth : struct, ITileWidth
    {
        switch (height)
        {
            case 6: ComputeWide<TLeft, Six, TWidth>(count, o); break;
            case 5: ComputeWide<TLeft, Five, TWidth>(count, o); break;
            case 4: ComputeWide<TLeft, Four, TWidth>(count, o); break;
            case 3: ComputeWide<TLeft, Three, TWidth>(count, o); break;
            case 2: ComputeWide<TLeft, Two, TWidth>(count, o); break;
            default: ComputeWide<TLeft, One, TWidth>(count, o); break;
        }
    }

    // The sums are locals of their own: as fields of a structure the compiler does not keep so many of them in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComputeWide<TLeft, TRows, TWidth>(int tiles, in TileOperands o)
        where TLeft : struct, ITileLeft
        where TRows : struct, ITileRows
        where TWidth : struct, ITileWidth
    {
        var (aCol, bRow, panel, rest) = (o.ACol, o.BRow, o.BPanel, o.Columns - (TWidth.IsPair ? 0 : 16 * (TWidth.Vectors - 1)));
        var aRow = TLeft.IsRowAdjacent ? 1 : TLeft.IsStrips ? Columns : o.ARow;
        var (height, below) = (TWidth.IsPair ? 2 * TRows.Count : TRows.Count, TRows.Count * o.ATileRow);
        var (cRow, cPanel, addRow) = (o.CRow, TWidth.IsPair ? TRows.Count * o.CRow : o.CPanel, o.AddendRow);
        var addPanel = TWidth.IsPair ? TRows.Count * addRow : o.CPanel;
        var a = o.A;
        var c = o.C;
        var addend = o.Addend;
        if (TLeft.IsPacked) aCol = TRows.Count;
        if (TLeft.IsDepthAdjacent) aCol = 1;
        for (; tiles > 0; tiles--)
        {
            Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
            Vector512<float> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
            var b = o.B;
            var x = a;
            var y = a + 3 * aRow;
            var depth = o.K;
            var line = TLeft.IsInLines ? o.FirstLength : depth;
            do
            {
                var k = Math.Min(depth, line);
                depth -= k;
                for (; k > 0; k--)
                {
                    var b0 = Vector512.Load(b);
                    var b1 = TWidth.Vectors == 2 && !TWidth.IsPair ? Vector512.Load(b + panel) : b0;
                    var value = Vector512.Create(*x);
                    c00 = Vector512.MultiplyAddEstimate(value, b0, c00);
                    if (TWidth.IsPair) value = Vector512.Create(x[below]);
                    if (TWidth.Vectors == 2) c01 = Vector512.MultiplyAddEstimate(value, b1, c01);
                    if (TRows.Count > 1)
                    {
                        value = Vector512.Create(x[aRow]);
                        c10 = Vector512.MultiplyAddEstimate(value, b0, c10);
                        if (TWidth.IsPair) value = Vector512.Create(x[aRow + below]);
                        if (TWidth.Vectors == 2) c11 = Vector512.MultiplyAddEstimate(value, b1, c11);
                    }

                    if (TRows.Count > 2)
                    {
                        value = Vector512.Create(x[2 * aRow]);
                        c20 = Vector512.MultiplyAddEstimate(value, b0, c20);
                        if (TWidth.IsPair) value = Vector512.Create(x[2 * aRow + below]);
                        if (TWidth.Vectors == 2) c21 = Vector512.MultiplyAddEstimate(value, b1, c21);
                    }

                    if (TRows.Count > 3)
                    {
                        value = Vector512.Create(*y);
                        c30 = Vector512.MultiplyAddEstimate(value, b0, c30);
                        if (TWidth.IsPair) value = Vector512.Create(y[below]);
                        if (TWidth.Vectors == 2) c31 = Vector512.MultiplyAddEstimate(value, b1, c31);
                    }

                    if (TRows.Count > 4)
                    {
                        value = Vector512.Create(y[aRow]);
                        c40 = Vector512.MultiplyAddEstimate(value, b0, c40);
                        if (TWidth.IsPair) value = Vector512.Create(y[aRow + below]);
                        if (TWidth.Vectors == 2) c41 = Vector512.MultiplyAddEstimate(value, b1, c41);
                    }

                    if (TRows.Count > 5)
                    {
                        value = Vector512.Create(y[2 * aRow]);
                        c50 = Vector512.MultiplyAddEstimate(value, b0, c50);
                        if (TWidth.IsPair) value = Vector512.Create(y[2 * aRow + below]);
                        if (TWidth.Vectors == 2) c51 = Vector512.MultiplyAddEstimate(value, b1, c51);
                    }

                    x += aCol;
                    y += aCol;
                    b += bRow;
                }

                x += o.ALine - o.LineLength;
                y += o.ALine - o.LineLength;
                line = o.LineLength;
            }
            while (TLeft.IsInLines && depth > 0);

            if (o.Bias != null)
            {
                var f0 = First<TWidth>(o.Bias, rest);
                var f1 = TWidth.Vectors == 2 && !TWidth.IsPair ? Second<TWidth>(o.Bias + 16, rest) : f0;
                c00 += f0;
                if (TRows.Count > 1) c10 += f0;
                if (TRows.Count > 2) c20 += f0;
                if (TRows.Count > 3) c30 += f0;
                if (TRows.Count > 4) c40 += f0;
                if (TRows.Count > 5) c50 += f0;
                if (TWidth.Vectors == 2)
                {
                    c01 += f1;
                    if (TRows.Count > 1) c11 += f1;
                    if (TRows.Count > 2) c21 += f1;
                    if (TRows.Count > 3) c31 += f1;
                    if (TRows.Count > 4) c41 += f1;
                    if (TRows.Count > 5) c51 += f1;
                }
            }

            if (addend != null)
            {
                var f0 = o.Factor == null ? Vector512<float>.One : Vector512.Load(o.Factor);
                var f1 = TWidth.Vectors == 2 && !TWidth.IsPair && o.Factor != null ? Vector512.Load(o.Factor + 16) : f0;
                c00 = Vector512.MultiplyAddEstimate(First<TWidth>(addend, rest), f0, c00);
                if (TRows.Count > 1) c10 = Vector512.MultiplyAddEstimate(First<TWidth>(addend + addRow, rest), f0, c10);
                if (TRows.Count > 2) c20 = Vector512.MultiplyAddEstimate(First<TWidth>(addend + 2 * addRow, rest), f0, c20);
                if (TRows.Count > 3) c30 = Vector512.MultiplyAddEstimate(First<TWidth>(addend + 3 * addRow, rest), f0, c30);
                if (TRows.Count > 4) c40 = Vector512.MultiplyAddEstimate(First<TWidth>(addend + 4 * addRow, rest), f0, c40);
                if (TRows.Count > 5) c50 = Vector512.MultiplyAddEstimate(First<TWidth>(addend + 5 * addRow, rest), f0, c50);
                if (TWidth.Vectors == 2)
                {
                    c01 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + addPanel, rest), f1, c01);
                    if (TRows.Count > 1) c11 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + addRow + addPanel, rest), f1, c11);
                    if (TRows.Count > 2) c21 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 2 * addRow + addPanel, rest), f1, c21);
                    if (TRows.Count > 3) c31 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 3 * addRow + addPanel, rest), f1, c31);
                    if (TRows.Count > 4) c41 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 4 * addRow + addPanel, rest), f1, c41);
                    if (TRows.Count > 5) c51 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 5 * addRow + addPanel, rest), f1, c51);
                }

                addend += height * addRow;
            }

            StoreRow<TWidth>(c00, c01, c, cPanel, rest);
            if (TRows.Count > 1) StoreRow<TWidth>(c10, c11, c + cRow, cPanel, rest);
            if (TRows.Count > 2) StoreRow<TWidth>(c20, c21, c + 2 * cRow, cPanel, rest);
            if (TRows.Count > 3) StoreRow<TWidth>(c30, c31, c + 3 * cRow, cPanel, rest);
            if (TRows.Count > 4) StoreRow<TWidth>(c40, c41, c + 4 * cRow, cPanel, rest);
            if (TRows.Count > 5) StoreRow<TWidth>(c50, c51, c + 5 * cRow, cPanel, rest);
            a += height * o.ATileRow;
            c += height * cRow;
        }
    }
}
