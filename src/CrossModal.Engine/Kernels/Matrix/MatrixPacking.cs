using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>Copies blocks of a matrix into the order in which <see cref="MatrixTile"/> reads them.</summary>
internal static unsafe class MatrixPacking
{
    // 64 rows of B or of a transposed A: a few lines each, together in L1.
    private const int SliceDepth = 64;

    /// <summary>
    /// Packs B[k, columns] into panels of 16 columns, each panel [k, 16], the last one filled up with zeros.
    /// </summary>
    public static void PackPanels(int k, int columns, float* b, nint bRow, nint bCol, float* packed)
    {
        // Where columns are adjacent, a slice of rows is read whole, in the order of memory, before the next.
        var slice = bCol == 1 ? SliceDepth : Math.Max(k, 1);
        for (var p = 0; p < k; p += slice)
        {
            var depth = Math.Min(slice, k - p);
            for (var j = 0; j < columns; j += MatrixTile.Columns)
            {
                var width = Math.Min(MatrixTile.Columns, columns - j);
                PackPanel(depth, width, b + p * bRow + j * bCol, bRow, bCol, packed + (nint)j * k + p * MatrixTile.Columns);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackPanel(int k, int width, float* from, nint bRow, nint bCol, float* packed)
    {
        var p = 0;
        if (width == MatrixTile.Columns && bCol == 1)
        {
            for (; p < k; p++)
            {
                var row = from + p * bRow;
                Fetch(row + SliceDepth * bRow);
                Vector256.Load(row).Store(packed + p * 16);
                Vector256.Load(row + 8).Store(packed + p * 16 + 8);
            }
        }
        else if (width == MatrixTile.Columns && bRow == 1 && Avx.IsSupported)
        {
            for (; p + 8 <= k; p += 8)
            {
                Transpose8(from + p, bCol, packed + p * 16, 16);
                Transpose8(from + p + 8 * bCol, bCol, packed + p * 16 + 8, 16);
            }
        }

        for (; p < k; p++)
        {
            var row = packed + p * 16;
            for (var c = 0; c < width; c++) row[c] = from[p * bRow + c * bCol];
            for (var c = width; c < 16; c++) row[c] = 0;
        }
    }

    /// <summary>
    /// Packs rows of A[rows, k] tile after tile as <see cref="MatrixTile.Split"/> cuts them, each tile column after column.
    /// Reads nothing at or after <paramref name="end"/>; may write up to 7 floats past the rows * k that it fills.
    /// </summary>
    public static void PackTiles(int rows, int k, float* a, nint aRow, nint aCol, float* end, float* packed)
    {
        var (tiles, height, taller) = MatrixTile.Split(rows);
        // A transposed A is read in slices of k that stay in L1: one of its lines feeds several tiles.
        var slice = aCol == 1 ? k : SliceDepth;
        for (var p = 0; p < k; p += slice)
        {
            var depth = Math.Min(slice, k - p);
            var from = a + p * aCol;
            var to = packed;
            for (var t = 0; t < tiles; t++)
            {
                var count = t < taller ? height + 1 : height;
                if (aCol == 1) PackDepth(count, depth, from, aRow, to);
                else PackRows(count, depth, from, aRow, aCol, end, to + p * count);
                from += count * aRow;
                to += (nint)count * k;
            }
        }
    }

    /// <summary>One tile whose k are adjacent; may write 7 floats past it, which the next tile overwrites.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackDepth(int rows, int k, float* a, nint aRow, float* packed)
    {
        var p = 0;
        if (Avx.IsSupported)
        {
            // A missing row repeats the last one; what is written for it is overwritten.
            var a1 = rows > 1 ? a + aRow : a;
            var a2 = rows > 2 ? a1 + aRow : a1;
            var a3 = rows > 3 ? a2 + aRow : a2;
            var a4 = rows > 4 ? a3 + aRow : a3;
            var a5 = rows > 5 ? a4 + aRow : a4;
            for (; p + 8 <= k; p += 8) Transpose8(a + p, a1 + p, a2 + p, a3 + p, a4 + p, a5 + p, a5 + p, a5 + p, packed + p * rows, rows);
        }

        for (; p < k; p++)
        {
            for (var i = 0; i < rows; i++) packed[p * rows + i] = a[i * aRow + p];
        }
    }

    /// <summary>A slice of one tile, any strides, nothing written past it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRows(int rows, int k, float* a, nint aRow, nint aCol, float* end, float* packed)
    {
        var limit = packed + (nint)k * rows;
        for (; packed < limit; a += aCol, packed += rows)
        {
            Fetch(a + SliceDepth * aCol);
            if (aRow == 1 && packed + 8 <= limit && a + 8 <= end)
            {
                Vector256.Load(a).Store(packed);
                continue;
            }

            for (var i = 0; i < rows; i++) packed[i] = a[i * aRow];
        }
    }

    /// <summary>A hint that never faults: copies touch each line once, a slice apart, which the processor does not foresee.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(float* from)
    {
        if (Sse.IsSupported) Sse.Prefetch1(from);
    }

    /// <summary>Writes the transpose of the 8 by 8 block at <paramref name="from"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose8(float* from, nint fromRow, float* to, nint toRow)
    {
        var (row2, row4) = (2 * fromRow, 4 * fromRow);
        var lower = from + row4;
        Transpose8(
            from, from + fromRow, from + row2, from + row2 + fromRow, lower, lower + fromRow, lower + row2, lower + row2 + fromRow, to,
                toRow);
    }

    /// <summary>The same where only the first rows (1 to 8) are there; the others are read from <paramref name="zeros"/>, eight
    /// zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose8(int rows, float* from, nint fromRow, float* zeros, float* to, nint toRow)
    {
        if (rows == 8)
        {
            Transpose8(from, fromRow, to, toRow);
            return;
        }

        Transpose8(
            from, rows > 1 ? from + fromRow : zeros, rows > 2 ? from + 2 * fromRow : zeros, rows > 3 ? from + 3 * fromRow : zeros,
            rows > 4 ? from + 4 * fromRow : zeros, rows > 5 ? from + 5 * fromRow : zeros, rows > 6 ? from + 6 * fromRow : zeros, zeros, to,
            toRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose8(
        float* row0, float* row1, float* row2, float* row3, float* row4, float* row5, float* row6, float* row7, float* to, nint toRow)
    {
        var r0 = Vector256.Load(row0);
        var r1 = Vector256.Load(row1);
        var r2 = Vector256.Load(row2);
        var r3 = Vector256.Load(row3);
        var r4 = Vector256.Load(row4);
        var r5 = Vector256.Load(row5);
        var r6 = Vector256.Load(row6);
        var r7 = Vector256.Load(row7);
        var t0 = Avx.UnpackLow(r0, r1);
        var t1 = Avx.UnpackHigh(r0, r1);
        var t2 = Avx.UnpackLow(r2, r3);
        var t3 = Avx.UnpackHigh(r2, r3);
        var t4 = Avx.UnpackLow(r4, r5);
        var t5 = Avx.UnpackHigh(r4, r5);
        var t6 = Avx.UnpackLow(r6, r7);
        var t7 = Avx.UnpackHigh(r6, r7);
        var s0 = Avx.Shuffle(t0, t2, 0x44);
        var s1 = Avx.Shuffle(t0, t2, 0xEE);
        var s2 = Avx.Shuffle(t1, t3, 0x44);
        var s3 = Avx.Shuffle(t1, t3, 0xEE);
        var s4 = Avx.Shuffle(t4, t6, 0x44);
        var s5 = Avx.Shuffle(t4, t6, 0xEE);
        var s6 = Avx.Shuffle(t5, t7, 0x44);
        var s7 = Avx.Shuffle(t5, t7, 0xEE);
        Avx.Permute2x128(s0, s4, 0x20).Store(to);
        Avx.Permute2x128(s1, s5, 0x20).Store(to + toRow);
        Avx.Permute2x128(s2, s6, 0x20).Store(to + 2 * toRow);
        Avx.Permute2x128(s3, s7, 0x20).Store(to + 3 * toRow);
        Avx.Permute2x128(s0, s4, 0x31).Store(to + 4 * toRow);
        Avx.Permute2x128(s1, s5, 0x31).Store(to + 5 * toRow);
        Avx.Permute2x128(s2, s6, 0x31).Store(to + 6 * toRow);
        Avx.Permute2x128(s3, s7, 0x31).Store(to + 7 * toRow);
    }
}
