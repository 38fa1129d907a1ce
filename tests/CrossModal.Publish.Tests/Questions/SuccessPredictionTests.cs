using CrossModal.Cli.Tests.Comparisons;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Publish.Questions;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Tasks;

namespace CrossModal.Publish.Tests.Questions;

public sealed class SuccessPredictionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_effect_at_a_share_of_the_training_is_the_last_one_measured_until_then()
    {
        var policy = Policy(0.25, null, 0.5, 1);
        Assert.Equal(0.25, policy.EffectAt(0.25));
        Assert.Equal(0.25, policy.EffectAt(0.5));
        Assert.Equal(0.5, policy.EffectAt(0.75));
        Assert.Equal(1, policy.EffectAt(1));
        Assert.Equal(double.NaN, policy.EffectAt(0.2));
    }

    [Fact]
    public void Every_task_and_their_mean_have_a_row_with_the_correlation_of_their_own_success()
    {
        var cells = SampleComparison.Build().Cells.Where(c => c.Place.Role == CellRole.Final && c.Result.Tests.Count > 0)
            .Select(c => c.Result).Take(9).ToList();
        ComparedPolicy[] policies = [.. cells.Select(cell => new ComparedPolicy(With(cell, cell.Find("push", "S0")!.Successes), ""))];
        foreach (var policy in policies)
            foreach (var task in policy.Cell.Configuration.Recipe.Tasks)
                policy.Nuisance[task] = task == "place" ? -policy.Success("place", "Z1") : policy.Success("push", "Z1");

        var rows = SuccessPrediction.ByTask(policies);

        Assert.Equal(["pick", "place", "push", "relational", ComparedPolicy.AllTasks], rows.Select(r => r[0]));
        Assert.All(rows, r => Assert.Equal("9", r[1]));
        Assert.Equal("+1.00 [+1.00, +1.00]", rows[2][2]);
        Assert.NotEqual("+1.00 [+1.00, +1.00]", rows[0][2]);
        Assert.Equal("−1.00 [−1.00, −1.00]", rows[1][5]);
        Assert.Equal("+1.00 [+1.00, +1.00]", rows[2][5]);
        double[] means = [.. policies.Select(p => (p.Success("pick", "S0") + p.Success("place", "S0") + p.Success("push", "S0")
            + p.Success("relational", "S0")) / 4)];
        Assert.Equal(Correlation.Pearson([.. policies.Select(p => p.EffectAt(1))], means), rows[4][2]);
        Assert.Empty(SuccessPrediction.ByTask([]));
    }

    [Fact]
    public void Only_tested_cells_with_a_logged_effect_and_a_kept_policy_count()
    {
        var cells = SampleComparison.Build().Cells.Where(c => c.Place.Role == CellRole.Final && c.Result.Tests.Count > 0)
            .Select(c => c.Result).DistinctBy(c => c.Key).Take(3).ToList();
        CellResult[] kept = [With(cells[0], 1), cells[1], With(cells[2], 1)];
        foreach (var cell in kept) CellFile.Write(_folder[$"cells/{CellKey.Name(cell.Configuration, cell.Key)}.json"], cell);
        var store = new CellStore(_folder.Path);
        Directory.CreateDirectory(store.PolicyFolder(cells[0].Key));
        Directory.CreateDirectory(store.PolicyFolder(cells[1].Key));

        Assert.Equal([cells[0].Key], ComparedPolicy.ReadAll(_folder.Path).Select(p => p.Cell.Key));
        var error = Assert.Throws<IOException>(() => ComparedPolicy.ReadAll(_folder["elsewhere"]));
        Assert.Contains("holds no cells of a comparison", error.Message);
    }

    [Fact]
    public void What_was_measured_of_a_policy_is_not_measured_again()
    {
        var trained = new TabletopLossSource("cross-attention", new FusionOptions(16, Heads: 2, Layers: 1),
            new TabletopRecipe { Steps = 1 }).Policy;
        PolicyFolder.Save(_folder["policy"], trained);
        var task = RobotTasks.Find("pick");

        var measured = new NuisanceStudy(2, 1, _folder["kept"]).Measure(_folder["policy"], trained, task);

        Assert.InRange(measured, 0, 1);
        var path = _folder["kept/nuisance.json"];
        File.WriteAllText(path, File.ReadAllText(path).Replace(":" + measured.ToString("R", null), ":0.125", StringComparison.Ordinal));
        Assert.Equal(0.125, new NuisanceStudy(2, 1, _folder["kept"]).Measure(_folder["policy"], trained, task));
        Assert.Equal(measured, new NuisanceStudy(2, 1, _folder["other"]).Measure(_folder["policy"], trained, task));
        File.WriteAllText(path, "[1");
        var error = Assert.Throws<FileFormatException>(() =>
            new NuisanceStudy(2, 1, _folder["kept"]).Measure(_folder["policy"], trained, task));
        Assert.Contains("nuisance.json", error.Message);
    }

    private static ComparedPolicy Policy(params double?[] effects)
    {
        var cell = SampleComparison.Build().Cells.First(c => c.Place.Role == CellRole.Final).Result;
        var steps = cell.Configuration.Recipe.Steps;
        return new ComparedPolicy(cell with
        {
            Losses = new LossCurve([.. effects.Select((_, i) => steps * (i + 1) / effects.Length)], [.. effects.Select(_ => 1.0)],
                new Dictionary<string, IReadOnlyList<double?>> { [InstructionEffect.EffectName] = effects }),
        }, "");
    }

    private static CellResult With(CellResult cell, double effect) => cell with
    {
        Losses = new LossCurve([cell.Configuration.Recipe.Steps], [1],
            new Dictionary<string, IReadOnlyList<double?>> { [InstructionEffect.EffectName] = [effect] }),
    };
}
