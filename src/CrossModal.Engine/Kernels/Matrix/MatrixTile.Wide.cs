using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static CrossModal.Engine.Kernels.Counts;

namespace CrossModal.Engine.Kernels;

// Tiles for vectors of 512 bits: up to 8 rows by 32 columns of C in 16 of the 32 registers. Every element is one sum along k in order, as
// in every other tile.
internal static unsafe partial class MatrixTile
{
    /// <summary>Columns of a wide tile: two panels of B.</summary>
    public const int WideColumns = 2 * Columns;

    /// <summary>Rows of the largest wide tile, unless A was packed for tiles of <see cref="Rows"/>.</summary>
    public const int WideRows = 8;

    /// <summary>Whether this machine gains from wide tiles.</summary>
    public static bool IsWideFaster => Vector512.IsHardwareAccelerated;

    /// <summary>Whether wide forms are in the program: compiled ahead of time for shorter vectors, where nothing asks for them, they are
    /// left out (of tiles 288).</summary>
    public static bool HasWide => Vector512.IsHardwareAccelerated || RuntimeFeature.IsDynamicCodeSupported;

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
        if (!HasWide) throw new PlatformNotSupportedException("MatrixTile: this program was compiled without tiles for 512-bit vectors");
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
        var (tiles, height, taller) = Split(rows, TLeft.IsPacked ? Rows : WideRows);
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
            case 8: ComputeWide<TLeft, Counts.Eight, TWidth>(count, o); break;
            case 7: ComputeWide<TLeft, Counts.Seven, TWidth>(count, o); break;
            case 6: ComputeWide<TLeft, Six, TWidth>(count, o); break;
            case 5: ComputeWide<TLeft, Five, TWidth>(count, o); break;
            case 4: ComputeWide<TLeft, Four, TWidth>(count, o); break;
            case 3: ComputeWide<TLeft, Three, TWidth>(count, o); break;
            case 2: ComputeWide<TLeft, Two, TWidth>(count, o); break;
            default: ComputeWide<TLeft, One, TWidth>(count, o); break;
        }
    }
}
