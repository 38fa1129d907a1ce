using static CrossModal.Engine.Kernels.Counts;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// The innermost part of the matrix product: up to 6 rows by 16 columns of C stay in 12 registers while k runs
/// (Van Zee and van de Geijn, "BLIS", 2015).
/// </summary>
internal static unsafe partial class MatrixTile
{
    /// <summary>Rows of the largest tile.</summary>
    public const int Rows = 6;

    /// <summary>Columns of a tile and width of a panel of B.</summary>
    public const int Columns = 16;

    /// <summary>
    /// One panel of C, all rows: C[rows, columns] = (accumulate ? C : 0) + A B + bias for 1 to 16 columns. A is read element by
    /// element with any strides, B and C with adjacent columns; nothing outside the given columns is touched.
    /// </summary>
    public static void Panel(
        int rows, nint k, float* a, nint aRow, nint aCol, float* b, nint bRow,
        float* c, nint cRow, int columns, float* bias, bool accumulate)
    {
        var operands = new TileOperands
        {
            K = k,
            A = a,
            ARow = aRow,
            ACol = aCol,
            ATileRow = aRow,
            B = b,
            BRow = bRow,
            C = c,
            CRow = cRow,
            CPanel = Columns,
            Columns = columns,
            Bias = bias,
            Addend = accumulate ? c : null,
            AddendRow = cRow,
        };
        Panel(rows, operands);
    }

    /// <summary>One panel of C, all rows, as the operands say.</summary>
    public static void Panel(int rows, in TileOperands operands)
    {
        if (operands.ACol == 1 && operands.ARow != 1) PanelOf<AdjacentDepth>(rows, operands);
        else if (operands.ARow == 1) PanelOf<AdjacentRows>(rows, operands);
        else PanelOf<AnyStrides>(rows, operands);
    }

    /// <summary>The same where A is packed by <see cref="MatrixPacking.PackTiles"/>; the strides of A are not read.</summary>
    public static void Packed(int rows, in TileOperands operands) => PanelOf<PackedRows>(rows, operands);

    /// <summary>C[rows, columns] = (accumulate ? C : 0) + A B with B read in place, panel by panel.</summary>
    public static void InPlace(
        int rows, int columns, nint k, float* a, nint aRow, nint aCol, float* b, nint bRow, float* c, nint cRow, bool accumulate)
    {
        var j = IsWideFaster ? WholePanels(rows, columns, k, a, aRow, aCol, b, bRow, c, cRow, accumulate) : 0;
        for (; j < columns; j += Columns)
            Panel(rows, k, a, aRow, aCol, b + j, bRow, c + j, cRow, Math.Min(Columns, columns - j), null, accumulate);
    }

    private static void PanelOf<TLeft>(int rows, in TileOperands o) where TLeft : struct, ITileLeft
    {
        if (o.Columns == 16) PanelOf<TLeft, Sixteen>(rows, o);
        else if (o.Columns > 8) PanelOf<TLeft, NineToFifteen>(rows, o);
        else if (o.Columns == 8) PanelOf<TLeft, Eight>(rows, o);
        else PanelOf<TLeft, OneToSeven>(rows, o);
    }

    private static void PanelOf<TLeft, TWidth>(int rows, TileOperands o)
        where TLeft : struct, ITileLeft
        where TWidth : struct, ITileWidth
    {
        var (tiles, height, taller) = Split(rows);
        Tiles<TLeft, TWidth>(height + 1, taller, o);
        o.Skip(taller * (height + 1));
        Tiles<TLeft, TWidth>(height, tiles - taller, o);
    }

    /// <summary>
    /// How rows are shared out over tiles of up to <paramref name="most"/>: the first <c>Taller</c> have one row more than <c>Height</c>.
    /// Evenly (16 = 6 + 5 + 5), as a lone last row would leave the multipliers idle.
    /// </summary>
    public static (int Tiles, int Height, int Taller) Split(int rows, int most = Rows)
    {
        var tiles = (rows + most - 1) / most;
        return tiles == 0 ? (0, 0, 0) : (tiles, rows / tiles, rows % tiles);
    }

    private static void Tiles<TLeft, TWidth>(int height, int count, in TileOperands o)
        where TLeft : struct, ITileLeft
        where TWidth : struct, ITileWidth
    {
        if (count == 0) return;
        switch (height)
        {
            case 6: Compute<TLeft, Six, TWidth>(count, o); break;
            case 5: Compute<TLeft, Five, TWidth>(count, o); break;
            case 4: Compute<TLeft, Four, TWidth>(count, o); break;
            case 3: Compute<TLeft, Three, TWidth>(count, o); break;
            case 2: Compute<TLeft, Two, TWidth>(count, o); break;
            default: Compute<TLeft, One, TWidth>(count, o); break;
        }
    }
}
