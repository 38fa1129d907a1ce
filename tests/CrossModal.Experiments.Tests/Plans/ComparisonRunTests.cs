using System.Text.Json;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Experiments.Tests.Cells;
using CrossModal.Fusion;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Experiments.Tests.Plans;

public sealed class ComparisonRunTests : IDisposable
{
    internal static readonly ComparisonProtocol Tiny = new()
    {
        Name = "tiny",
        Width = 16,
        Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 4, Scenes = 2, Instructions = 2 },
        Seeds = new ProtocolSeeds([0, 1], [0]),
        Sweep = new ProtocolSweep([1e-3, 4e-3], 0.5),
        Budgets = new ProtocolBudgets([0.5], 1),
        Episodes = new ProtocolEpisodes(1, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 1 },
    };

    internal static readonly ComparisonPlan Plan =
        new(Tiny) { Strategies = [ComparisonVariants.Find("concat-pooled"), ComparisonVariants.Find("cross-attention-1")] };
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_number_of_workers_and_a_stop_on_the_way_change_nothing()
    {
        var one = Compare("one", workers: 1);
        var two = Compare("two", workers: 2);
        Assert.Equal(one, two);
        Assert.NotEmpty(one);

        // Stopped after each cell, and gone on with by another number of workers.
        for (var session = 0; session < 40; session++)
        {
            using var stop = new CancellationTokenSource();
            if (Run("parts", 1 + session % 2, new Watcher { Cell = (_, _) => stop.Cancel() }).Run(stop.Token)) break;
        }

        Assert.Equal(one, Compare("parts", workers: 1, new Watcher { Cell = (cell, _) => Assert.Fail($"{cell.Place} was run again") }));
    }

    [Fact]
    public void The_teacher_is_the_best_first_seed_of_the_textbooks_strategies_that_attend_to_patches()
    {
        var plan = new ComparisonPlan(Tiny with { Sweep = new ProtocolSweep([], 0) })
        {
            Strategies = [.. new[] { "concat-pooled", "cross-attention-1", "cross-attention-4", "multi-view-joint",
                "clip" }.Select(ComparisonVariants.Find)],
        };
        var first = plan.Cells([ComparisonGroups.Strategies], _ => null)
            .Where(c => c.Place.Role == CellRole.Final && c.Configuration.Recipe.Seed == 0 && c.Place.Variant is "concat-pooled"
                or "cross-attention-1" or "cross-attention-4").ToDictionary(c => c.Key!);
        CellResult? Finished(string key) => first.TryGetValue(key, out var cell)
            ? Validated(cell, cell.Place.Variant switch { "concat-pooled" => 3, "cross-attention-4" => 2, _ => 1 }) : null;

        // Neither the second seeds nor clip nor two cameras are finished, and pooled tokens, the best here, attend to no patch.
        var taught = plan.Cells([ComparisonGroups.Distillation], Finished).Where(c => c.Place.Variant == "student-taught").ToArray();
        Assert.All(taught, c => Assert.Equal("cross-attention-4", first[c.Configuration.Teacher!.Key].Place.Variant));
        Assert.Equal([0UL, 1UL], taught.Select(c => c.Configuration.Recipe.Seed));

        var missing = first.Values.Single(c => c.Place.Variant == "cross-attention-1").Key;
        Assert.All(plan.Cells([ComparisonGroups.Distillation], key => key == missing ? null : Finished(key))
            .Where(c => c.Place.Variant == "student-taught"),
            c => Assert.Equal("the best strategy", c.WaitsFor));

        // So it is in the ablation of distillation; a student without a teacher waits for nothing.
        var terms = plan.Cells(["teaching"], Finished);
        Assert.All(terms, c => Assert.Equal(ComparisonVariants.Student.Policy(Tiny.Width, Tiny.Recipe), c.Configuration.Policy));
        Assert.Equal([null, (1f, 0f, 0f), (0f, 0.5f, 0f), (0f, 0f, 0.1f), (1f, 0.5f, 0.1f)],
            terms.Select(c => c.Configuration.Teacher?.Distillation is { } d ? (d.Action, d.Feature, d.Attention)
                : ((float, float, float)?)null));
        Assert.All(terms, c => Assert.Equal("student", c.Place.Variant));
        Assert.All(terms.Skip(1), c => Assert.Equal("cross-attention-4", first[c.Configuration.Teacher!.Key].Place.Variant));
        Assert.Equal([false, true, true, true, true], plan.Cells(["teaching"], _ => null).Select(c => c.WaitsFor == "the best strategy"));

        static CellResult Validated(PlannedCell cell, int successes) => SampleCells.Result(key: cell.Key!) with
        {
            Configuration = cell.Configuration,
            Learning = [new LearningPoint(8, 32, [new ValidationRecord("pick", 3, successes, 3, 1)])],
            Grounding = cell.Place.Variant == "concat-pooled" ? [] : SampleCells.Result().Grounding,
        };
    }

    [Fact]
    public void Where_nobody_succeeds_at_a_part_of_the_budget_the_whole_decides_the_rate()
    {
        var row = ComparisonVariants.Find("cross-attention-1");
        var patient = new ComparisonPlan(Tiny with { Sweep = Tiny.Sweep with { WholeWhereNoneSucceeds = true } }) { Strategies = [row] };
        var hasty = new ComparisonPlan(Tiny) { Strategies = [row] };
        var part = Rates(patient, _ => null);
        Assert.Equal([2, 2], part.Select(c => c.Configuration.Recipe.Steps));

        // Nobody succeeds, and the first rate points better: it is taken at once, or both are tried again.
        Assert.Equal(2, Rates(hasty, Part(0)).Count);
        Assert.All(Finals(hasty, Part(0)), c => Assert.Equal(1e-3, c.Configuration.Recipe.LearningRate));
        var whole = Rates(patient, Part(0))[2..];
        Assert.Equal([4, 4], whole.Select(c => c.Configuration.Recipe.Steps));
        Assert.All(Finals(patient, Part(0)), c => Assert.Equal("cross-attention-1", c.WaitsFor));

        // With the whole budget the second one succeeds; its run is the row's own of the first seed.
        CellResult? Found(string key) => Part(0)(key) ?? Whole(key);
        var finals = Finals(patient, Found);
        Assert.All(finals, c => Assert.Equal(4e-3, c.Configuration.Recipe.LearningRate));
        Assert.Equal(whole[1].Key, finals.Single(c => c.Configuration.Recipe.Seed == 0).Key);

        // Where anyone succeeds at the part, the part decides.
        Assert.Equal(2, Rates(patient, Part(1)).Count);

        List<PlannedCell> Rates(ComparisonPlan plan, Func<string, CellResult?> find) =>
            [.. plan.Cells([ComparisonGroups.Strategies], find).Where(c => c.Place.Role == CellRole.Sweep)];
        List<PlannedCell> Finals(ComparisonPlan plan, Func<string, CellResult?> find) =>
            [.. plan.Cells([ComparisonGroups.Strategies], find).Where(c => c.Place.Role == CellRole.Final)];
        Func<string, CellResult?> Part(int successes) => key =>
            part.FindIndex(c => c.Key == key) is var i and >= 0 ? Validated(part[i], successes, error: 1 + i) : null;
        CellResult? Whole(string key) => whole.FindIndex(c => c.Key == key) is var i and >= 0 ? Validated(whole[i], successes: i, error: 1)
            : null;
        static CellResult Validated(PlannedCell cell, int successes, double error) => SampleCells.Result(key: cell.Key!) with
        {
            Configuration = cell.Configuration,
            Learning = [new LearningPoint(8, 32,
                [new ValidationRecord("pick", 3, successes, 3, error)])],
        };
    }

    [Fact]
    public void The_policy_of_a_row_that_its_sweep_has_run_is_kept()
    {
        var protocol = Tiny with
        {
            Seeds = new ProtocolSeeds([0], [0]),
            Budgets = new ProtocolBudgets([], 1),
            Sweep = Tiny.Sweep with { WholeWhereNoneSucceeds = true }
        };
        var plan = new ComparisonPlan(protocol) { Strategies = [ComparisonVariants.Find("concat-pooled")] };
        var store = new CellStore(Path.Combine(_folder, "swept"));
        var run = new ComparisonRun(plan, store);
        Assert.True(run.Run());
        Assert.Equal(4, plan.Cells([ComparisonGroups.Strategies], run.Find).Count(c => c.Place.Role == CellRole.Sweep));
        var row = plan.Cells([ComparisonGroups.Strategies], run.Find).Single(c => c.Place.Role == CellRole.Final);
        Assert.True(Directory.Exists(store.PolicyFolder(row.Key!)));
    }

    [Fact]
    public void A_lever_is_taken_from_the_whole_budget_too_and_the_whole_recipe_is_then_the_table_s_own_run()
    {
        var plan = new ComparisonPlan(Tiny with
        {
            Sweep = new ProtocolSweep([], 0),
            Budgets = new ProtocolBudgets([], 0.5)
        })
        { Strategies = [ComparisonVariants.Find(ComparisonVariants.Base)] };
        var table = plan.Cells([ComparisonGroups.Strategies], _ => null);
        var (part, whole) = (plan.Cells(["recipe"], _ => null), plan.Cells(["recipe-whole"], _ => null));
        Assert.Equal(part.Select(c => c.Place.Setting), whole.Select(c => c.Place.Setting));
        Assert.All(part, c => Assert.Equal(2, c.Configuration.Recipe.Steps));
        Assert.All(whole, c => Assert.Equal(4, c.Configuration.Recipe.Steps));
        Assert.Equal(table[0].Key, whole[0].Key);
        Assert.Equal(part.Skip(1).Select(c => c.Configuration.Recipe.Levers), whole.Skip(1).Select(c => c.Configuration.Recipe.Levers));
        Assert.Equal(whole.Count, whole.Select(c => c.Key).Distinct().Count());
    }

    [Fact]
    public void The_plan_has_sweeps_shorter_runs_and_all_seeds_and_rates_are_chosen_by_validation()
    {
        var plan = new ComparisonPlan(Tiny with
        {
            Episodes = new ProtocolEpisodes(3, 2, 1, 2, 2),
            Recipe = Tiny.Recipe with { Tasks = ["pick", "place"] }
        })
        { Strategies = Plan.Strategies };
        var before = plan.Cells([ComparisonGroups.Strategies], _ => null);
        Assert.Equal(2 * (2 + 1 + 2), before.Count);
        Assert.Equal(2 * (1 + 2), before.Count(c => c.WaitsFor is not null));
        Assert.All(before.Where(c => c.Place.Role == CellRole.Sweep), c =>
            Assert.Equal((2, 0), (c.Configuration.Recipe.Steps, c.Configuration.Evaluation.Tests.Count)));

        // A table first: the first seed of both, then the shorter runs, then the second seed of both.
        Assert.Equal([.. Enumerable.Repeat(0UL, 8), 1, 1], before.Select(c => c.Configuration.Recipe.Seed));
        Assert.All(before.Skip(6).Take(2), c => Assert.Equal(CellRole.Budget, c.Place.Role));

        // The second rate wins for the one strategy by success, the first for the other by pointing.
        var after = plan.Cells([ComparisonGroups.Strategies], key =>
        {
            var cell = before.First(c => c.Key == key);
            var second = cell.Configuration.Recipe.LearningRate > 2e-3;
            var pooled = cell.Place.Variant == "concat-pooled";
            return SampleCells.Result(key: key) with
            {
                Configuration = cell.Configuration,
                Learning = [new LearningPoint(2, 8, [new ValidationRecord("pick", 10, pooled && second ? 4 : 3, 0, second ? 3 : 2)])],
            };
        });
        Assert.All(after, c => Assert.Null(c.WaitsFor));
        Assert.Equal(4e-3, Rate("concat-pooled"));
        Assert.Equal(1e-3, Rate("cross-attention-1"));
        double Rate(string variant) => after.Where(c => c.Place.Variant == variant && c.Place.Role != CellRole.Sweep)
            .Select(c => c.Configuration.Recipe.LearningRate).Distinct().Single();

        var tests = after.First(c => c.Place.Role == CellRole.Final).Configuration.Evaluation.Tests;
        Assert.Equal((3, 3, 2), (Sum("S0", PolicyControl.None), Sum("Z1", PolicyControl.None), Sum("Z3", PolicyControl.None)));
        Assert.All(Enum.GetValues<PolicyControl>().Where(c => c != PolicyControl.None), c => Assert.Equal(1, Sum("S0", c)));
        int Sum(string split, PolicyControl control) => tests.Where(t => t.Split == split && t.Control == control).Sum(t => t.Episodes);
    }

    [Fact]
    public void What_a_protocol_or_a_plan_names_twice_counts_once()
    {
        var twice = new ComparisonPlan(Tiny with
        {
            Recipe = Tiny.Recipe with { Tasks = ["pick", "pick"] },
            Seeds = new ProtocolSeeds([0, 1, 0], [0, 0]),
            Sweep = Tiny.Sweep with { Rates = [1e-3, 4e-3, 1e-3] },
            Budgets = Tiny.Budgets with { Shorter = [0.5, 0.5] },
        })
        { Strategies = [.. Plan.Strategies, .. Plan.Strategies] };
        foreach (var group in (string[])[ComparisonGroups.Strategies, "heads", ComparisonGroups.Distillation])
            Assert.Equal(Plan.Cells([group], _ => null).Select(c => (c.Place, c.Key)),
                twice.Cells([group], _ => null).Select(c => (c.Place, c.Key)));
        Assert.Equal(["pick"], twice.Protocol.Recipe.Tasks);
        Assert.Equal([0UL, 1UL], twice.Protocol.Seeds.Strategies);
    }

    [Fact]
    public void Every_strategy_of_the_library_has_a_row_and_names_are_unique()
    {
        Assert.Equal(FusionStrategies.Names.Order(), ComparisonVariants.All.Select(v => v.Strategy).Distinct().Order());
        Assert.Equal(ComparisonVariants.All.Count, ComparisonVariants.All.Select(v => v.Name).Distinct().Count());
        Assert.Contains("there is no variant 'telepathy'; there are concat-pooled, ",
            Assert.Throws<ArgumentException>(() => ComparisonVariants.Find("telepathy")).Message);
        Assert.Contains("there is no ablation 'telepathy'; there are heads, ",
            Assert.Throws<ArgumentException>(() => Plan.Cells(["telepathy"], _ => null)).Message);
    }

    [Fact]
    public void Every_ablation_changes_one_thing_and_each_setting_is_a_cell_of_its_own()
    {
        var plan = new ComparisonPlan(Tiny with { Sweep = new ProtocolSweep([], 0), Recipe = Tiny.Recipe with { Steps = 64 } });
        var strategies = plan.Cells([ComparisonGroups.Strategies], _ => null).ToDictionary(c => c.Key!);
        CellResult? Finished(string key) => strategies.TryGetValue(key, out var cell)
            ? SampleCells.Result(key: key) with { Configuration = cell.Configuration } : null;
        foreach (var ablation in ComparisonGroups.Ablations.Where(group => group != ComparisonGroups.Chosen))
        {
            // A distilled student needs a teacher, which is one of the strategies.
            var cells = plan.Cells([ablation], Finished);
            Assert.True(cells.Count >= 3, ablation);
            Assert.Equal(cells.Count, cells.Select(c => c.Key).Distinct().Count());
            Assert.Equal(cells.Count, cells.Select(c => (c.Place.Setting, c.Configuration.Recipe.Seed)).Distinct().Count());
            Assert.NotEmpty(ComparisonGroups.Summary(ablation));

            // Every one of them can be made.
            Assert.All(cells, c => new TabletopLossSource(c.Configuration.Policy, c.Configuration.Recipe));
        }
    }

    [Fact]
    public void Captions_before_are_the_only_difference_and_are_learned_once_for_all_budgets()
    {
        var plan = new ComparisonPlan(Tiny with { Sweep = new ProtocolSweep([], 0), Recipe = Tiny.Recipe with { Steps = 16 } });
        var cells = plan.Cells(["pretraining"], _ => null);
        var alone = cells.Where(c => c.Configuration.Pretraining is null).ToList();
        Assert.Equal(plan.Cells(["data"], _ => null).Select(c => c.Key), alone.Select(c => c.Key));
        Assert.Equal(alone.Select(c => c.Configuration), cells.Except(alone).Select(c => c.Configuration with { Pretraining = null }));

        string[] few = ["12.5 % alone", "12.5 % after captions", "25 % after captions"];
        var store = new CellStore(Path.Combine(_folder, "captions"));
        var phases = new List<CellPhase>();
        var watcher = new Watcher { Change = state => phases.AddRange(state.Running.Select(r => r.Status?.Phase).OfType<CellPhase>()) };
        var run = new ComparisonRun(plan, store)
        {
            Groups = ["pretraining"],
            Only = c => few.Contains(c.Place.Setting),
            Workers = 2,
            Watcher = watcher
        };
        Assert.True(run.Run());
        Assert.Contains(CellPhase.Pretraining, phases);
        var results = run.Cells().ToDictionary(c => c.Place.Setting, c => run.Find(c.Key!)!);
        Assert.NotEqual(results[few[0]].Losses.Loss, results[few[1]].Losses.Loss);
        Assert.Equal(results[few[1]].Configuration.Pretraining, results[few[2]].Configuration.Pretraining);
        Assert.Equal(4, Directory.GetDirectories(Path.Combine(store.Folder, "policies")).Length);
        Assert.Empty(Directory.GetDirectories(Path.Combine(store.Folder, "work")));
    }

    private List<string> Compare(string folder, int workers, Watcher? watcher = null)
    {
        var run = Run(folder, workers, watcher);
        Assert.True(run.Run());
        var results = ComparisonCollection.Collect(Plan, run, [ComparisonGroups.Strategies], "compare", "here", 1);
        Assert.Empty(results.Missing);
        var speeds = ComparisonCollection.Speeds(results, CancellationToken.None);
        Assert.Throws<OperationCanceledException>(() => ComparisonCollection.Speeds(results, new CancellationToken(canceled: true)));
        Assert.Equal(["concat-pooled", "cross-attention-1"], speeds.Select(s => s.Variant));
        Assert.All(speeds, s => Assert.True(s.TrainingMilliseconds > 0));
        ComparisonCsv.WriteTests(Path.Combine(_folder, "tests.csv"), results);
        Assert.Equal(1 + results.Cells.Sum(c => c.Result.Tests.Count), File.ReadAllLines(Path.Combine(_folder, "tests.csv")).Length);
        ComparisonCsv.WriteLearning(Path.Combine(_folder, "learning.csv"), results);
        var lines = File.ReadAllLines(Path.Combine(_folder, "learning.csv"));
        Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == ','), line.Count(c => c == ',')));
        return [.. results.Cells.Select(c => JsonSerializer.Serialize(
            c with { Result = c.Result with { Timing = new CellTiming("", 0, 0, 0, []) } }, ComparisonFile.Json))];
    }

    private ComparisonRun Run(string folder, int workers, Watcher? watcher = null) =>
        new(Plan, new CellStore(Path.Combine(_folder, folder))) { Workers = workers, Watcher = watcher };

    private sealed class Watcher : IComparisonWatcher
    {
        public Action<PlannedCell, ComparisonState>? Cell { get; init; }

        public Action<ComparisonState>? Change { get; init; }

        public void Changed(ComparisonState state)
        {
            Assert.InRange(state.Finished, 0, state.Planned);
            Change?.Invoke(state);
        }

        public void Finished(PlannedCell cell, CellResult result, ComparisonState state)
        {
            Assert.True(state.Left >= TimeSpan.Zero);
            Cell?.Invoke(cell, state);
        }
    }
}
