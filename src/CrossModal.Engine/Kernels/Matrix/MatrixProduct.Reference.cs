namespace CrossModal.Engine.Kernels;

internal static partial class MatrixProduct
{
    /// <summary>What <see cref="Run"/> computes, as plain loops in double: what the fast kernels are tested against.</summary>
    public static void Reference(
        int m, int n, int k, ReadOnlySpan<float> a, int aRow, int aCol, ReadOnlySpan<float> b, int bRow, int bCol,
        Span<float> c, int cRow, ReadOnlySpan<float> bias, bool accumulate)
    {
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var sum = accumulate ? c[i * cRow + j] : 0.0;
                for (var p = 0; p < k; p++) sum += (double)a[i * aRow + p * aCol] * b[p * bRow + j * bCol];
                if (!bias.IsEmpty) sum += bias[j];
                c[i * cRow + j] = (float)sum;
            }
        }
    }
}
