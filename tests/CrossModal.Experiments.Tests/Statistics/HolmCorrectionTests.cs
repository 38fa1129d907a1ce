using CrossModal.Experiments.Statistics;

namespace CrossModal.Experiments.Tests.Statistics;

public sealed class HolmCorrectionTests
{
    [Fact]
    public void A_known_family_is_adjusted_as_by_hand()
    {
        // 4 × 0.005, 3 × 0.01, 2 × 0.03, and 1 × 0.04 raised to the one before: what R's p.adjust(method = "holm") gives.
        Assert.Equal([0.03, 0.06, 0.06, 0.02], HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]), new Close());
    }

    [Fact]
    public void Values_stay_at_or_below_one_and_a_single_one_stays_as_it_is()
    {
        Assert.Equal([1, 1, 1], HolmCorrection.Adjust([0.6, 0.9, 0.7]));
        Assert.Equal([0.04], HolmCorrection.Adjust([0.04]));
        Assert.Empty(HolmCorrection.Adjust([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HolmCorrection.Adjust([0.5, double.NaN]));
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-12;

        public int GetHashCode(double value) => 0;
    }
}
