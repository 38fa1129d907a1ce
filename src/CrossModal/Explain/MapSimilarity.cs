using CrossModal.Layers;

namespace CrossModal.Explain;

/// <summary>Structural similarity (SSIM, Wang et al. 2004) of two maps: 1 for the same, about 0 for maps that have nothing to do with each
/// other.</summary>
/// <remarks>Each map is stretched from 0 to 1 over all cameras. Windows are squares of 3 patches, every place of one camera's grid once,
/// smaller where the grid is; C₁ = 0.01², C₂ = 0.03². Pictures take windows of 7 to 11 pixels, more than a grid of 8 has room
/// for.</remarks>
internal static class MapSimilarity
{
    private const int Window = 3;
    private const double Luminance = 0.01 * 0.01, Contrast = 0.03 * 0.03;

    /// <summary>The mean over windows.</summary>
    /// <param name="first">A map, camera after camera, <c>[V · grid.Count]</c>.</param>
    /// <param name="second">Another one of as many patches.</param>
    /// <param name="grid">Where a camera's patches lie.</param>
    /// <exception cref="ArgumentException">The numbers of patches do not fit each other or the grid.</exception>
    public static double Of(ReadOnlySpan<float> first, ReadOnlySpan<float> second, TokenGrid grid)
    {
        if (first.Length != second.Length || first.Length == 0 || first.Length % grid.Count != 0)
            throw new ArgumentException($"MapSimilarity: maps of {first.Length} and {second.Length} patches on a {grid} grid");
        var (a, b) = (Stretched(first), Stretched(second));
        var (rows, columns) = (Math.Min(Window, grid.Rows), Math.Min(Window, grid.Columns));
        var (sum, windows) = (0.0, 0);
        for (var camera = 0; camera < first.Length; camera += grid.Count)
            for (var y = 0; y + rows <= grid.Rows; y++)
                for (var x = 0; x + columns <= grid.Columns; x++, windows++)
                    sum += OfWindow(a, b, camera + y * grid.Columns + x, (rows, columns), grid.Columns);
        return sum / windows;
    }

    private static double OfWindow(double[] a, double[] b, int from, (int Rows, int Columns) size, int stride)
    {
        double meanA = 0, meanB = 0, squareA = 0, squareB = 0, product = 0;
        var count = (double)size.Rows * size.Columns;
        for (var y = 0; y < size.Rows; y++)
            for (var x = 0; x < size.Columns; x++)
            {
                var (p, q) = (a[from + y * stride + x], b[from + y * stride + x]);
                (meanA, meanB) = (meanA + p / count, meanB + q / count);
                (squareA, squareB, product) = (squareA + p * p / count, squareB + q * q / count, product + p * q / count);
            }

        var (varianceA, varianceB, covariance) = (squareA - meanA * meanA, squareB - meanB * meanB, product - meanA * meanB);
        return (2 * meanA * meanB + Luminance) * (2 * covariance + Contrast)
            / ((meanA * meanA + meanB * meanB + Luminance) * (varianceA + varianceB + Contrast));
    }

    private static double[] Stretched(ReadOnlySpan<float> map)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (var x in map) (low, high) = (Math.Min(low, x), Math.Max(high, x));
        var stretched = new double[map.Length];
        for (var i = 0; i < map.Length; i++) stretched[i] = high > low ? (map[i] - low) / (high - low) : 0;
        return stretched;
    }
}
