namespace CrossModal.Benchmarks.Comparison;

/// <summary>The samples of one entry that count: at most one a round, taken while the calibrator saw an undisturbed machine.</summary>
/// <param name="Samples">The samples, in the order of their rounds.</param>
/// <param name="Rounds">The least disturbed sample of every round, counted or not.</param>
/// <param name="Disturbed">Whether too few were undisturbed, so that the least disturbed half counts instead.</param>
internal sealed record Kept(IReadOnlyList<Sample> Samples, IReadOnlyList<Sample> Rounds, bool Disturbed)
{
    /// <summary>How much slower than at its best the calibrator may be.</summary>
    public const double Tolerance = 1.2;

    /// <summary>Fewer undisturbed samples than this give no median worth the name.</summary>
    public const int Fewest = 3;

    /// <summary>Medians of the samples, nanoseconds; null when there are none.</summary>
    public Spread? Times => Spread.Of(Samples.Select(s => s.Median));

    /// <summary>Chooses among all samples of one entry.</summary>
    /// <param name="samples">The samples; several of one round are tries of which the least disturbed stands for the round.</param>
    /// <param name="best">The calibrator's best, nanoseconds.</param>
    public static Kept Choose(IEnumerable<Sample> samples, double best)
    {
        Sample[] rounds = [.. samples.GroupBy(s => s.Round).OrderBy(g => g.Key).Select(g => g.MinBy(s => s.Disturbance)!)];
        Sample[] clean = [.. rounds.Where(s => s.Disturbance <= Tolerance * best)];
        if (clean.Length >= Math.Min(Fewest, rounds.Length)) return new(clean, rounds, false);
        var half = rounds.OrderBy(s => s.Disturbance).Take(Math.Max(clean.Length, (rounds.Length + 1) / 2));
        return new([.. half.OrderBy(s => s.Round)], rounds, true);
    }

    /// <summary>Ratios of two entries' times, each within one round: what slows both down at the same time cancels.</summary>
    /// <remarks>Of rounds in which both samples count; of all rounds when those are fewer than <see cref="Fewest"/>.</remarks>
    public static Spread? PairedRatios(Kept numerator, Kept denominator)
    {
        var counted = Pairs(numerator.Samples, denominator.Samples);
        return Spread.Of(counted.Length >= Fewest ? counted : Pairs(numerator.Rounds, denominator.Rounds));
    }

    private static double[] Pairs(IReadOnlyList<Sample> numerator, IReadOnlyList<Sample> denominator) =>
        [.. numerator.Join(denominator, n => n.Round, d => d.Round, (n, d) => n.Median / d.Median)];
}
