using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>Copies blocks of a matrix into the order in which <see cref="MatrixTile"/> reads them.</summary>
internal static unsafe class MatrixPacking
{
    /// <summary>
    /// Packs B[k, columns] into panels of 16 columns, each panel [k, 16], the last one filled up with zeros.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackPanels(int k, int columns, float* b, nint bRow, nint bCol, float* packed)
    {
        for (var j = 0; j < columns; j += MatrixTile.Columns)
        {
            var width = Math.Min(MatrixTile.Columns, columns - j);
            var from = b + j * bCol;
            var p = 0;
            if (width == MatrixTile.Columns && bCol == 1)
            {
                for (; p < k; p++)
                {
                    var row = from + p * bRow;
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

            packed += (nint)k * 16;
        }
    }

    /// <summary>
    /// Packs <paramref name="rows"/> (at most 6) rows of A[rows, k] column after column: element (i, p) goes to p * rows + i.
    /// Reads nothing at or after <paramref name="end"/>; may write two floats past the block, which the next block overwrites.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRows(int rows, int k, float* a, nint aRow, nint aCol, float* end, float* packed)
    {
        if (aRow == 1)
        {
            for (var p = 0; p < k; p++, a += aCol, packed += rows)
            {
                if (a + 8 <= end)
                {
                    Vector256.Load(a).Store(packed);
                    continue;
                }

                for (var i = 0; i < rows; i++) packed[i] = a[i];
            }

            return;
        }

        for (var i = 0; i < rows; i++)
        {
            var from = a + i * aRow;
            var to = packed + i;
            for (var p = 0; p < k; p++, from += aCol, to += rows) *to = *from;
        }
    }

    /// <summary>Writes the transpose of the 8 by 8 block at <paramref name="from"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose8(float* from, nint fromRow, float* to, nint toRow)
    {
        var r0 = Vector256.Load(from);
        var r1 = Vector256.Load(from + fromRow);
        var r2 = Vector256.Load(from + 2 * fromRow);
        var r3 = Vector256.Load(from + 3 * fromRow);
        var r4 = Vector256.Load(from + 4 * fromRow);
        var r5 = Vector256.Load(from + 5 * fromRow);
        var r6 = Vector256.Load(from + 6 * fromRow);
        var r7 = Vector256.Load(from + 7 * fromRow);
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
