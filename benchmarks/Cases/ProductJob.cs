using CrossModal.Engine.Kernels;

namespace CrossModal.Benchmarks.Cases;

/// <summary>One matrix product, or a batch of them.</summary>
internal sealed class ProductJob : IJob
{
    private const int CheckedRows = 16;

    private readonly ProductSize _size;
    private readonly PackedMatrix? _packed;
    private readonly Workers _workers;
    private readonly float[] _a;
    private readonly float[] _b;
    private readonly float[] _c;

    /// <summary>Draws the operands.</summary>
    /// <param name="size">Sizes.</param>
    /// <param name="constant">Whether B never changes and may be prepared once; a batch has none that is.</param>
    /// <param name="workers">Threads.</param>
    public ProductJob(ProductSize size, bool constant, Workers workers)
    {
        (_size, _workers) = (size, workers);
        var (m, n, k, batch) = size;
        (_a, _b, _c) = (Kernels.KernelCases.Values(1, batch * m * k), Kernels.KernelCases.Values(2, batch * k * n),
            new float[batch * m * n]);
        if (constant && batch == 1) _packed = PackedMatrix.Pack(_b, k, n, n, 1);
    }

    /// <inheritdoc/>
    public void Call()
    {
        var (m, n, k, batch) = _size;
        if (batch > 1) MatrixProduct.Batched(batch, m, n, k, _a, m * k, k, 1, _b, k * n, n, 1, _c, m * n, n, false, _workers);
        else if (_packed is not null) PackedProduct.Run(_a, k, m, _packed, _c, n, default, default, default, 0, _workers);
        else MatrixProduct.Run(m, n, k, _a, k, 1, _b, n, 1, _c, n, default, false, _workers);
    }

    /// <summary>Of rows spread over all products.</summary>
    public double MaxError()
    {
        Array.Fill(_c, float.NaN);
        Call();
        return MaxError(_size, _a, _b, _c);
    }

    /// <summary>The largest difference of a result from float64, of rows spread over all products.</summary>
    public static double MaxError(ProductSize size, float[] a, float[] b, float[] c)
    {
        var (m, n, k, batch) = size;
        var largest = 0.0;
        for (var i = 0; i < CheckedRows; i++)
        {
            var row = (int)((long)i * (batch * m - 1) / (CheckedRows - 1));
            for (var j = 0; j < n; j++)
            {
                var sum = 0.0;
                for (var p = 0; p < k; p++) sum += (double)a[row * k + p] * b[(row / m * k + p) * n + j];
                largest = Math.Max(largest, Math.Abs(sum - c[row * n + j]));
            }
        }

        return largest;
    }
}
