using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
        if (columns == 16) PanelOf<Sixteen>(rows, k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate);
        else if (columns > 8) PanelOf<NineToFifteen>(rows, k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate);
        else if (columns == 8) PanelOf<Eight>(rows, k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate);
        else PanelOf<OneToSeven>(rows, k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate);
    }

    /// <summary>C[rows, columns] = (accumulate ? C : 0) + A B with B read in place, panel by panel.</summary>
    public static void InPlace(
        int rows, int columns, nint k, float* a, nint aRow, nint aCol, float* b, nint bRow, float* c, nint cRow, bool accumulate)
    {
        for (var j = 0; j < columns; j += Columns)
            Panel(rows, k, a, aRow, aCol, b + j, bRow, c + j, cRow, Math.Min(Columns, columns - j), null, accumulate);
    }

    private static void PanelOf<TWidth>(
        int rows, nint k, float* a, nint aRow, nint aCol, float* b, nint bRow,
        float* c, nint cRow, int columns, float* bias, bool accumulate) where TWidth : struct, ITileWidth
    {
        // Rows are shared out evenly (16 = 6 + 5 + 5): a lone last row would leave the multipliers idle.
        var tiles = (rows + Rows - 1) / Rows;
        var height = rows / tiles;
        var taller = rows % tiles;
        for (var t = 0; t < tiles; t++)
        {
            var count = t < taller ? height + 1 : height;
            switch (count)
            {
                case 6: Compute<Six, TWidth>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
                case 5: Compute<Five, TWidth>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
                case 4: Compute<Four, TWidth>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
                case 3: Compute<Three, TWidth>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
                case 2: Compute<Two, TWidth>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
                default: Compute<One, TWidth>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
            }

            a += count * aRow;
            c += count * cRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TRows, TWidth>(
        nint k, float* a, nint aRow, nint aCol, float* b, nint bRow,
        float* c, nint cRow, int columns, float* bias, bool accumulate)
        where TRows : struct, ITileRows
        where TWidth : struct, ITileWidth
    {
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector256<float> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        Vector256<float> b1 = default;
        var rest = TWidth.Vectors == 2 ? columns - 8 : columns;
        var lower = a + 3 * aRow;
        var aRow2 = 2 * aRow;
        // The multiply-adds are written out: passed by reference to a method, the sums would leave their registers.
        for (; k > 0; k--)
        {
            var b0 = TWidth.Vectors == 1 && TWidth.Partial ? VectorTail.Load(b, rest) : Vector256.Load(b);
            if (TWidth.Vectors == 2) b1 = TWidth.Partial ? VectorTail.Load(b + 8, rest) : Vector256.Load(b + 8);
            var value = Vector256.Create(*a);
            c00 = Vector256.MultiplyAddEstimate(value, b0, c00);
            if (TWidth.Vectors == 2) c01 = Vector256.MultiplyAddEstimate(value, b1, c01);
            if (TRows.Count > 1)
            {
                value = Vector256.Create(a[aRow]);
                c10 = Vector256.MultiplyAddEstimate(value, b0, c10);
                if (TWidth.Vectors == 2) c11 = Vector256.MultiplyAddEstimate(value, b1, c11);
            }

            if (TRows.Count > 2)
            {
                value = Vector256.Create(a[aRow2]);
                c20 = Vector256.MultiplyAddEstimate(value, b0, c20);
                if (TWidth.Vectors == 2) c21 = Vector256.MultiplyAddEstimate(value, b1, c21);
            }

            if (TRows.Count > 3)
            {
                value = Vector256.Create(*lower);
                c30 = Vector256.MultiplyAddEstimate(value, b0, c30);
                if (TWidth.Vectors == 2) c31 = Vector256.MultiplyAddEstimate(value, b1, c31);
            }

            if (TRows.Count > 4)
            {
                value = Vector256.Create(lower[aRow]);
                c40 = Vector256.MultiplyAddEstimate(value, b0, c40);
                if (TWidth.Vectors == 2) c41 = Vector256.MultiplyAddEstimate(value, b1, c41);
            }

            if (TRows.Count > 5)
            {
                value = Vector256.Create(lower[aRow2]);
                c50 = Vector256.MultiplyAddEstimate(value, b0, c50);
                if (TWidth.Vectors == 2) c51 = Vector256.MultiplyAddEstimate(value, b1, c51);
            }

            a += aCol;
            lower += aCol;
            b += bRow;
        }

        Store<TWidth>(c, c00, c01, rest, bias, accumulate);
        if (TRows.Count > 1) Store<TWidth>(c + cRow, c10, c11, rest, bias, accumulate);
        if (TRows.Count > 2) Store<TWidth>(c + 2 * cRow, c20, c21, rest, bias, accumulate);
        if (TRows.Count > 3) Store<TWidth>(c + 3 * cRow, c30, c31, rest, bias, accumulate);
        if (TRows.Count > 4) Store<TWidth>(c + 4 * cRow, c40, c41, rest, bias, accumulate);
        if (TRows.Count > 5) Store<TWidth>(c + 5 * cRow, c50, c51, rest, bias, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TWidth>(float* c, Vector256<float> left, Vector256<float> right, int rest, float* bias, bool accumulate)
        where TWidth : struct, ITileWidth
    {
        if (TWidth.Vectors == 1)
        {
            StoreVector(c, left, TWidth.Partial, rest, bias, accumulate);
            return;
        }

        StoreVector(c, left, false, rest, bias, accumulate);
        StoreVector(c + 8, right, TWidth.Partial, rest, bias == null ? null : bias + 8, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreVector(float* c, Vector256<float> sum, bool partial, int rest, float* bias, bool accumulate)
    {
        if (bias != null) sum += partial ? VectorTail.Load(bias, rest) : Vector256.Load(bias);
        if (accumulate) sum += partial ? VectorTail.Load(c, rest) : Vector256.Load(c);
        if (partial) VectorTail.Store(sum, c, rest);
        else sum.Store(c);
    }
}
