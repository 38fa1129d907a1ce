using CrossModal.Engine.Tensors;

namespace CrossModal.Experiments.Statistics;

/// <summary>
/// Percentile intervals by resampling (Efron, "Bootstrap methods: another look at the jackknife", 1979). Outcomes come in training runs,
/// one list a seed; runs are drawn with replacement first and episodes within each run drawn second (the two-stage bootstrap of Davison and
/// Hinkley, "Bootstrap methods and their application", 1997, section 3.8), so the interval speaks of the next training run, not of these
/// alone. One run leaves nothing to draw in the first stage. With few runs such an interval is too short rather than too long: three runs
/// show two thirds of their variance.
/// </summary>
public static class Bootstrap
{
    /// <summary>Resamples of an interval unless another number is asked for.</summary>
    public const int Resamples = 4000;

    private const double Tail = 0.025;

    /// <summary>The mean over runs of each run's share of successes.</summary>
    /// <param name="runs">Outcomes of every training run.</param>
    /// <param name="seed">Seed of the resampling; the same gives the same interval.</param>
    /// <param name="resamples">Number of resamples.</param>
    /// <exception cref="ArgumentException">There is no run, or one without episodes.</exception>
    public static ConfidenceInterval Rate(IReadOnlyList<IReadOnlyList<bool>> runs, ulong seed = 1, int resamples = Resamples)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return RateOfCounts([.. runs.Select(run => (run.Count(won => won), run.Count))], seed, resamples);
    }

    /// <summary>The same from how many episodes of every training run succeeded, and of how many: resampling outcomes needs no
    /// more.</summary>
    /// <exception cref="ArgumentException">There is no run, or one without episodes.</exception>
    public static ConfidenceInterval RateOfCounts(IReadOnlyList<(int Successes, int Episodes)> runs, ulong seed = 1,
        int resamples = Resamples)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return Interval([.. runs.Select(run => new Run(run.Episodes, run.Successes, 0))], seed, resamples);
    }

    /// <summary>
    /// The difference of two policies' shares of successes, second minus first, on the same episodes: a pair of outcomes is drawn as one,
    /// and so is a pair of training runs.
    /// </summary>
    /// <param name="first">Outcomes of the first policy's training runs.</param>
    /// <param name="second">Outcomes of the second's, run for run and episode for episode.</param>
    /// <param name="seed">Seed of the resampling; the same gives the same interval.</param>
    /// <param name="resamples">Number of resamples.</param>
    /// <exception cref="ArgumentException">There is no run, one without episodes, or the two do not match.</exception>
    public static ConfidenceInterval Difference(
        IReadOnlyList<IReadOnlyList<bool>> first, IReadOnlyList<IReadOnlyList<bool>> second, ulong seed = 1, int resamples = Resamples)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count)
            throw new ArgumentException($"Bootstrap: {first.Count} runs beside {second.Count}", nameof(second));
        var pairs = new Run[first.Count];
        for (var r = 0; r < pairs.Length; r++)
        {
            var test = McNemarTest.Of(first[r], second[r]);
            pairs[r] = new Run(first[r].Count, test.OnlySecond, test.OnlyFirst);
        }

        return Interval(pairs, seed, resamples);
    }

    /// <summary>The mean of numbers, such as a measure taken once a scene.</summary>
    /// <exception cref="ArgumentException">There are no numbers.</exception>
    public static ConfidenceInterval Mean(IReadOnlyList<double> values, ulong seed = 1, int resamples = Resamples)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        if (values.Count == 0) throw new ArgumentException("Bootstrap: there is nothing to resample", nameof(values));
        var random = new RandomSource(seed, RandomSource.SeedAlone);
        var drawn = new double[resamples];
        foreach (ref var mean in drawn.AsSpan())
        {
            for (var i = 0; i < values.Count; i++) mean += values[random.NextInt(values.Count)];
            mean /= values.Count;
        }

        return Percentiles(values.Average(), drawn);
    }

    private static ConfidenceInterval Interval(Run[] runs, ulong seed, int resamples)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resamples);
        if (runs.Length == 0 || runs.Any(r => r.Episodes == 0))
            throw new ArgumentException("Bootstrap: there is nothing to resample", nameof(runs));
        var random = new RandomSource(seed, RandomSource.SeedAlone);
        var drawn = new double[resamples];
        foreach (ref var mean in drawn.AsSpan())
        {
            for (var r = 0; r < runs.Length; r++) mean += runs[runs.Length == 1 ? 0 : random.NextInt(runs.Length)].Draw(random);
            mean /= runs.Length;
        }

        return Percentiles(runs.Average(r => r.Mean), drawn);
    }

    private static ConfidenceInterval Percentiles(double value, double[] drawn)
    {
        Array.Sort(drawn);
        var below = (int)(Tail * drawn.Length);
        return new ConfidenceInterval(value, drawn[below], drawn[drawn.Length - 1 - below]);
    }

    /// <summary>A run as counts: resampling outcomes of three kinds needs no more than how many there are of each.</summary>
    private sealed class Run(int episodes, int plus, int minus)
    {
        // How many of the resampled outcomes are not 0, and how many of those are +1.
        private readonly BinomialTable _counted = new(episodes, (plus + minus) / (double)episodes);
        private readonly BinomialTable?[] _plus = new BinomialTable?[episodes + 1];

        public int Episodes => episodes;

        public double Mean => (plus - minus) / (double)episodes;

        /// <summary>The mean of as many outcomes drawn with replacement.</summary>
        public double Draw(RandomSource random)
        {
            var counted = _counted.Draw(random);
            var won = minus == 0 ? counted : plus == 0 ? 0
                : (_plus[counted] ??= new BinomialTable(counted, plus / (double)(plus + minus))).Draw(random);
            return (2 * won - counted) / (double)episodes;
        }
    }
}
