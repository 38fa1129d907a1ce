namespace CrossModal.Benchmarks.Comparison;

/// <summary>Middle and spread of a few numbers.</summary>
/// <param name="Low">Lower quartile.</param>
/// <param name="Median">Median.</param>
/// <param name="High">Upper quartile.</param>
/// <param name="Count">How many numbers.</param>
internal sealed record Spread(double Low, double Median, double High, int Count)
{
    /// <summary>Of the numbers given; null when there are none.</summary>
    public static Spread? Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? null : new(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75), sorted.Length);
    }

    /// <summary>The median.</summary>
    /// <exception cref="ArgumentException">There are no numbers.</exception>
    public static double MedianOf(IEnumerable<double> values) => Of(values)?.Median ?? throw new ArgumentException("nothing has no median");

    // Linear between neighbours, as numpy.percentile does.
    private static double At(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        return below + 1 < sorted.Length ? sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
