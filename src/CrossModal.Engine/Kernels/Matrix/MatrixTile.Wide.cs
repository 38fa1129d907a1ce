using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixTile
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComputeWide<TLeft, TRows>(int tiles, in TileOperands o)
        where TLeft : struct, ITileLeft
        where TRows : struct, ITileRows
    {
        var (aCol, bRow, panel, depth) = (o.ACol, o.BRow, o.BPanel, o.K);
        var aRow = TLeft.IsRowAdjacent ? 1 : o.ARow;
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
            for (var k = depth; k > 0; k--)
            {
                var b0 = Vector512.Load(b);
                var b1 = Vector512.Load(b + panel);
                MultiplyAdd(x, b0, b1, ref s.C00, ref s.C01);
                if (TRows.Count > 1) MultiplyAdd(x + aRow, b0, b1, ref s.C10, ref s.C11);
                if (TRows.Count > 2) MultiplyAdd(x + 2 * aRow, b0, b1, ref s.C20, ref s.C21);
                if (TRows.Count > 3) MultiplyAdd(y, b0, b1, ref s.C30, ref s.C31);
                if (TRows.Count > 4) MultiplyAdd(y + aRow, b0, b1, ref s.C40, ref s.C41);
                if (TRows.Count > 5) MultiplyAdd(y + 2 * aRow, b0, b1, ref s.C50, ref s.C51);
                x += aCol;
                y += aCol;
                b += bRow;
            }

            if (o.Bias != null) AddRow<TRows>(ref s, o.Bias, 0);
            if (addend != null)
            {
                AddRow<TRows>(ref s, addend, o.AddendRow);
                addend += TRows.Count * o.AddendRow;
            }

            Store<TRows>(s, c, o.CRow);
            a += TRows.Count * o.ATileRow;
            c += TRows.Count * o.CRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd(float* a, Vector512<float> b0, Vector512<float> b1, ref Vector512<float> c0, ref Vector512<float> c1)
    {
        var value = Vector512.Create(*a);
        c0 = Vector512.MultiplyAddEstimate(value, b0, c0);
        c1 = Vector512.MultiplyAddEstimate(value, b1, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TRows>(ref WideSums s, float* from, nint row) where TRows : struct, ITileRows
    {
        Add(from, ref s.C00, ref s.C01);
        if (TRows.Count > 1) Add(from + row, ref s.C10, ref s.C11);
        if (TRows.Count > 2) Add(from + 2 * row, ref s.C20, ref s.C21);
        if (TRows.Count > 3) Add(from + 3 * row, ref s.C30, ref s.C31);
        if (TRows.Count > 4) Add(from + 4 * row, ref s.C40, ref s.C41);
        if (TRows.Count > 5) Add(from + 5 * row, ref s.C50, ref s.C51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* from, ref Vector512<float> c0, ref Vector512<float> c1)
    {
        c0 += Vector512.Load(from);
        c1 += Vector512.Load(from + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TRows>(in WideSums s, float* c, nint cRow) where TRows : struct, ITileRows
    {
        StoreRow(s.C00, s.C01, c);
        if (TRows.Count > 1) StoreRow(s.C10, s.C11, c + cRow);
        if (TRows.Count > 2) StoreRow(s.C20, s.C21, c + 2 * cRow);
        if (TRows.Count > 3) StoreRow(s.C30, s.C31, c + 3 * cRow);
        if (TRows.Count > 4) StoreRow(s.C40, s.C41, c + 4 * cRow);
        if (TRows.Count > 5) StoreRow(s.C50, s.C51, c + 5 * cRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(Vector512<float> c0, Vector512<float> c1, float* c)
    {
        c0.Store(c);
        c1.Store(c + 16);
    }

    /// <summary>The sums of a tile two panels wide. Everything that takes it is inlined, so that it lives in registers.</summary>
    private struct WideSums
    {
        public Vector512<float> C00, C01, C10, C11, C20, C21, C30, C31, C40, C41, C50, C51;
    }
}
