namespace CrossModal.Experiments.Statistics;

/// <summary>
/// The exact test of whether two policies differ on the same episodes (McNemar, "Note on the sampling error of the difference between
/// correlated proportions or percentages", 1947, in its exact binomial form): only episodes that exactly one of them solved count.
/// </summary>
/// <param name="OnlyFirst">Episodes that only the first solved.</param>
/// <param name="OnlySecond">Episodes that only the second solved.</param>
/// <param name="PValue">Two-sided: how often a fair coin would split the counted episodes at least as unevenly.</param>
public readonly record struct McNemarTest(int OnlyFirst, int OnlySecond, double PValue)
{
    /// <summary>The test of two counts; the p-value is 1 when nothing counts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static McNemarTest Of(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        return new McNemarTest(onlyFirst, onlySecond, Math.Min(1, 2 * LowerTail(Math.Min(onlyFirst, onlySecond), onlyFirst + onlySecond)));
    }

    /// <summary>The test of two lists of outcomes, episode by episode. Lists of several training runs may be joined: the test then asks
    /// about these trained policies, not about the next training run (<see cref="Bootstrap.Difference"/> does).</summary>
    /// <exception cref="ArgumentException">The lists are of different lengths.</exception>
    public static McNemarTest Of(IReadOnlyList<bool> first, IReadOnlyList<bool> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count)
            throw new ArgumentException($"McNemarTest: {first.Count} outcomes beside {second.Count}; they must be of the same episodes",
            nameof(second));
        var (onlyFirst, onlySecond) = (0, 0);
        for (var i = 0; i < first.Count; i++)
        {
            if (first[i] && !second[i]) onlyFirst++;
            if (second[i] && !first[i]) onlySecond++;
        }

        return Of(onlyFirst, onlySecond);
    }

    /// <summary>P(X ≤ k) of n tosses of a fair coin; terms by their logarithms, so that thousands of tosses do not underflow.</summary>
    private static double LowerTail(int k, int n)
    {
        var (logTerm, sum) = (-n * Math.Log(2), 0.0);
        for (var i = 0; i <= k; i++)
        {
            sum += Math.Exp(logTerm);
            logTerm += Math.Log((n - i) / (i + 1.0));
        }

        return sum;
    }
}
