using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

// Tiles for vectors of 512 bits: up to 6 rows by 32 columns of C in 12 of the 32 registers. More rows gain nothing, and the compiler then gives
// up keeping the sums in registers. Every element is one sum along k in order, as in every other tile.
internal static unsafe partial class MatrixTile
{
    /// <summary>Columns of a wide tile: two panels of B.</summary>
    public const int WideColumns = 2 * Columns;

    /// <summary>Whether this machine gains from wide tiles.</summary>
    public static bool IsWideFaster => Vector512.IsHardwareAccelerated;

    /// <summary>
    /// One or two panels of C, all rows, as the operands say. B is read in whole vectors: its panels are filled up, or the columns a multiple of 16.
    /// </summary>
    public static void Wide(int rows, in TileOperands operands)
    {
        if (operands.AStrip != 0) WideOf<Strips>(rows, operands);
        else if (operands.ACol == 1 && operands.ARow != 1) WideOf<AdjacentDepth>(rows, operands);
        else if (operands.ARow == 1) WideOf<AdjacentRows>(rows, operands);
        else WideOf<AnyStrides>(rows, operands);
    }

    /// <summary>The same where A is packed by <see cref="MatrixPacking.PackTiles"/>; the strides of A are not read.</summary>
    public static void WidePacked(int rows, in TileOperands operands) => WideOf<PackedRows>(rows, operands);

    private static void WideOf<TLeft>(int rows, in TileOperands o) where TLeft : struct, ITileLeft
    {
        if (o.Columns == 32) WideOf<TLeft, TwoVectors>(rows, o);
        else if (o.Columns == 16) WideOf<TLeft, OneVector>(rows, o);
        else if (o.Columns > 16) WideOf<TLeft, SecondInPart>(rows, o);
        else WideOf<TLeft, FirstInPart>(rows, o);
    }

    private static void WideOf<TLeft, TWidth>(int rows, TileOperands o)
        where TLeft : struct, ITileLeft
        where TWidth : struct, ITileWidth
    {
        var (tiles, height, taller) = Split(rows);
        WideTiles<TLeft, TWidth>(height + 1, taller, o);
        o.Skip(taller * (height + 1));
        WideTiles<TLeft, TWidth>(height, tiles - taller, o);
    }

    private static void WideTiles<TLeft, TWidth>(int height, int count, in TileOperands o)
        where TLeft : struct, ITileLeft
        where TWidth : struct, ITileWidth
    {
        if (count == 0) return;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComputeWide<TLeft, TRows, TWidth>(int tiles, in TileOperands o)
        where TLeft : struct, ITileLeft
        where TRows : struct, ITileRows
        where TWidth : struct, ITileWidth
    {
        var (aCol, bRow, panel, rest) = (o.ACol, o.BRow, o.BPanel, o.Columns - 16 * (TWidth.Vectors - 1));
        var aRow = TLeft.IsRowAdjacent ? 1 : TLeft.IsStrips ? Columns : o.ARow;
        var a = o.A;
        var c = o.C;
        var addend = o.Addend;
        if (TLeft.IsPacked) aCol = TRows.Count;
        if (TLeft.IsDepthAdjacent) aCol = 1;
        for (; tiles > 0; tiles--)
        {
            var s = default(WideSums);
            var b = o.B;
            var x = a;
            var y = a + 3 * aRow;
            var depth = o.K;
            do
            {
                var k = TLeft.IsStrips ? Math.Min(depth, Columns) : depth;
                depth -= k;
                for (; k > 0; k--)
                {
                    var b0 = Vector512.Load(b);
                    var b1 = TWidth.Vectors == 2 ? Vector512.Load(b + panel) : b0;
                    MultiplyAdd<TWidth>(x, b0, b1, ref s.C00, ref s.C01);
                    if (TRows.Count > 1) MultiplyAdd<TWidth>(x + aRow, b0, b1, ref s.C10, ref s.C11);
                    if (TRows.Count > 2) MultiplyAdd<TWidth>(x + 2 * aRow, b0, b1, ref s.C20, ref s.C21);
                    if (TRows.Count > 3) MultiplyAdd<TWidth>(y, b0, b1, ref s.C30, ref s.C31);
                    if (TRows.Count > 4) MultiplyAdd<TWidth>(y + aRow, b0, b1, ref s.C40, ref s.C41);
                    if (TRows.Count > 5) MultiplyAdd<TWidth>(y + 2 * aRow, b0, b1, ref s.C50, ref s.C51);
                    x += aCol;
                    y += aCol;
                    b += bRow;
                }

                if (!TLeft.IsStrips) break;
                x += o.AStrip - Columns;
                y += o.AStrip - Columns;
            }
            while (depth > 0);

            if (o.Bias != null) AddRow<TRows, TWidth>(ref s, o.Bias, 0, 16, rest);
            if (addend != null)
            {
                if (o.Factor != null) AddTimes<TRows, TWidth>(ref s, addend, o.AddendRow, o.CPanel, o.Factor);
                else AddRow<TRows, TWidth>(ref s, addend, o.AddendRow, o.CPanel, rest);
                addend += TRows.Count * o.AddendRow;
            }

            Store<TRows, TWidth>(s, c, o.CRow, o.CPanel, rest);
            a += TRows.Count * o.ATileRow;
            c += TRows.Count * o.CRow;
        }
    }
}
