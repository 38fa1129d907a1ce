namespace CrossModal.Imitation;

/// <summary>
/// A 95 % interval of the policy's error over that of the mean action, for episodes of the kind that was measured: steps of one episode are
/// alike, so episodes are the units. The ratio of two sums is linearised, and its deviation is estimated from the episodes' residuals
/// (Cochran, "Sampling techniques", 1977, section 6.4, with clusters of steps); Student's t makes it wide enough for few episodes, where a
/// bootstrap's is too short.
/// </summary>
/// <param name="Lower">Lower end; not below 0.</param>
/// <param name="Upper">Upper end.</param>
internal sealed record RatioInterval(double Lower, double Upper)
{
    // Quantiles of Student's t at 0.975, for 1 to 30 degrees of freedom.
    private static readonly double[] Student =
    [
        12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448, 2.1314,
        2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423,
    ];

    private const double Normal = 1.959964;

    /// <summary>The interval, or null for fewer than two episodes, or when the mean action has no error.</summary>
    public static RatioInterval? Of(IReadOnlyList<EpisodeError> episodes)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        var n = episodes.Count;
        var (policy, mean) = (episodes.Sum(e => e.Steps * e.Normalized), episodes.Sum(e => e.Steps * e.NormalizedMean));
        if (n < 2 || mean <= 0) return null;
        var ratio = policy / mean;
        var squares = episodes.Sum(e => Math.Pow(e.Steps * (e.Normalized - ratio * e.NormalizedMean), 2));
        var half = Quantile(n - 1) * Math.Sqrt(n / (n - 1.0) * squares) / mean;
        return new RatioInterval(Math.Max(0, ratio - half), ratio + half);
    }

    // Beyond the table the first terms of its expansion about the normal quantile are exact to four decimals (Abramowitz and Stegun,
    // 26.7.5).
    private static double Quantile(int freedom) => freedom <= Student.Length
        ? Student[freedom - 1]
        : Normal + (Math.Pow(Normal, 3) + Normal) / (4 * freedom)
            + (5 * Math.Pow(Normal, 5) + 16 * Math.Pow(Normal, 3) + 3 * Normal) / (96.0 * freedom * freedom);
}
