using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;

namespace CrossModal.Experiments.Tests.Cells;

/// <summary>Whatever becomes of one training, the others go on.</summary>
public sealed class DivergenceTests : IDisposable
{
    private static readonly ComparisonProtocol Tiny = new()
    {
        Name = "tiny",
        Width = 16,
        Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 8, Scenes = 2, Instructions = 2 },
        Episodes = new ProtocolEpisodes(1, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 1 },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // In the loss; in what the policy computes after its only step; in the weights that this step leaves.
    [Theory]
    [InlineData(1e30, 8, "the loss is")]
    [InlineData(1e30, 1, "the action is not finite")]
    [InlineData(1e38, 1, "step 1: the weights 'vision.stem.layers.0.weight")]
    public void A_training_that_leaves_no_finite_policy_is_a_result(double rate, int steps, string why)
    {
        var cell = SampleCells.Configuration();
        Diverges(cell with
        {
            Recipe = cell.Recipe with { LearningRate = rate, Steps = steps },
            Evaluation = cell.Evaluation with { Films = 1 }
        }, why);
    }

    [Fact]
    public void So_is_one_whose_pre_training_diverges()
    {
        var cell = SampleCells.Configuration();
        var result = Diverges(cell with { Pretraining = new PretrainingRecipe { Steps = 8, Scenes = 4, LearningRate = 1e30 } }, "the ");
        Assert.Empty(result.Losses.Steps);
        Assert.Empty(result.Learning);
    }

    [Fact]
    public void Rows_that_diverge_are_gathered_and_timed_like_others_and_named_in_the_table_of_tests()
    {
        var plan = new ComparisonPlan(Tiny with { Recipe = Tiny.Recipe with { LearningRate = 1e30 } })
        {
            Strategies = [
            ComparisonVariants.Find("concat-pooled"), ComparisonVariants.Find("cross-attention-1")]
        };
        var run = new ComparisonRun(plan, new CellStore(_folder)) { Workers = 1 };
        Assert.True(run.Run());
        var results = ComparisonCollection.Collect(plan, run, [ComparisonGroups.Strategies], "c", "m", 1);
        Assert.Equal(2, results.Cells.Count(c => c.Result.Diverged is not null));
        Assert.All(ComparisonCollection.Speeds(results, CancellationToken.None), s => Assert.True(s is { MedianMilliseconds: > 0, TrainingMilliseconds: > 0 }));

        var path = Path.Combine(_folder, "tests.csv");
        ComparisonCsv.WriteTests(path, results);
        var lines = File.ReadAllLines(path).Select(line => line.Split(',')).ToList();
        Assert.Equal("diverged", lines[0][^1]);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        Assert.All(lines.Skip(1).Zip(results.Cells), l =>
            Assert.Equal((l.Second.Place.Variant, "", l.Second.Result.Key, l.Second.Result.Diverged),
            (l.First[1], l.First[15], l.First[^2], l.First[^1])));
    }

    [Fact]
    public void A_rate_that_diverges_is_not_chosen_and_the_row_goes_on_with_another()
    {
        var plan = new ComparisonPlan(Tiny with { Sweep = new ProtocolSweep([1e30, 1e-3], 1) })
        {
            Strategies = [
            ComparisonVariants.Find("concat-pooled")]
        };
        var run = new ComparisonRun(plan, new CellStore(_folder)) { Workers = 2 };
        Assert.True(run.Run());
        var row = run.Cells().Single(c => c.Place.Role == CellRole.Final);
        Assert.Equal(1e-3, row.Configuration.Recipe.LearningRate);
        Assert.Null(run.Find(row.Key!)!.Diverged);
    }

    [Fact]
    public void Without_a_run_that_can_teach_the_others_of_distillation_are_finished()
    {
        var plan = new ComparisonPlan(Tiny with { Recipe = Tiny.Recipe with { LearningRate = 1e30 } })
        {
            Strategies = [
            ComparisonVariants.Find("cross-attention-1")]
        };
        var run = new ComparisonRun(plan, new CellStore(_folder)) { Groups = [ComparisonGroups.Strategies, ComparisonGroups.Distillation] };
        Assert.False(run.Run());
        Assert.Equal("student-taught", Assert.Single(run.Cells(), c => c.Key is null || run.Find(c.Key) is null).Place.Variant);
    }

    [Fact]
    public void A_step_is_timed_whatever_its_learning_rate()
    {
        var cell = SampleCells.Configuration();
        Assert.Equal(4, TrainingStep.Time(cell with { Recipe = cell.Recipe with { LearningRate = 1e30 } }, 4).Count);
        Assert.Empty(TrainingStep.Time(
            cell with { Recipe = cell.Recipe with { Levers = cell.Recipe.Levers with { CueWeight = float.MaxValue } } }, 4));
    }

    private CellResult Diverges(CellConfiguration cell, string why)
    {
        var store = new CellStore(_folder);
        var result = new CellRunner(store).Run(cell);
        Assert.Contains(why, result.Diverged);
        Assert.Equal((0, 0), (result.Tests.Count, result.Grounding.Count));
        Assert.True(result is { Parameters: > 0, Flops: > 0, Timing.LatencyMilliseconds: > 0 });
        Assert.Equal(result.Diverged, store.Find(result.Key)!.Diverged);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_folder, "work")));
        Assert.False(Directory.Exists(store.PolicyFolder(result.Key)));
        return result;
    }
}
