using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Tests.Comparisons;

/// <summary>Workers of one comparison, each a process, that are killed again and again.</summary>
public sealed class WorkersTests : IDisposable
{
    private const int Workers = 3;
    private readonly TemporaryFolder _folder = new();

    /// <summary>How often each worker is killed: once, or as often as the variable says.</summary>
    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("CROSSMODAL_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 1;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Twelve_cells_by_three_workers_that_are_killed_give_the_results_of_one_that_is_not()
    {
        ComparisonFile.WriteProtocol(_folder["small.json"], new ComparisonProtocol
        {
            Name = "small",
            Width = 16,
            Recipe = new TabletopRecipe { Tasks = ["pick"], Steps = 60 + 120 * Kills, Scenes = 4, Instructions = 2 },
            Seeds = new ProtocolSeeds([0, 1], [0]),
            Sweep = new ProtocolSweep([1e-3, 2e-3], 0.5),
            Episodes = new ProtocolEpisodes(4, 0, 2, 2, 2) { LearningPoints = 4, GroundingScenes = 2, Films = 1 },
        });
        foreach (var name in (string[])["one", "many"]) Directory.CreateDirectory(_folder[name]);
        var alone = Task.Run(() => ToolRun.Apart(_folder["one"], Command));
        var outputs = await KilledWorkers(_folder["many"]);
        var run = await alone;
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(Bits(_folder["one/out/results.json"]), Bits(_folder["many/out/results.json"]));

        // A line for each cell, at most: who finished it may have been killed before it said so.
        var finished = outputs.SelectMany(o => o.Split('\n')).Where(l => l.Contains("/12  strategies/", StringComparison.Ordinal))
            .Select(l => l.Split("  ")[^1].Split(':')[0]).ToList();
        Assert.NotEmpty(finished);
        Assert.Equal(finished.Distinct(), finished);
        Assert.Equal(12, Directory.GetFiles(_folder["many/out/cells"]).Length);
        Assert.Empty(Directory.GetFiles(_folder["many/out/leases"]));

        var machines = ComparisonFile.ReadResults(_folder["many/out/results.json"]).Cells.Select(c => c.Result.Timing.Machine);
        Assert.All(machines, machine => Assert.EndsWith(Environment.MachineName, machine, StringComparison.Ordinal));
    }

    private static string[] Command =>
    [
        "compare", "--protocol", "../small.json", "--only", "concat-pooled", "cross-attention-1", "perceiver-8", "--out", "out", "--worker",
        "--lease-seconds", "30",
    ];

    /// <summary>What workers wrote that are killed so often and then left to finish.</summary>
    private static async Task<IReadOnlyList<string>> KilledWorkers(string folder)
    {
        var outputs = new List<string>();
        var workers = Enumerable.Range(0, Workers).Select(w => Task.Run(async () =>
        {
            var random = new Random(w);
            for (var kill = 0; ; kill++)
            {
                using var process = Process.Start(new ProcessStartInfo("dotnet",
                    [Path.Combine(AppContext.BaseDirectory, "CrossModal.Cli.dll"), .. Command])
                { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
                var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
                var ended = process.WaitForExit(kill < Kills ? TimeSpan.FromMilliseconds(random.Next(700, 3500)) : TimeSpan.FromMinutes(5));
                if (!ended) process.Kill();
                process.WaitForExit();
                var written = await output;
                lock (outputs) outputs.Add(written);
                if (!ended && kill < Kills) continue;
                Assert.Equal((0, ""), (process.ExitCode, await error));
                return kill;
            }
        })).ToArray();
        var kills = await Task.WhenAll(workers);
        Assert.True(kills.Sum() >= Workers * Kills * 3 / 4, "the cells were finished before the workers were killed");
        return outputs;
    }

    /// <summary>Results without times and machines.</summary>
    private static string Bits(string path)
    {
        var results = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (var name in (string[])["machine", "cellSeconds", "wallSeconds", "speeds"]) Assert.True(results.Remove(name), name);
        foreach (var cell in results["cells"]!.AsArray()) Assert.True(cell!["result"]!.AsObject().Remove("timing"));
        return results.ToJsonString();
    }
}
