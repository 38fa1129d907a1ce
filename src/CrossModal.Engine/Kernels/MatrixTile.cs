using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>A number of tile rows known at compile time, so that one source gives the micro kernels of 1 to 6 rows.</summary>
internal interface ITileRows
{
    /// <summary>The number of rows, 1 to 6.</summary>
    static abstract int Count { get; }
}

/// <summary>
/// The innermost part of the matrix product: up to 6 rows by 16 columns of C stay in 12 registers while k runs
/// (Van Zee and van de Geijn, "BLIS", 2015).
/// </summary>
internal static unsafe class MatrixTile
{
    /// <summary>Rows of the largest tile.</summary>
    public const int Rows = 6;

    /// <summary>Columns of a tile and width of a panel of B.</summary>
    public const int Columns = 16;

    /// <summary>Runs the tile with <paramref name="rows"/> rows; see <see cref="Compute"/>.</summary>
    public static void Dispatch(
        int rows, nint k, float* a, nint aRow, nint aCol, float* b, nint bRow,
        float* c, nint cRow, int columns, float* bias, bool accumulate)
    {
        switch (rows)
        {
            case 6: Compute<Six>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
            case 5: Compute<Five>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
            case 4: Compute<Four>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
            case 3: Compute<Three>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
            case 2: Compute<Two>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
            default: Compute<One>(k, a, aRow, aCol, b, bRow, c, cRow, columns, bias, accumulate); break;
        }
    }

    /// <summary>
    /// C[rows, columns] = (accumulate ? C : 0) + A B + bias. A is read element by element with any strides; B always
    /// 16 wide, so its panel must be readable to 16 columns; only <paramref name="columns"/> of C are touched.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TRows>(
        nint k, float* a, nint aRow, nint aCol, float* b, nint bRow,
        float* c, nint cRow, int columns, float* bias, bool accumulate) where TRows : struct, ITileRows
    {
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
        Vector256<float> c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
        var lower = a + 3 * aRow;
        var aRow2 = 2 * aRow;
        for (; k > 0; k--)
        {
            var b0 = Vector256.Load(b);
            var b1 = Vector256.Load(b + 8);
            var value = Vector256.Create(*a);
            c00 = Vector256.MultiplyAddEstimate(value, b0, c00);
            c01 = Vector256.MultiplyAddEstimate(value, b1, c01);
            if (TRows.Count > 1)
            {
                value = Vector256.Create(a[aRow]);
                c10 = Vector256.MultiplyAddEstimate(value, b0, c10);
                c11 = Vector256.MultiplyAddEstimate(value, b1, c11);
            }

            if (TRows.Count > 2)
            {
                value = Vector256.Create(a[aRow2]);
                c20 = Vector256.MultiplyAddEstimate(value, b0, c20);
                c21 = Vector256.MultiplyAddEstimate(value, b1, c21);
            }

            if (TRows.Count > 3)
            {
                value = Vector256.Create(*lower);
                c30 = Vector256.MultiplyAddEstimate(value, b0, c30);
                c31 = Vector256.MultiplyAddEstimate(value, b1, c31);
            }

            if (TRows.Count > 4)
            {
                value = Vector256.Create(lower[aRow]);
                c40 = Vector256.MultiplyAddEstimate(value, b0, c40);
                c41 = Vector256.MultiplyAddEstimate(value, b1, c41);
            }

            if (TRows.Count > 5)
            {
                value = Vector256.Create(lower[aRow2]);
                c50 = Vector256.MultiplyAddEstimate(value, b0, c50);
                c51 = Vector256.MultiplyAddEstimate(value, b1, c51);
            }

            a += aCol;
            lower += aCol;
            b += bRow;
        }

        if (columns == Columns)
        {
            Vector256<float> bias0 = default, bias1 = default;
            if (bias != null)
            {
                bias0 = Vector256.Load(bias);
                bias1 = Vector256.Load(bias + 8);
            }

            Store(c, c00 + bias0, c01 + bias1, accumulate);
            if (TRows.Count > 1) Store(c + cRow, c10 + bias0, c11 + bias1, accumulate);
            if (TRows.Count > 2) Store(c + 2 * cRow, c20 + bias0, c21 + bias1, accumulate);
            if (TRows.Count > 3) Store(c + 3 * cRow, c30 + bias0, c31 + bias1, accumulate);
            if (TRows.Count > 4) Store(c + 4 * cRow, c40 + bias0, c41 + bias1, accumulate);
            if (TRows.Count > 5) Store(c + 5 * cRow, c50 + bias0, c51 + bias1, accumulate);
            return;
        }

        StorePart(c, c00, c01, columns, bias, accumulate);
        if (TRows.Count > 1) StorePart(c + cRow, c10, c11, columns, bias, accumulate);
        if (TRows.Count > 2) StorePart(c + 2 * cRow, c20, c21, columns, bias, accumulate);
        if (TRows.Count > 3) StorePart(c + 3 * cRow, c30, c31, columns, bias, accumulate);
        if (TRows.Count > 4) StorePart(c + 4 * cRow, c40, c41, columns, bias, accumulate);
        if (TRows.Count > 5) StorePart(c + 5 * cRow, c50, c51, columns, bias, accumulate);
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

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void StorePart(float* c, Vector256<float> left, Vector256<float> right, int columns, float* bias, bool accumulate)
    {
        var row = stackalloc float[Columns];
        left.Store(row);
        right.Store(row + 8);
        for (var j = 0; j < columns; j++)
        {
            var value = row[j];
            if (bias != null) value += bias[j];
            c[j] = accumulate ? c[j] + value : value;
        }
    }

    private struct One : ITileRows
    {
        public static int Count => 1;
    }

    private struct Two : ITileRows
    {
        public static int Count => 2;
    }

    private struct Three : ITileRows
    {
        public static int Count => 3;
    }

    private struct Four : ITileRows
    {
        public static int Count => 4;
    }

    private struct Five : ITileRows
    {
        public static int Count => 5;
    }

    private struct Six : ITileRows
    {
        public static int Count => 6;
    }
}
