using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Tabletop.Tests.Evaluation;

public sealed class WilsonIntervalTests
{
    // The ends are the roots of (p - rate)² = z² p (1 - p) / n; these were found by bisection, not by the closed form.
    [Theory]
    [InlineData(0, 10, 0.0, 0.27753)]
    [InlineData(10, 10, 0.72247, 1.0)]
    [InlineData(5, 10, 0.23659, 0.76341)]
    [InlineData(85, 100, 0.76716, 0.90694)]
    [InlineData(1, 1, 0.206549, 1.0)]
    public void Known_intervals_are_reproduced(int successes, int trials, double lower, double upper)
    {
        var interval = WilsonInterval.Of(successes, trials);
        Assert.Equal(lower, interval.Lower, tolerance: 1e-5);
        Assert.Equal(upper, interval.Upper, tolerance: 1e-5);
    }

    [Fact]
    public void Half_widths_match_the_protocol_at_85_percent()
    {
        Assert.Equal(0.05, HalfWidth(170, 200), 2);
        Assert.Equal(0.035, HalfWidth(340, 400), 3);
        Assert.Equal(0.016, HalfWidth(1700, 2000), 3);
    }

    [Fact]
    public void Impossible_counts_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(-1, 2));
    }

    private static double HalfWidth(int successes, int trials)
    {
        var interval = WilsonInterval.Of(successes, trials);
        return (interval.Upper - interval.Lower) / 2;
    }
}
