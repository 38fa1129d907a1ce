using CrossModal.Imitation;

namespace CrossModal.Tests.Imitation;

public sealed class RatioIntervalTests
{
    [Fact]
    public void The_interval_is_that_computed_by_hand()
    {
        // Sums of 2 steps each: 12 over 24; residuals 2 − 0.5 · 6 = −1 and 10 − 0.5 · 18 = 1.
        var interval = RatioInterval.Of([new("a", 2, 1, 3), new("b", 2, 5, 9)])!;
        var half = 12.7062 * Math.Sqrt(2.0 / 1 * (1 + 1)) / 24;
        Assert.Equal(Math.Max(0, 0.5 - half), interval.Lower, 6);
        Assert.Equal(0.5 + half, interval.Upper, 6);
    }

    [Fact]
    public void One_episode_or_a_mean_without_error_gives_none()
    {
        Assert.Null(RatioInterval.Of([]));
        Assert.Null(RatioInterval.Of([new("a", 100, 0.1, 1)]));
        Assert.Null(RatioInterval.Of([new("a", 3, 1, 0), new("b", 3, 1, 0)]));
    }

    [Fact]
    public void Episodes_of_one_ratio_leave_no_doubt()
    {
        var interval = RatioInterval.Of([new("a", 5, 1, 2), new("b", 9, 3, 6)])!;
        Assert.Equal(0.5, interval.Lower, 9);
        Assert.Equal(0.5, interval.Upper, 9);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(40)]
    public void Nineteen_of_twenty_intervals_hold_the_true_ratio(int episodes)
    {
        var random = new Random(episodes);
        var (held, trials) = (0, 2000);
        for (var i = 0; i < trials; i++)
        {
            var interval = RatioInterval.Of([.. Enumerable.Range(0, episodes)
                .Select(_ => new EpisodeError("e", 10, Normal(0.9), Normal(1.0)))])!;
            if (interval.Lower <= 0.9 && interval.Upper >= 0.9) held++;
        }

        Assert.InRange(held / (double)trials, 0.93, 0.97);

        double Normal(double mean) => mean + 0.1 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(
            2 * Math.PI * random.NextDouble());
    }
}
