using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Experiments.Tests.Cells;

namespace CrossModal.Experiments.Tests.Analysis;

/// <summary>A row whose curve still goes up at its end is told from one that is on its plateau.</summary>
public sealed class StillRisesTests
{
    [Theory]
    [InlineData(new[] { 1, 47, 52, 57, 68 }, true)] // well above the two points before
    [InlineData(new[] { 16, 49, 79, 81, 82 }, false)] // a little above: less than five points
    [InlineData(new[] { 0, 10, 50, 60, 62 }, false)] // five points and more, as chance alone gives in a hundred episodes
    [InlineData(new[] { 0, 0, 0, 0, 0 }, false)] // never begun
    [InlineData(new[] { 50, 90, 95, 90, 70 }, false)] // falling
    public void The_end_is_held_against_the_two_points_before(int[] successes, bool rises) =>
        Assert.Equal(rises, Row(successes).StillRises);

    [Fact]
    public void More_runs_show_a_smaller_rise() =>
        Assert.Equal((false, true), (Row([0, 0, 50, 56, 60]).StillRises,
            Row([.. Enumerable.Repeat((int[])[0, 0, 50, 56, 60], 5)]).StillRises));

    [Fact]
    public void Two_points_do_not_tell() => Assert.False(Row([0, 100]).StillRises);

    [Fact]
    public void A_row_that_still_rises_is_shown_and_not_ranked()
    {
        var file = new ComparisonResults
        {
            Version = "1",
            Command = "x",
            Protocol = "own",
            Machine = "m",
            Seeds = [0],
            CellSeconds = 1,
            WallSeconds = 1,
            Cells = [Cell("rising", [0, 0, 20, 30, 90]), Cell("flat", [0, 40, 50, 50, 50])],
        };
        var results = new Results(file);
        Assert.Equal(2, results.Ranking("S0").Count);
        Assert.Equal(["flat"], results.Ranked("S0").Select(r => r.Variant));
        Assert.Empty(results.Neighbours("S0"));
    }

    private static Row Row(params ReadOnlySpan<int[]> runs) =>
        new(Place("row"), [.. runs.ToArray().Select((run, seed) => Result(run, (ulong)seed))]);

    private static ComparedCell Cell(string variant, int[] curve) => new(Place(variant), Result(curve, 0));

    private static CellPlace Place(string variant) => new(ComparisonGroups.Strategies, variant, variant, CellRole.Final);

    private static CellResult Result(int[] curve, ulong seed)
    {
        var result = SampleCells.Result();
        return result with
        {
            Configuration = result.Configuration with { Recipe = result.Configuration.Recipe with { Seed = seed } },
            Learning = [.. curve.Select((count, i) => new LearningPoint(i + 1, i + 1, [new ValidationRecord("pick", 100, count, 0, 0)]))],
        };
    }
}
