using CrossModal.Benchmarks.Comparison;

namespace CrossModal.Benchmarks.Tests.Comparison;

public sealed class OutcomeTests
{
    private const double Best = 100;

    [Fact]
    public void Ratios_are_to_the_fastest_ordinary_peer_and_never_to_one_given_the_absorbed_graph()
    {
        var outcome = Layer(("ours/auto:x", 100), ("ours/abs:x", 110), ("ort/plain:x", 320), ("torch/mha:x", 300), ("ort/absorb:x", 150));
        Assert.Equal("torch/mha:x", outcome.BestOrdinary!.Entry.Key);
        Assert.Equal(3, outcome.Entries[0].Ratio!.Value, 9);
        Assert.Equal(1, outcome.BestOrdinary.Ratio!.Value, 9);
        var absorbed = Assert.Single(outcome.Goals, g => g.Goal.Against == Against.BestAbsorbed);
        Assert.Equal(150 / 110.0, absorbed.Ratio, 9);
        Assert.False(absorbed.Reached);
    }

    [Fact]
    public void A_goal_is_reached_at_its_ratio_and_not_below()
    {
        Assert.True(Layer(("ours/auto:x", 100), ("ort/plain:x", 300)).Goals.Single().Reached);
        Assert.False(Layer(("ours/auto:x", 100), ("ort/plain:x", 299)).Goals.Single().Reached);
    }

    [Fact]
    public void Without_a_peer_there_is_neither_ratio_nor_goal()
    {
        var outcome = Layer(("ours/auto:x", 100));
        Assert.Null(outcome.BestOrdinary);
        Assert.Null(Assert.Single(outcome.Entries).Ratio);
        Assert.Empty(outcome.Goals);
    }

    [Fact]
    public void The_share_of_peak_divides_by_what_the_calibrator_did_at_its_best_and_is_never_more_than_all()
    {
        var measure = new Measure("gemm", "x", 2, "product", [new("ours", "gemm:x", Role.Ours)],
            [new("ours/gemm:x", Against.Peak, 0.9)])
        { Flops = Calibrator.Flops };

        // On two threads the peak does twice the job's work in 100 ns, however disturbed it was around the sample, which does it once in
        // 80 ns.
        var goal = Outcome.Of(measure, [KeptTests.At(0, 80, 110, 110, measure.Key, "ours/gemm:x")], Best).Goals.Single();
        Assert.Equal(0.625, goal.Ratio, 9);
        Assert.False(goal.Reached);
        Assert.Empty(Outcome.Of(measure, [KeptTests.At(0, 49, 110, 110, measure.Key, "ours/gemm:x")], Best).Goals);
    }

    [Fact]
    public void A_scaled_goal_compares_times_of_different_amounts_of_work()
    {
        var measure = new Measure("long", "x", 1, "long", [new("ours", "long:64", Role.Ours), new("ours", "long:1", Role.Ours)],
            [new("ours/long:64", Against.Named, 0.9) { Named = "ours/long:1", Scale = 64 }]);
        var goal = Outcome.Of(measure, [KeptTests.At(0, 640, measure: measure.Key, entry: "ours/long:64"),
            KeptTests.At(0, 8, measure: measure.Key, entry: "ours/long:1")], Best).Goals.Single();
        Assert.Equal(0.8, goal.Ratio, 9);
        Assert.Equal(0.8, goal.Paired!.Median, 9);
    }

    internal static Outcome Layer(params (string Entry, double Time)[] times)
    {
        var measure = new Measure("layers", "x", 1, "layer x: sizes & more",
            [
                new("ours", "auto:x", Role.Ours), new("ours", "abs:x", Role.Ours), new("ort", "plain:x", Role.Ordinary),
                new("torch", "mha:x", Role.Ordinary), new("ort", "absorb:x", Role.Absorbed),
            ],
            [new("ours/auto:x", Against.BestOrdinary, 3), new("ours/abs:x", Against.BestAbsorbed, 1.4)]);
        return Outcome.Of(measure, Enumerable.Range(0, 3).SelectMany(r =>
            times.Select(t => KeptTests.At(r, t.Time, measure: measure.Key, entry: t.Entry))), Best);
    }
}
