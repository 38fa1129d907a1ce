using CrossModal.Experiments.Plans;

namespace CrossModal.Experiments.Tests.Plans;

public sealed class ComparisonSeedsTests
{
    [Fact]
    public void Further_seeds_of_some_rows_come_after_everything_else_and_change_no_other_cell()
    {
        var more = new ComparisonPlan(ComparisonRunTests.Tiny with
        {
            Sweep = new ProtocolSweep([], 0),
            Seeds = ComparisonRunTests.Tiny.Seeds with { More = [new RowSeeds(["cross-attention-1", "concat-pooled"], [1, 5, 6]), new RowSeeds(["clip"], [1])] },
        })
        { Strategies = [.. ComparisonRunTests.Plan.Strategies, ComparisonVariants.Find("clip")] };
        var plain = new ComparisonPlan(more.Protocol.Shared) { Strategies = more.Strategies };
        string[] groups = [ComparisonGroups.Strategies, "heads"];
        var (cells, before) = (more.Cells(groups, _ => null), plain.Cells(groups, _ => null));
        Assert.Equal(before.Select(c => (c.Place, c.Key)), cells.Take(before.Count).Select(c => (c.Place, c.Key)));

        // Seed 1 is the plan's own of the table's rows, and not of those that stand apart.
        Assert.Equal([("cross-attention-1", 5UL), ("concat-pooled", 5), ("cross-attention-1", 6), ("concat-pooled", 6), ("clip", 1)],
            cells.Skip(before.Count).Select(c => (c.Place.Variant, c.Configuration.Recipe.Seed)));
        Assert.All(cells.Skip(before.Count), c => Assert.Equal((CellRole.Final, 0), (c.Place.Role, c.Configuration.Evaluation.Films)));
        Assert.Equal(cells.Count, cells.Select(c => (c.Place, c.Key)).Distinct().Count());
        Assert.DoesNotContain(more.Cells(["heads"], _ => null), c => c.Configuration.Recipe.Seed > 1);
    }

    [Fact]
    public void The_published_protocol_has_five_runs_of_seven_rows_three_of_the_table_and_two_of_the_rest()
    {
        var cells = new ComparisonPlan(ComparisonProtocols.Full) { Strategies = ComparisonVariants.All }
            .Cells([ComparisonGroups.Strategies], _ => null);
        var runs = cells.Where(c => c.Place.Role == CellRole.Final).GroupBy(c => c.Place.Variant)
            .ToDictionary(g => g.Key, g => g.Select(c => c.Configuration.Recipe.Seed).Distinct().Count());
        string[] five = ["concat-pooled", "cross-attention-1", "cross-attention-2", "cross-attention-4", "co-attention-4", "perceiver-8",
            "multi-view-mean"];
        Assert.All(ComparisonVariants.All, v => Assert.Equal(five.Contains(v.Name) ? 5 : ComparisonVariants.OfTextbook.Contains(v) ? 3 : 2,
            runs[v.Name]));
    }
}
