using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Statistics;
using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Experiments.Tests.Statistics;

public sealed class BootstrapTests
{
    [Fact]
    public void One_run_gives_the_binomial_interval()
    {
        var interval = Bootstrap.Rate([Outcomes(170, 200)]);
        var wilson = WilsonInterval.Of(170, 200);
        Assert.Equal(0.85, interval.Value, 12);
        Assert.Equal(wilson.Lower, interval.Lower, tolerance: 0.01);
        Assert.Equal(wilson.Upper, interval.Upper, tolerance: 0.01);
    }

    [Fact]
    public void Runs_that_differ_widen_it_to_their_spread()
    {
        // Means of two draws from {0.6, 0.8}: 0.6 and 0.8 with a quarter each, so the interval holds both, with the episodes' noise beyond.
        var interval = Bootstrap.Rate([Outcomes(600, 1000), Outcomes(800, 1000)]);
        Assert.Equal(0.7, interval.Value, 12);
        Assert.InRange(interval.Lower, 0.57, 0.6);
        Assert.InRange(interval.Upper, 0.8, 0.83);
        Assert.InRange(Bootstrap.Rate([Outcomes(700, 1000), Outcomes(700, 1000)]).Lower, 0.67, 0.69);
    }

    [Fact]
    public void A_difference_is_paired()
    {
        // 100 episodes, 10 won by the second alone: the deviation of the mean is √(0.1 · 0.9 / 100) = 0.03, although each rate alone has
        // 0.05.
        var first = Outcomes(40, 100);
        var second = Outcomes(50, 100);
        var interval = Bootstrap.Difference([first], [second]);
        Assert.Equal(0.1, interval.Value, 12);
        Assert.Equal(0.1 - 1.96 * 0.03, interval.Lower, tolerance: 0.012);
        Assert.Equal(0.1 + 1.96 * 0.03, interval.Upper, tolerance: 0.012);
        Assert.True(interval.ExcludesZero);
        Assert.Equal(new ConfidenceInterval(0, 0, 0), Bootstrap.Difference([first], [first]));
        Assert.Equal(-0.1, Bootstrap.Difference([second], [first]).Value, 12);
    }

    [Fact]
    public void A_mean_has_the_deviation_of_its_numbers()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? 1.0 : 3.0)];
        var interval = Bootstrap.Mean(values);
        Assert.Equal(2, interval.Value, 12);
        Assert.Equal(2 - 1.96 / 20, interval.Lower, tolerance: 0.015);
        Assert.Equal(2 + 1.96 / 20, interval.Upper, tolerance: 0.015);
    }

    [Theory]
    [InlineData(1, 0.3)]
    [InlineData(7, 0.5)]
    [InlineData(6000, 0.97)]
    [InlineData(40, 0.0)]
    [InlineData(40, 1.0)]
    public void Counts_have_the_mean_and_deviation_of_their_distribution(int trials, double share)
    {
        var (table, random) = (new BinomialTable(trials, share), new RandomSource(9, RandomSource.SeedAlone));
        double[] drawn = [.. Enumerable.Range(0, 20_000).Select(_ => (double)table.Draw(random))];
        var (mean, deviation) = (drawn.Average(), Math.Sqrt(trials * share * (1 - share)));
        Assert.InRange(drawn.Min(), 0, trials);
        Assert.InRange(drawn.Max(), 0, trials);
        Assert.Equal(trials * share, mean, tolerance: 1e-9 + 4 * deviation / Math.Sqrt(drawn.Length));
        Assert.Equal(deviation, Math.Sqrt(drawn.Average(d => (d - mean) * (d - mean))), tolerance: 1e-9 + 0.03 * deviation);
    }

    [Fact]
    public void The_same_seed_gives_the_same_interval()
    {
        IReadOnlyList<bool>[] runs = [Outcomes(31, 77), Outcomes(44, 77)];
        Assert.Equal(Bootstrap.Rate(runs, 5), Bootstrap.Rate(runs, 5));
        Assert.NotEqual(Bootstrap.Rate(runs, 5), Bootstrap.Rate(runs, 6));
    }

    [Fact]
    public void Counts_of_runs_say_as_much_as_their_outcomes() =>
        Assert.Equal(Bootstrap.Rate([Outcomes(31, 77), Outcomes(44, 80)], 5), Bootstrap.RateOfCounts([(31, 77), (44, 80)], 5));

    [Fact]
    public void Runs_that_do_not_match_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Bootstrap.Rate([]));
        Assert.Throws<ArgumentException>(() => Bootstrap.Rate([[]]));
        Assert.Throws<ArgumentException>(() => Bootstrap.Difference([Outcomes(1, 2)], [Outcomes(1, 2), Outcomes(1, 2)]));
        Assert.Throws<ArgumentException>(() => Bootstrap.Difference([Outcomes(1, 2)], [Outcomes(1, 3)]));
    }

    private static IReadOnlyList<bool> Outcomes(int successes, int episodes) =>
        [.. Enumerable.Range(0, episodes).Select(i => i < successes)];
}
