using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>Writes the columns of a matrix of bytes as rows.</summary>
internal static unsafe partial class ByteTranspose
{
    private const int TileRows = 16, TileColumns = 8, Line = 64;

    /// <summary>target[j, i] = source[i, j]; the strides count bytes from row to row of either.</summary>
    /// <exception cref="ArgumentException">A stride is less than a row, or a span is too short.</exception>
    public static void Run(int rows, int columns, ReadOnlySpan<byte> source, int stride, Span<byte> target, int targetStride)
    {
        Check(rows, columns, source, stride, target, targetStride);
        if (!Vector128.IsHardwareAccelerated || rows < TileRows || columns < TileColumns)
        {
            RunPlain(rows, columns, source, stride, target, targetStride);
            return;
        }

        fixed (byte* from = source, to = target)
        {
            if (Avx512BW.IsSupported && Vector512.IsHardwareAccelerated && rows >= Rows64.Count && columns >= TallColumns)
            {
                RunTiles<Rows64, Vector512<byte>>(rows, columns, from, stride, to, targetStride);
                return;
            }

            if (Avx2.IsSupported && rows >= Rows32.Count && columns >= TallColumns)
            {
                RunTiles<Rows32, Vector256<byte>>(rows, columns, from, stride, to, targetStride);
                return;
            }

            // Strips are as wide as a line of the cache: all of a line is used before it is evicted.
            // The last tiles overlap those before them where the sides are no multiples of a tile's.
            for (var strip = 0; strip < columns; strip += Line)
            {
                var end = Math.Min(strip + Line, columns);
                for (var row = 0; row < rows; row += TileRows)
                {
                    nint i = Math.Min(row, rows - TileRows);
                    for (var column = strip; column < end; column += TileColumns)
                    {
                        nint j = Math.Min(column, columns - TileColumns);
                        Tile(from + i * stride + j, stride, to + j * targetStride + i, targetStride);
                    }
                }
            }
        }
    }

    /// <summary>The same byte after byte.</summary>
    /// <exception cref="ArgumentException">A stride is less than a row, or a span is too short.</exception>
    public static void RunPlain(int rows, int columns, ReadOnlySpan<byte> source, int stride, Span<byte> target, int targetStride)
    {
        Check(rows, columns, source, stride, target, targetStride);
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++) target[j * targetStride + i] = source[i * stride + j];
    }

    /// <summary>
    /// Rows i and i + 8 share a vector, so that each of its halves is a row of a square of 8 x 8. Three steps swap the bytes, pairs and
    /// fours of bytes that lie across the diagonal within squares of 2, 4 and 8.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(byte* source, nint stride, byte* target, nint targetStride)
    {
        var (r0, r1, r2, r3) = (Load(source, stride, 0), Load(source, stride, 1), Load(source, stride, 2), Load(source, stride, 3));
        var (r4, r5, r6, r7) = (Load(source, stride, 4), Load(source, stride, 5), Load(source, stride, 6), Load(source, stride, 7));

        var bytes = Vector128.Create((ushort)0xFF);
        var p0 = Left(r0, r1, bytes, 8).AsUInt32();
        var p1 = Right(r0, r1, bytes, 8).AsUInt32();
        var p2 = Left(r2, r3, bytes, 8).AsUInt32();
        var p3 = Right(r2, r3, bytes, 8).AsUInt32();
        var p4 = Left(r4, r5, bytes, 8).AsUInt32();
        var p5 = Right(r4, r5, bytes, 8).AsUInt32();
        var p6 = Left(r6, r7, bytes, 8).AsUInt32();
        var p7 = Right(r6, r7, bytes, 8).AsUInt32();

        var pairs = Vector128.Create(0xFFFFu);
        var q0 = Left(p0, p2, pairs, 16).AsUInt64();
        var q1 = Left(p1, p3, pairs, 16).AsUInt64();
        var q2 = Right(p0, p2, pairs, 16).AsUInt64();
        var q3 = Right(p1, p3, pairs, 16).AsUInt64();
        var q4 = Left(p4, p6, pairs, 16).AsUInt64();
        var q5 = Left(p5, p7, pairs, 16).AsUInt64();
        var q6 = Right(p4, p6, pairs, 16).AsUInt64();
        var q7 = Right(p5, p7, pairs, 16).AsUInt64();

        var fours = Vector128.Create(0xFFFFFFFFul);
        Left(q0, q4, fours, 32).AsByte().Store(target);
        Left(q1, q5, fours, 32).AsByte().Store(target + targetStride);
        Left(q2, q6, fours, 32).AsByte().Store(target + 2 * targetStride);
        Left(q3, q7, fours, 32).AsByte().Store(target + 3 * targetStride);
        Right(q0, q4, fours, 32).AsByte().Store(target + 4 * targetStride);
        Right(q1, q5, fours, 32).AsByte().Store(target + 5 * targetStride);
        Right(q2, q6, fours, 32).AsByte().Store(target + 6 * targetStride);
        Right(q3, q7, fours, 32).AsByte().Store(target + 7 * targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Load(byte* source, nint stride, int row) =>
        Vector128.Create(Vector64.Load(source + row * stride), Vector64.Load(source + (row + 8) * stride)).AsUInt16();

    /// <summary>The left halves of the elements of both rows, those of the lower row to the right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Left<T>(Vector128<T> upper, Vector128<T> lower, Vector128<T> left, int bits) =>
        (upper & left) | (lower << bits);

    /// <summary>The right halves of the elements of both rows, those of the upper row to the left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Right<T>(Vector128<T> upper, Vector128<T> lower, Vector128<T> left, int bits) =>
        (upper >>> bits) | Vector128.AndNot(lower, left);

    private static void Check(int rows, int columns, ReadOnlySpan<byte> source, int stride, Span<byte> target, int targetStride)
    {
        RowsOfBytes.Check("ByteTranspose", "source", source.Length, rows, columns, stride);
        RowsOfBytes.Check("ByteTranspose", "target", target.Length, columns, rows, targetStride);
    }
}
