using CrossModal.Benchmarks.Comparison;

namespace CrossModal.Benchmarks.Tests.Comparison;

public sealed class KeptTests
{
    private const double Best = 100;

    [Fact]
    public void A_sample_counts_only_when_the_calibrator_was_fast_before_and_after()
    {
        var kept = Kept.Choose([At(0, 10), At(1, 20, before: 121), At(2, 30, after: 121), At(3, 40, 120, 120), At(4, 50)], Best);
        Assert.False(kept.Disturbed);
        Assert.Equal([0, 3, 4], kept.Samples.Select(s => s.Round));
        Assert.Equal(40, kept.Times!.Median);
    }

    [Fact]
    public void The_least_disturbed_try_stands_for_its_round()
    {
        var kept = Kept.Choose([At(0, 99, before: 300), At(0, 10), At(0, 98, after: 200)], Best);
        Assert.Equal(10, Assert.Single(kept.Samples).Median);
        Assert.Single(kept.Rounds);
    }

    [Fact]
    public void A_peer_that_had_to_wait_for_the_processor_was_disturbed_whatever_the_calibrator_saw()
    {
        var kept = Kept.Choose([At(0, 10) with { Waited = 1.3 }, At(1, 20), At(2, 30) with { Waited = 1.1 }, At(3, 40)], Best);
        Assert.False(kept.Disturbed);
        Assert.Equal([1, 2, 3], kept.Samples.Select(s => s.Round));
    }

    [Fact]
    public void With_too_few_undisturbed_samples_the_least_disturbed_half_counts_and_says_so()
    {
        var kept = Kept.Choose([At(0, 10, before: 500), At(1, 20, before: 200), At(2, 30), At(3, 40, after: 300), At(4, 50, after: 400)],
            Best);
        Assert.True(kept.Disturbed);
        Assert.Equal([1, 2, 3], kept.Samples.Select(s => s.Round));
    }

    [Fact]
    public void A_run_of_two_undisturbed_rounds_is_not_called_disturbed()
    {
        Assert.False(Kept.Choose([At(0, 10), At(1, 20)], Best).Disturbed);
        Assert.Null(Kept.Choose([], Best).Times);
    }

    [Fact]
    public void Paired_ratios_cancel_what_slows_both_down_in_a_round()
    {
        var slow = Kept.Choose(Enumerable.Range(0, 5).Select(r => At(r, 30 * (r + 1))), Best);
        var fast = Kept.Choose(Enumerable.Range(0, 5).Select(r => At(r, 10 * (r + 1))), Best);
        Assert.Equal(new Spread(3, 3, 3, 5), Kept.PairedRatios(slow, fast));
    }

    [Fact]
    public void Pairs_are_of_rounds_that_count_for_both_and_of_all_rounds_when_those_are_few()
    {
        var ours = Kept.Choose([At(0, 10), At(1, 10), At(2, 10), At(3, 10, before: 500)], Best);
        var theirs = Kept.Choose([At(0, 20), At(1, 20), At(2, 20), At(3, 90)], Best);
        Assert.Equal(3, Kept.PairedRatios(theirs, ours)!.Count);
        var elsewhere = Kept.Choose([At(1, 20), At(2, 20), At(3, 30), At(4, 20)], Best);
        Assert.Equal(3, Kept.PairedRatios(elsewhere, ours)!.Count);
        Assert.Equal(2.5, Kept.PairedRatios(elsewhere, ours)!.High);
    }

    internal static Sample At(int round, double median, double before = Best, double after = Best, string measure = "m",
        string entry = "e") =>
        new(round, 1, measure, entry, before, after, median, median * 0.9, 10);
}
