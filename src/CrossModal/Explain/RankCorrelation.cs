namespace CrossModal.Explain;

/// <summary>Spearman's rank correlation: how alike two maps order their patches, whatever their scales.</summary>
internal static class RankCorrelation
{
    /// <summary>Pearson's correlation of ranks, equals sharing the mean of theirs: −1 to 1; 0 when all numbers of one are equal.</summary>
    /// <exception cref="ArgumentException">There are not as many numbers of both, or fewer than two.</exception>
    public static double Of(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        if (x.Length != y.Length || x.Length < 2) throw new ArgumentException($"RankCorrelation: {x.Length} and {y.Length} numbers");
        var (a, b, middle) = (Ranks(x.ToArray()), Ranks(y.ToArray()), (x.Length - 1) / 2.0);
        double both = 0, first = 0, second = 0;
        for (var i = 0; i < a.Length; i++)
        {
            both += (a[i] - middle) * (b[i] - middle);
            first += (a[i] - middle) * (a[i] - middle);
            second += (b[i] - middle) * (b[i] - middle);
        }

        return first == 0 || second == 0 ? 0 : both / Math.Sqrt(first * second);
    }

    private static double[] Ranks(float[] values)
    {
        var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();
        var ranks = new double[values.Length];
        for (var first = 0; first < order.Length;)
        {
            var last = first;
            while (last + 1 < order.Length && values[order[last + 1]] == values[order[first]]) last++;
            for (var i = first; i <= last; i++) ranks[order[i]] = (first + last) / 2.0;
            first = last + 1;
        }

        return ranks;
    }
}
