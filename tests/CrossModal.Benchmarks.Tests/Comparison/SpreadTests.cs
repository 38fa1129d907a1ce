using CrossModal.Benchmarks.Comparison;

namespace CrossModal.Benchmarks.Tests.Comparison;

public sealed class SpreadTests
{
    [Fact]
    public void Quartiles_lie_between_neighbours_as_in_numpy()
    {
        // numpy.percentile([1, 2, 4, 8, 16, 32], [25, 50, 75])
        Assert.Equal(new Spread(2.5, 6, 14, 6), Spread.Of([32, 1, 8, 2, 16, 4]));
        Assert.Equal(new Spread(2, 4, 8, 5), Spread.Of([1, 2, 4, 8, 16]));
    }

    [Fact]
    public void One_number_is_its_own_spread_and_nothing_has_none()
    {
        Assert.Equal(new Spread(7, 7, 7, 1), Spread.Of([7]));
        Assert.Null(Spread.Of([]));
        Assert.Throws<ArgumentException>(() => Spread.MedianOf([]));
    }
}
