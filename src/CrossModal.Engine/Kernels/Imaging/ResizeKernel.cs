using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CrossModal.Engine.Kernels;

/// <summary>
/// One pass of resizing a picture: a row of the new one is a weighted sum of rows of the old one. Weights are whole numbers of 22 bits
/// after the point, as in Pillow; sums are of 32 bits, in whatever order, and rounded to bytes: every way gives the same bits.
/// </summary>
internal static unsafe class ResizeKernel
{
    /// <summary>Bits of a weight after the point.</summary>
    public const int FractionBits = 22;

    private const int Half = 1 << (FractionBits - 1);

    /// <summary>
    /// sums[j] = Σ over i of weights[i] · rows[i, j], rounded and cut to 0–255; the stride counts bytes from row to row. The sizes of the
    /// weights may sum to 2 (2²³ as whole numbers) without a sum exceeding 32 bits; those of no filter here sum to more than 1.6.
    /// </summary>
    /// <exception cref="ArgumentException">The stride is less than a row, or there are too few rows.</exception>
    public static void SumRows(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> sums)
    {
        RowsOfBytes.Check("ResizeKernel", "rows", rows.Length, weights.Length, sums.Length, stride);
        fixed (byte* from = rows, to = sums)
        fixed (int* w = weights)
        {
            var columns = sums.Length;
            var j = 0;
            if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
                for (; j + 64 <= columns; j += 64) Sum64(from + j, stride, w, weights.Length, to + j);
            if (Avx2.IsSupported)
                for (; j + 32 <= columns; j += 32) Sum32(from + j, stride, w, weights.Length, to + j);
            if (Vector128.IsHardwareAccelerated && columns >= 16)
            {
                // The last sixteen overlap those before them.
                for (; j < columns; j += 16)
                {
                    var k = Math.Min(j, columns - 16);
                    Sum16(from + k, stride, w, weights.Length, to + k);
                }
            }

            for (; j < columns; j++) to[j] = Sum(from + j, stride, w, weights.Length);
        }
    }

    /// <summary>The same byte after byte.</summary>
    /// <exception cref="ArgumentException">The stride is less than a row, or there are too few rows.</exception>
    public static void SumRowsPlain(ReadOnlySpan<byte> rows, int stride, ReadOnlySpan<int> weights, Span<byte> sums)
    {
        RowsOfBytes.Check("ResizeKernel", "rows", rows.Length, weights.Length, sums.Length, stride);
        fixed (byte* from = rows)
        fixed (int* w = weights)
            for (var j = 0; j < sums.Length; j++) sums[j] = Sum(from + j, stride, w, weights.Length);
    }

    private static byte Sum(byte* from, nint stride, int* weights, int count)
    {
        var sum = Half;
        for (var i = 0; i < count; i++, from += stride) sum += weights[i] * *from;
        return (byte)Math.Clamp(sum >> FractionBits, 0, 255);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum64(byte* from, nint stride, int* weights, int count, byte* to)
    {
        Vector512<int> s0, s1, s2, s3;
        s0 = s1 = s2 = s3 = Vector512.Create(Half);
        for (var i = 0; i < count; i++, from += stride)
        {
            var weight = Vector512.Create(weights[i]);
            s0 += Avx512F.ConvertToVector512Int32(Vector128.Load(from)) * weight;
            s1 += Avx512F.ConvertToVector512Int32(Vector128.Load(from + 16)) * weight;
            s2 += Avx512F.ConvertToVector512Int32(Vector128.Load(from + 32)) * weight;
            s3 += Avx512F.ConvertToVector512Int32(Vector128.Load(from + 48)) * weight;
        }

        Vector512.Narrow(Vector512.Narrow(Rounded(s0), Rounded(s1)), Vector512.Narrow(Rounded(s2), Rounded(s3))).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum32(byte* from, nint stride, int* weights, int count, byte* to)
    {
        Vector256<int> s0, s1, s2, s3;
        s0 = s1 = s2 = s3 = Vector256.Create(Half);
        for (var i = 0; i < count; i++, from += stride)
        {
            var weight = Vector256.Create(weights[i]);
            s0 += Avx2.ConvertToVector256Int32(from) * weight;
            s1 += Avx2.ConvertToVector256Int32(from + 8) * weight;
            s2 += Avx2.ConvertToVector256Int32(from + 16) * weight;
            s3 += Avx2.ConvertToVector256Int32(from + 24) * weight;
        }

        Vector256.Narrow(Vector256.Narrow(Rounded(s0), Rounded(s1)), Vector256.Narrow(Rounded(s2), Rounded(s3))).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum16(byte* from, nint stride, int* weights, int count, byte* to)
    {
        Vector128<int> s0, s1, s2, s3;
        s0 = s1 = s2 = s3 = Vector128.Create(Half);
        for (var i = 0; i < count; i++, from += stride)
        {
            var weight = Vector128.Create(weights[i]);
            var (low, high) = Vector128.Widen(Vector128.Load(from));
            s0 += Vector128.WidenLower(low).AsInt32() * weight;
            s1 += Vector128.WidenUpper(low).AsInt32() * weight;
            s2 += Vector128.WidenLower(high).AsInt32() * weight;
            s3 += Vector128.WidenUpper(high).AsInt32() * weight;
        }

        Vector128.Narrow(Vector128.Narrow(Rounded(s0), Rounded(s1)), Vector128.Narrow(Rounded(s2), Rounded(s3))).Store(to);
    }

    private static Vector512<uint> Rounded(Vector512<int> sum) =>
        Vector512.Clamp(sum >> FractionBits, Vector512<int>.Zero, Vector512.Create(255)).AsUInt32();

    private static Vector256<uint> Rounded(Vector256<int> sum) =>
        Vector256.Clamp(sum >> FractionBits, Vector256<int>.Zero, Vector256.Create(255)).AsUInt32();

    private static Vector128<uint> Rounded(Vector128<int> sum) =>
        Vector128.Clamp(sum >> FractionBits, Vector128<int>.Zero, Vector128.Create(255)).AsUInt32();
}
