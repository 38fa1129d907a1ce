using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static CrossModal.Engine.Kernels.Counts;

namespace CrossModal.Engine.Kernels;

/// <summary>Products as dot products along adjacent k, 4 rows by 3 columns at a time: for results with very few columns.</summary>
internal static unsafe class MatrixDots
{
    /// <summary>Rows computed together.</summary>
    public const int Rows = 4;

    /// <summary>
    /// C(i, j) = (accumulate ? C : 0) + sum over p of a[i * aRow + p] * b[j * bLine + p] + bias[i * biasRow + j * biasCol];
    /// (i, j) of C lies at i * cRow + j * cCol.
    /// </summary>
    public static void Run(
        int rows, int columns, int k, float* a, nint aRow, float* b, nint bLine, float* c, nint cRow, nint cCol,
        float* bias, int biasRow, int biasCol, bool accumulate)
    {
        var sums = stackalloc float[Rows * 3];
        var groups = (columns + 2) / 3;
        for (var g = 0; g < groups; g++)
        {
            var first = columns * g / groups;
            var width = columns * (g + 1) / groups - first;
            for (var i = 0; i < rows; i += Rows)
            {
                var height = Math.Min(Rows, rows - i);
                // A missing row repeats the last one; its sums are not stored.
                var a0 = a + i * aRow;
                var a1 = height > 1 ? a0 + aRow : a0;
                var a2 = height > 2 ? a1 + aRow : a1;
                var a3 = height > 3 ? a2 + aRow : a2;
                var line = b + first * bLine;
                if (width == 1) Compute<One>(k, a0, a1, a2, a3, line, bLine, sums);
                else if (width == 2) Compute<Two>(k, a0, a1, a2, a3, line, bLine, sums);
                else Compute<Three>(k, a0, a1, a2, a3, line, bLine, sums);
                for (var r = 0; r < height; r++)
                {
                    for (var j = 0; j < width; j++)
                    {
                        var value = sums[j * Rows + r];
                        if (bias != null) value += bias[(nint)(i + r) * biasRow + (first + j) * biasCol];
                        var to = c + (i + r) * cRow + (first + j) * cCol;
                        *to = accumulate ? *to + value : value;
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TColumns>(int k, float* a0, float* a1, float* a2, float* a3, float* b, nint bLine, float* sums)
        where TColumns : struct, ICount
    {
        Vector256<float> c00 = default, c01 = default, c02 = default, c10 = default, c11 = default, c12 = default;
        Vector256<float> c20 = default, c21 = default, c22 = default, c30 = default, c31 = default, c32 = default;
        nint p = 0;
        for (; p + 8 <= k; p += 8)
        {
            var v0 = Vector256.Load(a0 + p);
            var v1 = Vector256.Load(a1 + p);
            var v2 = Vector256.Load(a2 + p);
            var v3 = Vector256.Load(a3 + p);
            var w = Vector256.Load(b + p);
            c00 = Vector256.MultiplyAddEstimate(v0, w, c00);
            c10 = Vector256.MultiplyAddEstimate(v1, w, c10);
            c20 = Vector256.MultiplyAddEstimate(v2, w, c20);
            c30 = Vector256.MultiplyAddEstimate(v3, w, c30);
            if (TColumns.Count > 1)
            {
                w = Vector256.Load(b + bLine + p);
                c01 = Vector256.MultiplyAddEstimate(v0, w, c01);
                c11 = Vector256.MultiplyAddEstimate(v1, w, c11);
                c21 = Vector256.MultiplyAddEstimate(v2, w, c21);
                c31 = Vector256.MultiplyAddEstimate(v3, w, c31);
            }

            if (TColumns.Count > 2)
            {
                w = Vector256.Load(b + 2 * bLine + p);
                c02 = Vector256.MultiplyAddEstimate(v0, w, c02);
                c12 = Vector256.MultiplyAddEstimate(v1, w, c12);
                c22 = Vector256.MultiplyAddEstimate(v2, w, c22);
                c32 = Vector256.MultiplyAddEstimate(v3, w, c32);
            }
        }

        if (p < k)
        {
            // The missing lanes of both operands are 0: 0 times an infinity would be NaN.
            var rest = (int)(k - p);
            var v0 = VectorTail.Load(a0 + p, rest);
            var v1 = VectorTail.Load(a1 + p, rest);
            var v2 = VectorTail.Load(a2 + p, rest);
            var v3 = VectorTail.Load(a3 + p, rest);
            var w = VectorTail.Load(b + p, rest);
            c00 = Vector256.MultiplyAddEstimate(v0, w, c00);
            c10 = Vector256.MultiplyAddEstimate(v1, w, c10);
            c20 = Vector256.MultiplyAddEstimate(v2, w, c20);
            c30 = Vector256.MultiplyAddEstimate(v3, w, c30);
            if (TColumns.Count > 1)
            {
                w = VectorTail.Load(b + bLine + p, rest);
                c01 = Vector256.MultiplyAddEstimate(v0, w, c01);
                c11 = Vector256.MultiplyAddEstimate(v1, w, c11);
                c21 = Vector256.MultiplyAddEstimate(v2, w, c21);
                c31 = Vector256.MultiplyAddEstimate(v3, w, c31);
            }

            if (TColumns.Count > 2)
            {
                w = VectorTail.Load(b + 2 * bLine + p, rest);
                c02 = Vector256.MultiplyAddEstimate(v0, w, c02);
                c12 = Vector256.MultiplyAddEstimate(v1, w, c12);
                c22 = Vector256.MultiplyAddEstimate(v2, w, c22);
                c32 = Vector256.MultiplyAddEstimate(v3, w, c32);
            }
        }

        Sum(c00, c10, c20, c30, sums);
        if (TColumns.Count > 1) Sum(c01, c11, c21, c31, sums + Rows);
        if (TColumns.Count > 2) Sum(c02, c12, c22, c32, sums + 2 * Rows);
    }

    /// <summary>The four horizontal sums, side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sum(Vector256<float> c0, Vector256<float> c1, Vector256<float> c2, Vector256<float> c3, float* sums)
    {
        var h0 = c0.GetLower() + c0.GetUpper();
        var h1 = c1.GetLower() + c1.GetUpper();
        var h2 = c2.GetLower() + c2.GetUpper();
        var h3 = c3.GetLower() + c3.GetUpper();
        if (Sse3.IsSupported)
        {
            Sse3.HorizontalAdd(Sse3.HorizontalAdd(h0, h1), Sse3.HorizontalAdd(h2, h3)).Store(sums);
            return;
        }

        sums[0] = Vector128.Sum(h0);
        sums[1] = Vector128.Sum(h1);
        sums[2] = Vector128.Sum(h2);
        sums[3] = Vector128.Sum(h3);
    }
}
