using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

internal static unsafe partial class ByteTranspose
{
    private const int TallColumns = 16;

    /// <summary>Vectors of several groups of 16 bytes, each from a row 16 below that of the group before it.</summary>
    private interface IRows<TVector>
    {
        /// <summary>Rows of a tile: sixteen of each group.</summary>
        static abstract int Count { get; }

        /// <summary>Sixteen bytes of a row in every group.</summary>
        static abstract TVector Load(byte* source, nint stride);

        /// <summary>The bytes of both vectors in turn, group by group: of the left and of the right halves of the groups.</summary>
        static abstract (TVector Left, TVector Right) InTurn(TVector upper, TVector lower);

        /// <summary>Writes all groups side by side.</summary>
        static abstract void Store(TVector value, byte* target);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTiles<TRows, TVector>(int rows, int columns, byte* source, nint stride, byte* target, nint targetStride)
        where TRows : struct, IRows<TVector>
    {
        // As in Run: strips of a line of the cache, the last tiles overlap those before them.
        for (var strip = 0; strip < columns; strip += Line)
        {
            var end = Math.Min(strip + Line, columns);
            for (var row = 0; row < rows; row += TRows.Count)
            {
                nint i = Math.Min(row, rows - TRows.Count);
                for (var column = strip; column < end; column += TallColumns)
                {
                    nint j = Math.Min(column, columns - TallColumns);
                    TallTile<TRows, TVector>(source + i * stride + j, stride, target + j * targetStride + i, targetStride);
                }
            }
        }
    }

    /// <summary>
    /// Sixteen columns. Each of four rounds takes the bytes of rows i and i + 8 in turn: the numbers of row and column, eight bits side by
    /// side, are turned by one bit a round, and have changed places after four.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TallTile<TRows, TVector>(byte* source, nint stride, byte* target, nint targetStride)
        where TRows : struct, IRows<TVector>
    {
        var (a0, a1) = TRows.InTurn(TRows.Load(source, stride), TRows.Load(source + 8 * stride, stride));
        var (a2, a3) = TRows.InTurn(TRows.Load(source + stride, stride), TRows.Load(source + 9 * stride, stride));
        var (a4, a5) = TRows.InTurn(TRows.Load(source + 2 * stride, stride), TRows.Load(source + 10 * stride, stride));
        var (a6, a7) = TRows.InTurn(TRows.Load(source + 3 * stride, stride), TRows.Load(source + 11 * stride, stride));
        var (a8, a9) = TRows.InTurn(TRows.Load(source + 4 * stride, stride), TRows.Load(source + 12 * stride, stride));
        var (a10, a11) = TRows.InTurn(TRows.Load(source + 5 * stride, stride), TRows.Load(source + 13 * stride, stride));
        var (a12, a13) = TRows.InTurn(TRows.Load(source + 6 * stride, stride), TRows.Load(source + 14 * stride, stride));
        var (a14, a15) = TRows.InTurn(TRows.Load(source + 7 * stride, stride), TRows.Load(source + 15 * stride, stride));

        var (b0, b1) = TRows.InTurn(a0, a8);
        var (b2, b3) = TRows.InTurn(a1, a9);
        var (b4, b5) = TRows.InTurn(a2, a10);
        var (b6, b7) = TRows.InTurn(a3, a11);
        var (b8, b9) = TRows.InTurn(a4, a12);
        var (b10, b11) = TRows.InTurn(a5, a13);
        var (b12, b13) = TRows.InTurn(a6, a14);
        var (b14, b15) = TRows.InTurn(a7, a15);

        var (c0, c1) = TRows.InTurn(b0, b8);
        var (c2, c3) = TRows.InTurn(b1, b9);
        var (c4, c5) = TRows.InTurn(b2, b10);
        var (c6, c7) = TRows.InTurn(b3, b11);
        var (c8, c9) = TRows.InTurn(b4, b12);
        var (c10, c11) = TRows.InTurn(b5, b13);
        var (c12, c13) = TRows.InTurn(b6, b14);
        var (c14, c15) = TRows.InTurn(b7, b15);

        var (d0, d1) = TRows.InTurn(c0, c8);
        var (d2, d3) = TRows.InTurn(c1, c9);
        var (d4, d5) = TRows.InTurn(c2, c10);
        var (d6, d7) = TRows.InTurn(c3, c11);
        var (d8, d9) = TRows.InTurn(c4, c12);
        var (d10, d11) = TRows.InTurn(c5, c13);
        var (d12, d13) = TRows.InTurn(c6, c14);
        var (d14, d15) = TRows.InTurn(c7, c15);

        TRows.Store(d0, target);
        TRows.Store(d1, target + targetStride);
        TRows.Store(d2, target + 2 * targetStride);
        TRows.Store(d3, target + 3 * targetStride);
        TRows.Store(d4, target + 4 * targetStride);
        TRows.Store(d5, target + 5 * targetStride);
        TRows.Store(d6, target + 6 * targetStride);
        TRows.Store(d7, target + 7 * targetStride);
        TRows.Store(d8, target + 8 * targetStride);
        TRows.Store(d9, target + 9 * targetStride);
        TRows.Store(d10, target + 10 * targetStride);
        TRows.Store(d11, target + 11 * targetStride);
        TRows.Store(d12, target + 12 * targetStride);
        TRows.Store(d13, target + 13 * targetStride);
        TRows.Store(d14, target + 14 * targetStride);
        TRows.Store(d15, target + 15 * targetStride);
    }

    private readonly struct Rows64 : IRows<Vector512<byte>>
    {
        public static int Count => 64;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<byte> Load(byte* source, nint stride)
        {
            var upper = Vector256.Create(Vector128.Load(source), Vector128.Load(source + 16 * stride));
            var lower = Vector256.Create(Vector128.Load(source + 32 * stride), Vector128.Load(source + 48 * stride));
            return Vector512.Create(upper, lower);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static (Vector512<byte> Left, Vector512<byte> Right) InTurn(Vector512<byte> upper, Vector512<byte> lower) =>
            (Avx512BW.UnpackLow(upper, lower), Avx512BW.UnpackHigh(upper, lower));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector512<byte> value, byte* target) => value.Store(target);
    }

    private readonly struct Rows32 : IRows<Vector256<byte>>
    {
        public static int Count => 32;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> Load(byte* source, nint stride) =>
            Vector256.Create(Vector128.Load(source), Vector128.Load(source + 16 * stride));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static (Vector256<byte> Left, Vector256<byte> Right) InTurn(Vector256<byte> upper, Vector256<byte> lower) =>
            (Avx2.UnpackLow(upper, lower), Avx2.UnpackHigh(upper, lower));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector256<byte> value, byte* target) => value.Store(target);
    }
}
