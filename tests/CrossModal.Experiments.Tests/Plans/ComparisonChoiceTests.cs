using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Experiments.Tests.Cells;

namespace CrossModal.Experiments.Tests.Plans;

public sealed class ComparisonChoiceTests : IDisposable
{
    private static readonly ComparisonPlan Plan = new(ComparisonRunTests.Tiny with { Sweep = new ProtocolSweep([], 0) })
    {
        Strategies = [ComparisonVariants.Find("perceiver-8")],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_row_takes_the_choice_that_is_best_by_validation_with_all_its_seeds_and_stays_beside_it_as_usual()
    {
        var before = Plan.Cells([ComparisonGroups.Chosen], _ => null);
        var tried = before.Where(c => c.Place.Role == CellRole.Sweep).ToArray();
        Assert.Equal(["learning rate 0.001", "learning rate 0.002", "learning rate 0.004", "longer warm-up", "1 round", "4 rounds"],
            tried.Select(c => c.Place.Setting.Split(", ")[^1]));
        Assert.All(tried, c => Assert.Equal(4, c.Configuration.Recipe.Steps));

        // While one choice is missing only the row as usual is known, and that is the table's own.
        var waiting = Plan.Cells([ComparisonGroups.Chosen], key => key == tried[2].Key ? null : Validated(key));
        var table = Plan.Cells([ComparisonGroups.Strategies], _ => null).Where(c => c.Place.Role == CellRole.Final).Select(c => c.Key);
        Assert.Equal(table, waiting.Where(c => c.Place is { Role: CellRole.Final } && c.WaitsFor is null).Select(c => c.Key));
        Assert.Equal(4, waiting.Count(c => c.WaitsFor == "the choices of perceiver-8"));

        var shown = Plan.Cells([ComparisonGroups.Chosen], Validated).Where(c => c.Place.Role == CellRole.Final).ToArray();
        Assert.Equal([("as usual", 0UL, 2, 4), ("4 rounds", 0, 4, 4), ("three times the steps", 0, 4, 12), ("as usual", 1, 2, 4),
            ("4 rounds", 1, 4, 4), ("three times the steps", 1, 4, 12)],
            shown.Select(c => (c.Place.Setting.Split(", ")[^1], c.Configuration.Recipe.Seed, c.Configuration.Policy.Fusion.Layers,
                c.Configuration.Recipe.Steps)));
        Assert.Equal("Perceiver, 8 latents, 4 rounds, three times the steps", shown[2].Place.Setting);
        Assert.Equal(tried[5].Key, shown[1].Key);
        Assert.All(shown, c => Assert.Null(c.WaitsFor));

        // Four rounds are best by validation; one round would be by the tests.
        CellResult Validated(string key)
        {
            var index = Array.FindIndex(tried, c => c.Key == key);
            return SampleCells.Result(key: key) with
            {
                Configuration = tried[index].Configuration,
                Learning = [new LearningPoint(4, 16, [new ValidationRecord("pick", 9, index == 5 ? 8 : index, 0, 1)])],
                Tests = [SampleCells.Test("pick", "S0", [index == 4, false])],
            };
        }
    }

    [Fact]
    public void Chosen_rows_are_run_as_soon_as_their_choices_are_and_stand_beside_the_usual_ones()
    {
        var plan = new ComparisonPlan(Plan.Protocol) { Strategies = [ComparisonVariants.Find("concat-pooled")] };
        var run = new ComparisonRun(plan, new CellStore(_folder)) { Groups = [ComparisonGroups.Chosen], Workers = 2 };
        Assert.True(run.Run());
        var results = ComparisonCollection.Collect(plan, run, [ComparisonGroups.Chosen], "compare", "here", 1);
        Assert.Empty(results.Missing);
        var tried = results.Cells.Where(c => c.Place is { Group: ComparisonGroups.Chosen, Role: CellRole.Sweep }).ToArray();
        var best = ComparisonChoice.Best([.. tried.Select(c => c.Result)])!;
        var choice = tried.Single(c => c.Result.Key == best.Key).Place.Setting;
        var rows = new Experiments.Analysis.Results(results).Group(ComparisonGroups.Chosen);
        Assert.Equal(["Concatenation, mean-pooled, as usual", choice, $"{choice}, three times the steps"], rows.Select(r => r.Label));
        Assert.All(rows, r => Assert.Equal([0UL, 1UL], r.Seeds));
    }

    [Fact]
    public void A_row_of_which_every_choice_diverged_stays_as_it_is()
    {
        var tried = Plan.Cells([ComparisonGroups.Chosen], _ => null).Where(c => c.Place.Role == CellRole.Sweep).ToArray();
        var shown = Plan.Cells([ComparisonGroups.Chosen], key => SampleCells.Result(key: key) with { Diverged = "loss" })
            .Where(c => c.Place.Role == CellRole.Final && c.Configuration.Recipe.Steps == 4);
        Assert.All(shown, c => Assert.Equal(("Perceiver, 8 latents, as usual", 2), (c.Place.Setting, c.Configuration.Policy.Fusion.Layers)));
    }
}
