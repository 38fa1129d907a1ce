using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static CrossModal.Engine.Kernels.Counts;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// C = activation(A B + bias) + residual of up to <see cref="Rows"/> rows with packed B, in vectors of 512 bits: up to 5 rows by 64 columns
/// at a time in 20 registers, without what a longer product needs to stay in the caches.
/// </summary>
/// <remarks>Sums and their order are those of <see cref="MatrixSweep"/>, and so are the bits.</remarks>
internal static unsafe class ThinProduct
{
    /// <summary>The most rows.</summary>
    public const int Rows = 8;

    private const int Columns = MatrixTile.Columns;
    private const int Panels = 4;
    private const int Width = Panels * Columns;

    // Of more rows a tile of four panels would not fit the registers.
    private const int TallRows = 5;

    /// <summary>C[m, n]; A, C and the residual have adjacent columns, panel j of B [k, 16] begins at j * k * 16.</summary>
    [SkipLocalsInit]
    public static void Run(
        int m, int n, int k, int depth, float* a, nint aRow, float* b, float* c, nint cRow, in Epilogue epilogue)
    {
        var isActivated = epilogue.Activation != EpilogueActivation.None;
        var sums = stackalloc float[Rows * Width];
        var blocks = Math.Max(1, (k + depth - 1) / depth);
        var panelLength = (nint)k * Columns;
        var most = m <= TallRows ? Width : MatrixTile.WideColumns;
        for (int column = 0, columns; column < n; column += columns)
        {
            columns = Math.Min(most, n - column);
            var residual = epilogue.Residual == null ? null : epilogue.Residual + column;
            var to = isActivated ? sums : c + column;
            var toRow = isActivated ? Width : cRow;
            for (var i = 0; i < blocks; i++)
            {
                var (start, end) = RowSplit.Range(k, i, blocks);
                var o = new TileOperands
                {
                    K = end - start,
                    A = a + start,
                    ARow = aRow,
                    ACol = 1,
                    ATileRow = aRow,
                    B = b + column / Columns * panelLength + (nint)start * Columns,
                    BRow = Columns,
                    BPanel = panelLength,
                    C = to,
                    CRow = toRow,
                    CPanel = Columns,
                    Columns = columns,
                    Bias = i == blocks - 1 && epilogue.Bias != null ? epilogue.Bias + column : null,
                    Addend = i > 0 ? to : isActivated ? null : residual,
                    AddendRow = i > 0 ? toRow : epilogue.ResidualRow,
                };
                if (columns > MatrixTile.WideColumns) Tall(m, o);
                else MatrixTile.Wide(m, o);
            }

            if (isActivated)
                EpilogueTile.Write(epilogue.Activation, m, columns, sums, Width, c + column, cRow, residual, epilogue.ResidualRow);
        }
    }

    private static void Tall(int rows, in TileOperands o)
    {
        switch (rows)
        {
            case 5: Compute<Five>(o); break;
            case 4: Compute<Four>(o); break;
            case 3: Compute<Three>(o); break;
            case 2: Compute<Two>(o); break;
            default: Compute<One>(o); break;
        }
    }

    // The sums are locals of their own: as fields of a structure the compiler does not keep so many of them in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TRows>(in TileOperands o) where TRows : struct, ICount
    {
        // A fourth panel that is not there is the third once more, and is not written.
        var (second, third, fourth) = (o.BPanel, 2 * o.BPanel, (o.Columns > 3 * Columns ? 3 : 2) * o.BPanel);
        var aRow = o.ARow;
        Vector512<float> c00 = default, c01 = default, c02 = default, c03 = default, c10 = default, c11 = default, c12 = default;
        Vector512<float> c13 = default, c20 = default, c21 = default, c22 = default, c23 = default, c30 = default, c31 = default;
        Vector512<float> c32 = default, c33 = default, c40 = default, c41 = default, c42 = default, c43 = default;
        var b = o.B;
        var x = o.A;
        var y = x + 3 * aRow;
        for (var k = o.K; k > 0; k--, x++, y++, b += Columns)
        {
            var b0 = Vector512.Load(b);
            var b1 = Vector512.Load(b + second);
            var b2 = Vector512.Load(b + third);
            var b3 = Vector512.Load(b + fourth);
            MultiplyAdd(x, b0, b1, b2, b3, ref c00, ref c01, ref c02, ref c03);
            if (TRows.Count > 1) MultiplyAdd(x + aRow, b0, b1, b2, b3, ref c10, ref c11, ref c12, ref c13);
            if (TRows.Count > 2) MultiplyAdd(x + 2 * aRow, b0, b1, b2, b3, ref c20, ref c21, ref c22, ref c23);
            if (TRows.Count > 3) MultiplyAdd(y, b0, b1, b2, b3, ref c30, ref c31, ref c32, ref c33);
            if (TRows.Count > 4) MultiplyAdd(y + aRow, b0, b1, b2, b3, ref c40, ref c41, ref c42, ref c43);
        }

        Write(o, 0, c00, c01, c02, c03);
        if (TRows.Count > 1) Write(o, 1, c10, c11, c12, c13);
        if (TRows.Count > 2) Write(o, 2, c20, c21, c22, c23);
        if (TRows.Count > 3) Write(o, 3, c30, c31, c32, c33);
        if (TRows.Count > 4) Write(o, 4, c40, c41, c42, c43);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(float* a, Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, Vector512<float> b3,
        ref Vector512<float> c0, ref Vector512<float> c1, ref Vector512<float> c2, ref Vector512<float> c3)
    {
        var value = Vector512.Create(*a);
        c0 = Vector512.MultiplyAddEstimate(value, b0, c0);
        c1 = Vector512.MultiplyAddEstimate(value, b1, c1);
        c2 = Vector512.MultiplyAddEstimate(value, b2, c2);
        c3 = Vector512.MultiplyAddEstimate(value, b3, c3);
    }

    /// <summary>A row of C: the sums, the bias, and then what they are added to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Write(in TileOperands o, int row, Vector512<float> c0, Vector512<float> c1, Vector512<float> c2,
        Vector512<float> c3)
    {
        var to = o.C + row * o.CRow;
        var addend = o.Addend == null ? null : o.Addend + row * o.AddendRow;
        Write(o, 0, c0, to, addend);
        Write(o, 1, c1, to, addend);
        Write(o, 2, c2, to, addend);
        if (o.Columns > 3 * Columns) Write(o, 3, c3, to, addend);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(in TileOperands o, int panel, Vector512<float> sum, float* to, float* addend)
    {
        var at = panel * Columns;
        var rest = o.Columns - at;
        if (rest >= Columns)
        {
            if (o.Bias != null) sum += Vector512.Load(o.Bias + at);
            if (addend != null) sum += Vector512.Load(addend + at);
            sum.Store(to + at);
            return;
        }

        if (o.Bias != null) sum += VectorTail.LoadWide(o.Bias + at, rest);
        if (addend != null) sum += VectorTail.LoadWide(addend + at, rest);
        VectorTail.Store(sum, to + at, rest);
    }
}
