using CrossModal.Experiments.Statistics;

namespace CrossModal.Experiments.Tests.Statistics;

public sealed class McNemarTestTests
{
    // 150 and 86: the approval ratings of Agresti, "Categorical data analysis", table 10.1; R's exact2x2 gives 3.716e-05 for them.
    // 121 and 59: the example of statsmodels' mcnemar, 4.434e-06. The small ones are sums of binomials: 5 of 6 is 2 (1 + 6) / 64.
    [Theory]
    [InlineData(150, 86, 3.716e-05, 5e-9)]
    [InlineData(121, 59, 4.434449263755176e-06, 1e-16)]
    [InlineData(1, 5, 14.0 / 64, 1e-14)]
    [InlineData(0, 10, 2.0 / 1024, 1e-15)]
    [InlineData(7, 7, 1, 0)]
    [InlineData(0, 0, 1, 0)]
    public void Known_values_are_reproduced(int onlyFirst, int onlySecond, double p, double tolerance)
    {
        Assert.Equal(p, McNemarTest.Of(onlyFirst, onlySecond).PValue, tolerance);
        Assert.Equal(McNemarTest.Of(onlyFirst, onlySecond).PValue, McNemarTest.Of(onlySecond, onlyFirst).PValue);
    }

    [Fact]
    public void Thousands_of_episodes_neither_underflow_nor_exceed_one()
    {
        // From the sum of whole numbers over 2^5001.
        Assert.Equal(0.005107377937313068, McNemarTest.Of(2401, 2600).PValue, 1e-12);
        Assert.InRange(McNemarTest.Of(2500, 2501).PValue, 0.9999, 1);
    }

    [Fact]
    public void Outcomes_are_counted_episode_by_episode()
    {
        bool[] first = [true, true, false, false, true, false];
        bool[] second = [true, false, true, true, false, true];
        Assert.Equal((2, 3), (McNemarTest.Of(first, second).OnlyFirst, McNemarTest.Of(first, second).OnlySecond));
        Assert.Throws<ArgumentException>(() => McNemarTest.Of(first, second[1..]));
    }
}
