using System.Text.Json.Nodes;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Comparisons;

/// <summary>What is said and written of a comparison that many workers share.</summary>
public sealed class SharedComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _command;

    public SharedComparisonTests()
    {
        ComparisonFile.WriteProtocol(_folder["tiny.json"], new ComparisonProtocol
        {
            Name = "tiny",
            Width = 16,
            Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 2, Scenes = 2, Instructions = 2 },
            Episodes = new ProtocolEpisodes(1, 0, 0, 1, 1) { LearningPoints = 1, GroundingScenes = 1, Films = 1 },
        });
        _command = ["compare", "--protocol", _folder["tiny.json"], "--only", "concat-pooled", "cross-attention-1", "--out", _folder["out"]];
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_status_names_who_works_on_what_and_changes_nothing()
    {
        var run = ToolRun.Of([.. _command, "--status"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("0 of 2 cells finished, none under way", run.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));

        var plan = new ComparisonPlan(ComparisonFile.ReadProtocol(_folder["tiny.json"]))
        {
            Strategies = [ComparisonVariants.Find("concat-pooled")],
        };
        var key = plan.Cells([ComparisonGroups.Strategies], _ => null).Single().Key!;
        using var held = new CellStore(_folder["out"]).Leases.Take(key)!;
        run = ToolRun.Of([.. _command, "--status", "--json", _folder["status.json"]]);
        Assert.Contains("strategies/concat-pooled final seed 0", run.Output, StringComparison.Ordinal);
        Assert.Contains($"on {Environment.MachineName} (process {Environment.ProcessId}), last sign of life", run.Output,
            StringComparison.Ordinal);
        Assert.Contains("0 of 2 cells finished, 1 under way", run.Output, StringComparison.Ordinal);
        var json = JsonNode.Parse(File.ReadAllText(_folder["status.json"]))!;
        Assert.Equal((1, 2), ((int)json["workers"]!, (int)json["planned"]!));
        Assert.Equal(key, (string)json["running"]![0]!["key"]!);
    }

    [Fact]
    public void A_worker_leaves_the_cells_of_others_to_them_and_another_protocol_is_refused()
    {
        Assert.Equal(0, ToolRun.Of([.. _command, "--worker"]).ExitCode);
        var written = File.GetLastWriteTimeUtc(_folder["out/results.json"]);
        var again = ToolRun.Of([.. _command, "--worker"]);
        Assert.Contains("All cells are finished, and the results are written", again.Output, StringComparison.Ordinal);
        Assert.Equal(written, File.GetLastWriteTimeUtc(_folder["out/results.json"]));
        Assert.DoesNotContain("--worker", ComparisonFile.ReadResults(_folder["out/results.json"]).Command, StringComparison.Ordinal);

        var protocol = ComparisonFile.ReadProtocol(_folder["tiny.json"]);
        ComparisonFile.WriteProtocol(_folder["tiny.json"], protocol with { Recipe = protocol.Recipe with { Steps = 3 } });
        var refused = ToolRun.Of([.. _command, "--worker"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("holds another run (recipe.steps 2 -> 3)", refused.OnlyError(), StringComparison.Ordinal);
        Assert.Equal(2, ToolRun.Of([.. _command, "--worker", "--restart"]).ExitCode);
    }

    [Fact]
    public void What_is_submitted_starts_workers_and_nothing_else()
    {
        var run = ToolRun.Of([.. _command, "--submit", "slurm", "--workers", "5", "--json", _folder["submit.json"]]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"start the workers with: sbatch {_folder["out/workers.sh"]}", run.Output, StringComparison.Ordinal);
        var lines = File.ReadAllLines(_folder["out/workers.sh"]);
        Assert.Contains("#SBATCH --array=0-4", lines);
        var start = Assert.Single(lines, l => l.Length > 0 && !l.StartsWith('#'));
        Assert.EndsWith($"compare --protocol {_folder["tiny.json"]} --only concat-pooled cross-attention-1 --out {_folder["out"]} --worker",
            start, StringComparison.Ordinal);
        Assert.Equal(5, (int)JsonNode.Parse(File.ReadAllText(_folder["submit.json"]))!["workers"]!);

        // As many as there are cells to run, unless told otherwise.
        Assert.Equal(0, ToolRun.Of([.. _command, "--submit", "k8s"]).ExitCode);
        var manifest = File.ReadAllText(_folder["out/workers.yaml"]);
        Assert.Contains("completionMode: Indexed", manifest, StringComparison.Ordinal);
        Assert.Contains("parallelism: 2\n", manifest, StringComparison.Ordinal);
        Assert.Contains("\"--out\", \"" + _folder["out"] + "\", \"--worker\"]", manifest, StringComparison.Ordinal);
        Assert.Equal(2, ToolRun.Of([.. _command, "--submit", "lsf"]).ExitCode);
    }
}
