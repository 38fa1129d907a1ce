using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CrossModal.Engine.Kernels;

/// <summary>The sum of the rows of a matrix: the gradient of a bias.</summary>
internal static unsafe class ColumnSums
{
    private const int Block = 64;

    /// <summary>sum[j] += Σ over i of x[i, j], row after row; x is [rows, columns].</summary>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public static void Add(int rows, int columns, ReadOnlySpan<float> x, Span<float> sum)
    {
        RowSplit.Check("ColumnSums", "x", x.Length, rows, columns);
        RowSplit.Check("ColumnSums", "sum", sum.Length, 1, columns);
        fixed (float* px = x, psum = sum)
        {
            var column = 0;
            for (; column + Block <= columns; column += Block) AddBlock(rows, columns, px + column, psum + column);
            for (; column < columns; column += 8) AddFew(rows, columns, px + column, psum + column, Math.Min(8, columns - column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBlock(int rows, nint stride, float* x, float* sum)
    {
        var s0 = Vector256.Load(sum);
        var s1 = Vector256.Load(sum + 8);
        var s2 = Vector256.Load(sum + 16);
        var s3 = Vector256.Load(sum + 24);
        var s4 = Vector256.Load(sum + 32);
        var s5 = Vector256.Load(sum + 40);
        var s6 = Vector256.Load(sum + 48);
        var s7 = Vector256.Load(sum + 56);
        for (var i = 0; i < rows; i++, x += stride)
        {
            s0 += Vector256.Load(x);
            s1 += Vector256.Load(x + 8);
            s2 += Vector256.Load(x + 16);
            s3 += Vector256.Load(x + 24);
            s4 += Vector256.Load(x + 32);
            s5 += Vector256.Load(x + 40);
            s6 += Vector256.Load(x + 48);
            s7 += Vector256.Load(x + 56);
        }

        s0.Store(sum);
        s1.Store(sum + 8);
        s2.Store(sum + 16);
        s3.Store(sum + 24);
        s4.Store(sum + 32);
        s5.Store(sum + 40);
        s6.Store(sum + 48);
        s7.Store(sum + 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFew(int rows, nint stride, float* x, float* sum, int columns)
    {
        var total = VectorTail.Load(sum, columns);
        for (var i = 0; i < rows; i++, x += stride) total += columns == 8 ? Vector256.Load(x) : VectorTail.Load(x, columns);
        VectorTail.Store(total, sum, columns);
    }
}
