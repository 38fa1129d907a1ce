using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CrossModal.Mpi.Tests;

/// <summary>Trainings and evaluations on ranks of Open MPI: a short form, or, with CROSSMODAL_KILLS, 400 steps and as many kills.</summary>
public sealed class RankedTrainingTests : IDisposable
{
    private static readonly string[] Small =
        ["--dim", "16", "--heads", "2", "--layers", "1", "--shards", "8", "--episodes", "50", "--task", "pick"];

    private readonly TemporaryFolder _folder = new();

    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("CROSSMODAL_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 0;

    private static string Steps => Kills > 0 ? "400" : "20";

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public async Task Any_number_of_ranks_gives_the_bits_and_the_evaluation_of_one_process()
    {
        await Train(1, "1");
        foreach (var ranks in Kills > 0 ? (int[])[2, 4, 8] : [4])
        {
            var output = await Train(ranks, $"{ranks}");
            Assert.Contains($"{ranks} ranks share 8 shards", output, StringComparison.Ordinal);
            Assert.Equal(Hash("1/model.safetensors"), Hash($"{ranks}/model.safetensors"));
            Assert.Equal(Evaluations("1/metrics.json"), Evaluations($"{ranks}/metrics.json"));
        }

        string[] evaluate = ["evaluate", "--checkpoint", "1", "--episodes", "60", "--split", "S0", "--control", "other-instruction",
            "--json"];
        await Mpirun.Run(1, _folder.Path, [.. evaluate, "one.json"]);
        await Mpirun.Run(2, _folder.Path, [.. evaluate, "two.json"]);
        Assert.Equal(Evaluations("one.json"), Evaluations("two.json"));
    }

    [MpiFact]
    public async Task A_rank_that_is_killed_ends_all_with_a_line_that_names_it_and_another_number_of_ranks_goes_on()
    {
        await Train(1, "1");
        var random = new Random(11);
        int[] counts = Kills > 0 ? [2, 4, 8, 1] : [4, 2, 2, 2];
        var kills = Math.Max(1, Kills);
        for (var kill = 0; kill < kills; kill++)
        {
            var ranks = counts[kill % 3];
            using var run = Mpirun.Start(ranks, _folder.Path, [.. Command, "--out", "killed"]);
            var victim = random.Next(ranks);

            // Not before they are connected: until then mpirun alone notices, in its own words.
            await Connected(run, "killed", TimeSpan.FromMilliseconds(random.Next(0, Kills > 0 ? 2500 : 300)));
            if (!run.Kill(victim))
            {
                // It had ended by itself: a new one begins.
                Assert.Equal(0, (await run.End(TimeSpan.FromMinutes(1))).ExitCode);
                Assert.Equal(Hash("1/model.safetensors"), Hash("killed/model.safetensors"));
                Directory.Delete(_folder["killed"], recursive: true);
                kill--;
                continue;
            }

            var killed = Stopwatch.GetTimestamp();
            var (exit, _, error) = await run.End(TimeSpan.FromMinutes(1));
            Assert.NotEqual(0, exit);
            Assert.True(Stopwatch.GetElapsedTime(killed) < TimeSpan.FromSeconds(30), "the others did not end");
            var lines = error.Split('\n').Where(l => l.StartsWith("crossmodal: ", StringComparison.Ordinal)).ToList();
            Assert.True(lines.Count == 1, $"kill {kill}, rank {victim} of {ranks}: {error}");
            Assert.StartsWith($"crossmodal: rank {victim} (", lines[0], StringComparison.Ordinal);
        }

        await Mpirun.Run(counts[kills % 4], _folder.Path, [.. Command, "--out", "killed"]);
        Assert.Equal(Hash("1/model.safetensors"), Hash("killed/model.safetensors"));
    }

    [MpiFact]
    public async Task Pretraining_is_shared_out_too()
    {
        string[] command = ["pretrain", "--dim", "16", "--heads", "2", "--layers", "1", "--steps", "4", "--batch", "8", "--scenes", "25",
            "--shards", "4"];
        await Mpirun.Run(1, _folder.Path, [.. command, "--out", "one"]);
        await Mpirun.Run(4, _folder.Path, [.. command, "--out", "four"]);
        Assert.Equal(Hash("one/model.safetensors"), Hash("four/model.safetensors"));
    }

    [MpiFact]
    public async Task What_all_ranks_find_wrong_is_said_once()
    {
        using var run = Mpirun.Start(3, _folder.Path, [.. Command, "--out", "three"]);
        var (exit, _, error) = await run.End(TimeSpan.FromMinutes(1));
        Assert.Equal(2, exit);
        Assert.Contains("3 ranks do not divide 8 shards",
            Assert.Single(error.Split('\n'), l => l.StartsWith("crossmodal: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private static string[] Command => ["train", "--steps", Steps, .. Small];

    private Task<string> Train(int ranks, string folder) => Mpirun.Run(ranks, _folder.Path, [.. Command, "--out", folder]);

    /// <summary>Waits until a training has begun its steps, and some time more.</summary>
    private async Task Connected(Mpirun run, string folder, TimeSpan more)
    {
        var log = _folder[$"{folder}/losses.csv"];
        var before = File.Exists(log) ? File.GetLastWriteTimeUtc(log) : default;
        while (!run.HasEnded && !(File.Exists(log) && File.GetLastWriteTimeUtc(log) > before)) await Task.Delay(20);
        await Task.Delay(more);
    }

    private string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder[file])));

    private string Evaluations(string file) => JsonNode.Parse(File.ReadAllText(_folder[file]))!["evaluations"]!.ToJsonString();
}
