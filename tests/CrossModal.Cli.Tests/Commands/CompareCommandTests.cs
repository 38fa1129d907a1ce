using System.Text.Json.Nodes;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Comparisons as small as they can be.</summary>
public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _command;

    public CompareCommandTests()
    {
        ComparisonFile.WriteProtocol(_folder["tiny.json"], new ComparisonProtocol
        {
            Name = "tiny",
            Width = 16,
            Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 2, Scenes = 2, Instructions = 2 },
            Sweep = new ProtocolSweep([1e-3, 2e-3], 0.5),
            Episodes = new ProtocolEpisodes(1, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 1 },
        });
        _command = ["compare", "--protocol", _folder["tiny.json"], "--only", "concat-pooled", "--out", _folder["out"]];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_comparison_leaves_results_and_tables_and_never_runs_a_cell_again()
    {
        var run = ToolRun.Of([.. _command, "--list"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("0 of 3 cells finished", run.Output);
        Assert.Contains("waits for concat-pooled", run.Output);
        Assert.False(Directory.Exists(_folder["out"]));

        run = ToolRun.Of([.. _command, "--workers", "2", "--json", _folder["result.json"]]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("3/3", run.Output);
        Assert.Contains("All cells are finished", run.Output);
        var results = ComparisonFile.ReadResults(_folder["out/results.json"]);
        Assert.Equal(("tiny", 3), (results.Protocol, results.Cells.Count));
        Assert.Equal(1 + 2, File.ReadAllLines(_folder["out/tests.csv"]).Length);
        Assert.Equal(1 + 3, File.ReadAllLines(_folder["out/learning.csv"]).Length);
        Assert.Single(results.Speeds);
        Assert.Contains("Concatenation, mean-pooled", File.ReadAllText(_folder["out/report.html"]));
        var cells = Directory.GetFiles(_folder["out/cells"]).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        Assert.Equal(3, cells.Count);

        run = ToolRun.Of([.. _command, "--list"]);
        Assert.Contains("3 of 3 cells finished", run.Output);
        Assert.Equal(0, ToolRun.Of(_command).ExitCode);
        Assert.Equal(cells, Directory.GetFiles(_folder["out/cells"]).ToDictionary(f => f, File.GetLastWriteTimeUtc));

        // A damaged cell is named, with what to do.
        var path = cells.Keys.First();
        File.WriteAllText(path, "{");
        run = ToolRun.Of(_command);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"crossmodal: {path}: ", run.OnlyError());
        Assert.EndsWith("remove it and the cell runs again", run.OnlyError());
    }

    [Fact]
    public void Stopped_after_a_time_it_says_what_is_left_and_the_next_call_goes_on()
    {
        var run = ToolRun.Of([.. _command, "--budget-minutes", "1e-8"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Time is up: ", run.Output);
        Assert.NotEmpty(ComparisonFile.ReadResults(_folder["out/results.json"]).Missing);
        run = ToolRun.Of(_command);
        Assert.Contains("All cells are finished", run.Output);

        // Out of time nothing runs any more, so what is finished is timed all the same.
        run = ToolRun.Of([.. _command[..3], "--only", "concat-pooled", "concat-tokens", "--out", _folder["out"], "--budget-minutes",
            "1e-8"]);
        Assert.Contains("Time is up: ", run.Output);
        var results = ComparisonFile.ReadResults(_folder["out/results.json"]);
        Assert.NotEmpty(results.Missing);
        Assert.Equal("concat-pooled", Assert.Single(results.Speeds).Variant);
    }

    [Fact]
    public void A_student_learns_from_the_best_strategy_and_is_held_against_one_without_a_teacher()
    {
        string[] command = [.. _command[..4], "cross-attention-1", "--distil", "--out", _folder["out"]];
        var run = ToolRun.Of(command);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var cells = ComparisonFile.ReadResults(_folder["out/results.json"]).Cells.Where(c =>
            c.Place.Group == "distillation" && c.Place.Role == CellRole.Final).ToArray();
        Assert.Equal(["teacher", "student", "student-taught"], cells.Select(c => c.Place.Variant));
        var (teacher, alone, taught) = (cells[0].Result, cells[1].Result, cells[2].Result);
        Assert.Equal(teacher.Key, taught.Configuration.Teacher!.Key);
        Assert.Null(alone.Configuration.Teacher);
        Assert.Equal(alone.Configuration with
        {
            Teacher = taught.Configuration.Teacher,
            Evaluation = taught.Configuration.Evaluation,
            Recipe = taught.Configuration.Recipe
        }, taught.Configuration);
        Assert.True(alone.Parameters == taught.Parameters && alone.Flops < teacher.Flops);
        Assert.Equal(["taught_action", "taught_attention", "taught_feature"],
            taught.Losses.Metrics.Keys.Where(k => k.StartsWith("taught", StringComparison.Ordinal)).Order());
        Assert.NotEqual(alone.Learning[0].TargetErrorCentimetres, taught.Learning[0].TargetErrorCentimetres);

        // Where the teacher's weights are gone they are made again, and are the same.
        Directory.Delete(_folder["out/policies"], recursive: true);
        File.Delete(Directory.GetFiles(_folder["out/cells"], $"*_{taught.Key}.json").Single());
        Assert.Equal(0, ToolRun.Of(command).ExitCode);
        var again = ComparisonFile.ReadResults(_folder["out/results.json"]).Cells.Single(c => c.Place.Variant == "student-taught").Result;
        Assert.Equal(taught.Losses.Loss, again.Losses.Loss);
    }

    [Fact]
    public void Rows_that_diverge_stand_as_diverged_and_the_page_is_written()
    {
        ComparisonFile.WriteProtocol(_folder["wild.json"], ComparisonFile.ReadProtocol(_folder["tiny.json"]) with
        {
            Sweep = new ProtocolSweep([], 0),
            Seeds = new ProtocolSeeds([0, 0], [0]),
            Recipe = new TabletopRecipe { Tasks = ["pick", "pick"], Steps = 20, Scenes = 2, Instructions = 2, LearningRate = 1e6 },
        });
        var run = ToolRun.Of("compare", "--protocol", _folder["wild.json"], "--only", "concat-pooled", "cross-attention-1", "concat-pooled",
            "--distil", "--out", _folder["out"], "--json", _folder["result.json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Cells that cannot be run, as what they wait for was not found: 1, such as distillation/student-taught",
            run.Output);
        var diverged = JsonNode.Parse(File.ReadAllText(_folder["result.json"]))!["diverged"]!.AsArray().Select(d => d!.GetValue<string>())
            .ToList();
        Assert.Equal(["strategies/concat-pooled final seed 0", "strategies/cross-attention-1 final seed 0",
            "distillation/student (without a teacher) final seed 0"], diverged.Select(d => d.Split(" lr ")[0]));
        Assert.All(diverged, d => Assert.Contains(": training diverged: step ", d));
        Assert.Equal(1 + 3, File.ReadAllLines(_folder["out/tests.csv"]).Length);
        Assert.Equal(3, ComparisonFile.ReadResults(_folder["out/results.json"]).Cells.Count(c => c.Result.Diverged is not null));
        Assert.Contains(">diverged<", File.ReadAllText(_folder["out/report.html"]));
    }

    [Fact]
    public void Only_limits_what_is_trained_and_an_ablation_is_shown_once_it_was_asked_for()
    {
        ComparisonFile.WriteProtocol(_folder["tiny.json"],
            ComparisonFile.ReadProtocol(_folder["tiny.json"]) with { Sweep = new ProtocolSweep([], 0) });
        var (page, results) = (_folder["out/report.html"], _folder["out/results.json"]);
        string[] Only(params string[] more) => ["compare", "--protocol", _folder["tiny.json"], "--out", _folder["out"], "--only", .. more];
        Assert.Equal(0, ToolRun.Of(Only("perceiver-8")).ExitCode);
        Assert.Equal(0, ToolRun.Of(Only("perceiver-32", "lava")).ExitCode);
        Assert.Equal(["perceiver-8", "perceiver-32", "lava"], Variants());

        // Both rows are settings of an ablation too, which nobody asked for.
        Assert.DoesNotContain("Ablation: longer", File.ReadAllText(page));
        Assert.Equal(0, ToolRun.Of(Only("perceiver-8", "--ablate", "longer")).ExitCode);
        Assert.Contains("Ablation: longer", File.ReadAllText(page));

        // What was asked for once stays, and so does every row.
        var run = ToolRun.Of(Only("concat-pooled"));
        Assert.Contains("1/1  strategies/concat-pooled", run.Output);
        Assert.Contains("Ablation: longer", File.ReadAllText(page));
        Assert.Equal(["concat-pooled", "perceiver-8", "perceiver-32", "lava"], Variants());
        Assert.Equal(["strategies", "longer"], ComparisonFile.ReadResults(results).Groups);

        IEnumerable<string> Variants() => ComparisonFile.ReadResults(results).Cells.Where(c => c.Place.Group == "strategies")
            .Select(c => c.Place.Variant).Distinct();
    }

    [Fact]
    public void A_setting_that_is_trained_alone_brings_the_rates_it_chooses_from()
    {
        var list = ToolRun.Of("compare", "--protocol", _folder["tiny.json"], "--ablate", "heads", "--only", "8", "--list", "--out",
            _folder["none"]).Output;
        Assert.Contains("0 of 3 cells finished", list);
        Assert.Contains("heads/cross-attention-4 (8) final seed 0 waits for cross-attention-4", list);
        Assert.Equal(2, list.Split("heads/cross-attention-4 sweep").Length - 1);
    }

    [Fact]
    public void Names_and_combinations_that_mean_nothing_are_refused()
    {
        Assert.Contains("--only: there is no 'telepathy'", Refused("--quick", "--only", "telepathy"));
        Assert.Contains("--ablate: there is no 'colour'", Refused("--ablate", "colour"));
        Assert.Contains("--full means nothing with --quick", Refused("--quick", "--full"));
        Assert.Contains("--budget-minutes means nothing with --list", Refused("--list", "--budget-minutes", "3"));
        File.WriteAllText(_folder["wrong.json"], "{}");
        Assert.Contains("wrong.json: is not of the format 'crossmodal-protocol/1'", Refused("--protocol", _folder["wrong.json"]));
        ComparisonFile.WriteProtocol(_folder["wrong.json"], ComparisonProtocols.Quick with { Width = 6 });
        Assert.Contains("wrong.json: 'width' must be a multiple of 4, got 6", Refused("--protocol", _folder["wrong.json"]));
        File.WriteAllText(_folder["file"], "");
        Assert.StartsWith($"crossmodal: {_folder["file"]}: cannot be written", Refused("--quick", "--out", _folder["file"]));
    }

    [Fact]
    public void The_protocols_that_come_with_it_can_be_planned_and_are_not_at_fault()
    {
        foreach (var protocol in (string[])["--quick", "--full"])
        {
            var run = ToolRun.Of("compare", protocol, "--distil", "--list", "--out", _folder["none"]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Contains("waits for the best strategy", run.Output);
            ComparisonFile.WriteProtocol(_folder["p.json"], protocol == "--quick" ? ComparisonProtocols.Quick : ComparisonProtocols.Full);
            ComparisonFile.ReadProtocol(_folder["p.json"]);
        }
    }

    [Fact]
    public void What_is_taught_brings_the_strategies_that_teach()
    {
        var teaching = ToolRun.Of("compare", "--quick", "--ablate", "teaching", "--list", "--out", _folder["none"]).Output;
        Assert.Contains("teaching/student (all three) final seed 0 waits for the best strategy", teaching);
        Assert.Contains("strategies/co-attention-4 final seed 0", teaching);
        Assert.DoesNotContain("strategies/", ToolRun.Of("compare", "--quick", "--ablate", "heads", "--list", "--out",
            _folder["none"]).Output);
    }

    private static string Refused(params string[] args)
    {
        var run = ToolRun.Of(["compare", .. args]);
        Assert.Equal(2, run.ExitCode);
        return run.OnlyError();
    }
}
