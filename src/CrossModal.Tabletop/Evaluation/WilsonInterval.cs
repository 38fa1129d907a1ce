namespace CrossModal.Tabletop.Evaluation;

/// <summary>
/// A share and its 95 % confidence interval (Wilson, "Probable inference, the law of succession, and statistical inference",
/// 1927), which stays sensible at 0 and 100 %.
/// </summary>
/// <param name="Rate">The observed share.</param>
/// <param name="Lower">Lower end, at least 0.</param>
/// <param name="Upper">Upper end, at most 1.</param>
public readonly record struct WilsonInterval(double Rate, double Lower, double Upper)
{
    private const double Z = 1.959963984540054;

    /// <summary>The interval of so many successes among so many trials; [0, 1] and a rate of NaN when there were none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative or there are more successes than trials.</exception>
    public static WilsonInterval Of(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (trials == 0)
            return new WilsonInterval(double.NaN, 0, 1);
        double n = trials, rate = successes / n;
        var scale = 1 + (Z * Z / n);
        var center = (rate + (Z * Z / (2 * n))) / scale;
        var half = Z / scale * Math.Sqrt((rate * (1 - rate) / n) + (Z * Z / (4 * n * n)));
        // At the ends the formula gives 0 and 1 up to rounding; say so exactly.
        return new WilsonInterval(rate, successes == 0 ? 0 : center - half, successes == trials ? 1 : center + half);
    }

    /// <summary>In per cent, for example "81 [77, 85]".</summary>
    public override string ToString() => FormattableString.Invariant($"{100 * Rate:F0} [{100 * Lower:F0}, {100 * Upper:F0}]");
}
