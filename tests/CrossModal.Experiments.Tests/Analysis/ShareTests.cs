using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Statistics;
using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Experiments.Tests.Analysis;

public sealed class ShareTests
{
    [Fact]
    public void A_share_of_several_runs_has_the_interval_over_runs_and_episodes()
    {
        (int, int)[] counts = [(90, 100), (60, 100), (30, 100)];
        var share = new Share(counts);
        Assert.Equal(0.6, share.Interval.Value, 12);
        Assert.Equal(Bootstrap.RateOfCounts(counts), share.Interval);
        Assert.Equal([0.9, 0.6, 0.3], share.Runs);
        Assert.Equal((180, 300), (share.Count, share.Of));

        // Over the episodes alone the interval would be a fifth as wide.
        var wilson = WilsonInterval.Of(180, 300);
        Assert.True(share.Interval.Upper - share.Interval.Lower > 3 * (wilson.Upper - wilson.Lower));
    }

    [Fact]
    public void A_share_of_one_run_has_the_Wilson_interval_over_its_episodes()
    {
        var (share, wilson) = (new Share([(68, 100)]), WilsonInterval.Of(68, 100));
        Assert.Equal(new ConfidenceInterval(wilson.Rate, wilson.Lower, wilson.Upper), share.Interval);
        Assert.Equal("68.0 % [58.3, 76.3]", share.ToString());
    }

    [Fact]
    public void Where_all_episodes_end_alike_the_interval_is_over_the_episodes() =>
        Assert.Equal(WilsonInterval.Of(200, 200).Lower, new Share([(100, 100), (100, 100)]).Interval.Lower);

    [Fact]
    public void Counts_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Share([]));
        Assert.Throws<ArgumentException>(() => new Share([(0, 0)]));
        Assert.Throws<ArgumentException>(() => new Share([(3, 2)]));
        Assert.Throws<ArgumentException>(() => new Share([(-1, 2)]));
    }
}
