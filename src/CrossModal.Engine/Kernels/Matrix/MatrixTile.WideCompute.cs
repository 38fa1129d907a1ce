using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class MatrixTile
{
    // The sums are locals of their own: as fields of a structure the compiler does not keep so many of them in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ComputeWide<TLeft, TRows, TWidth>(int tiles, in TileOperands o)
        where TLeft : struct, ITileLeft
        where TRows : struct, ICount
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
            Vector512<float> c60 = default, c61 = default, c70 = default, c71 = default;
            var b = o.B;
            var x = a;
            var y = a + 3 * aRow;
            var z = a + 6 * aRow;
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

                    if (TRows.Count > 6)
                    {
                        value = Vector512.Create(*z);
                        c60 = Vector512.MultiplyAddEstimate(value, b0, c60);
                        if (TWidth.IsPair) value = Vector512.Create(z[below]);
                        if (TWidth.Vectors == 2) c61 = Vector512.MultiplyAddEstimate(value, b1, c61);
                    }

                    if (TRows.Count > 7)
                    {
                        value = Vector512.Create(z[aRow]);
                        c70 = Vector512.MultiplyAddEstimate(value, b0, c70);
                        if (TWidth.IsPair) value = Vector512.Create(z[aRow + below]);
                        if (TWidth.Vectors == 2) c71 = Vector512.MultiplyAddEstimate(value, b1, c71);
                    }

                    x += aCol;
                    y += aCol;
                    z += aCol;
                    b += bRow;
                }

                x += o.ALine - o.LineLength;
                y += o.ALine - o.LineLength;
                z += o.ALine - o.LineLength;
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
                if (TRows.Count > 6) c60 += f0;
                if (TRows.Count > 7) c70 += f0;
                if (TWidth.Vectors == 2)
                {
                    c01 += f1;
                    if (TRows.Count > 1) c11 += f1;
                    if (TRows.Count > 2) c21 += f1;
                    if (TRows.Count > 3) c31 += f1;
                    if (TRows.Count > 4) c41 += f1;
                    if (TRows.Count > 5) c51 += f1;
                    if (TRows.Count > 6) c61 += f1;
                    if (TRows.Count > 7) c71 += f1;
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
                if (TRows.Count > 6) c60 = Vector512.MultiplyAddEstimate(First<TWidth>(addend + 6 * addRow, rest), f0, c60);
                if (TRows.Count > 7) c70 = Vector512.MultiplyAddEstimate(First<TWidth>(addend + 7 * addRow, rest), f0, c70);
                if (TWidth.Vectors == 2)
                {
                    c01 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + addPanel, rest), f1, c01);
                    if (TRows.Count > 1) c11 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + addRow + addPanel, rest), f1, c11);
                    if (TRows.Count > 2) c21 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 2 * addRow + addPanel, rest), f1, c21);
                    if (TRows.Count > 3) c31 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 3 * addRow + addPanel, rest), f1, c31);
                    if (TRows.Count > 4) c41 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 4 * addRow + addPanel, rest), f1, c41);
                    if (TRows.Count > 5) c51 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 5 * addRow + addPanel, rest), f1, c51);
                    if (TRows.Count > 6) c61 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 6 * addRow + addPanel, rest), f1, c61);
                    if (TRows.Count > 7) c71 = Vector512.MultiplyAddEstimate(Second<TWidth>(addend + 7 * addRow + addPanel, rest), f1, c71);
                }

                addend += height * addRow;
            }

            StoreRow<TWidth>(c00, c01, c, cPanel, rest);
            if (TRows.Count > 1) StoreRow<TWidth>(c10, c11, c + cRow, cPanel, rest);
            if (TRows.Count > 2) StoreRow<TWidth>(c20, c21, c + 2 * cRow, cPanel, rest);
            if (TRows.Count > 3) StoreRow<TWidth>(c30, c31, c + 3 * cRow, cPanel, rest);
            if (TRows.Count > 4) StoreRow<TWidth>(c40, c41, c + 4 * cRow, cPanel, rest);
            if (TRows.Count > 5) StoreRow<TWidth>(c50, c51, c + 5 * cRow, cPanel, rest);
            if (TRows.Count > 6) StoreRow<TWidth>(c60, c61, c + 6 * cRow, cPanel, rest);
            if (TRows.Count > 7) StoreRow<TWidth>(c70, c71, c + 7 * cRow, cPanel, rest);
            a += height * o.ATileRow;
            c += height * cRow;
        }
    }
}
