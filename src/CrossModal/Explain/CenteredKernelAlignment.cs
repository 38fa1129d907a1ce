namespace CrossModal.Explain;

/// <summary>Linear centred kernel alignment: how alike two representations of the same samples are, whatever their rotation and scale
/// (Kornblith et al. 2019, equation 3 with linear kernels).</summary>
internal static class CenteredKernelAlignment
{
    /// <summary>‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖), Frobenius norms of the centred features: from 0 (nothing in common) to 1 (the same up to rotation
    /// and scale).</summary>
    /// <param name="x">Features <c>[N, dx]</c>, row-major.</param>
    /// <param name="y">Features <c>[N, dy]</c> of the same samples.</param>
    /// <param name="samples">Number of samples N.</param>
    /// <returns>NaN when a side is the same for all samples.</returns>
    /// <exception cref="ArgumentException">A side does not have N rows, or N is below 2.</exception>
    public static double Linear(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int samples)
    {
        if (samples < 2 || x.IsEmpty || y.IsEmpty || x.Length % samples != 0 || y.Length % samples != 0)
            throw new ArgumentException(
                $"CenteredKernelAlignment: {x.Length} and {y.Length} numbers are not features of {samples} samples");
        var (a, b) = (Gram(x, samples), Gram(y, samples));
        return Inner(a, b) / Math.Sqrt(Inner(a, a) * Inner(b, b));
    }

    /// <summary>Inner products of centred rows, <c>[N, N]</c>: ⟨K, L⟩ of two of these is ‖YᵀX‖².</summary>
    private static double[] Gram(ReadOnlySpan<float> x, int samples)
    {
        var width = x.Length / samples;
        var centred = new double[x.Length];
        for (var c = 0; c < width; c++)
        {
            double mean = 0;
            for (var i = 0; i < samples; i++) mean += x[i * width + c];
            mean /= samples;
            for (var i = 0; i < samples; i++) centred[i * width + c] = x[i * width + c] - mean;
        }

        var gram = new double[samples * samples];
        for (var i = 0; i < samples; i++)
            for (var j = 0; j <= i; j++)
            {
                double sum = 0;
                for (var c = 0; c < width; c++) sum += centred[i * width + c] * centred[j * width + c];
                gram[i * samples + j] = gram[j * samples + i] = sum;
            }

        return gram;
    }

    private static double Inner(double[] a, double[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
