using System.Text.Json.Nodes;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Imaging;

namespace CrossModal.Cli.Tests.Commands;

public sealed class FaithfulnessCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Scenes_that_were_measured_are_kept_and_a_longer_measurement_goes_on_from_them()
    {
        var policy = TabletopPolicies.Save(_folder["policy"]);
        Assert.Equal(0, Run(policy, 2).ExitCode);
        var cell = Assert.Single(Directory.GetFiles(_folder["out"], "*.json"));
        var first = JsonNode.Parse(File.ReadAllText(cell))!["scenes"]!.AsArray().Select(s => s!.ToJsonString()).ToList();
        var longer = Run(policy, 3);
        Assert.Equal(0, longer.ExitCode);
        Assert.DoesNotContain("2 of 3 scenes", longer.Error, StringComparison.Ordinal);
        Assert.Equal(first, JsonNode.Parse(File.ReadAllText(cell))!["scenes"]!.AsArray().Take(2).Select(s => s!.ToJsonString()));
        var table = File.ReadAllText(_folder["out/faithfulness.md"]);
        Assert.Contains("cross-attention, pick Z1: 3 scenes", table, StringComparison.Ordinal);
        foreach (var method in CrossModal.Explain.MapMethods.Names) Assert.Contains($"| {method} |", table, StringComparison.Ordinal);
        File.WriteAllText(cell, "{\"schema\": 3");
        var damaged = Run(policy, 3);
        Assert.Equal(2, damaged.ExitCode);
        Assert.Contains(Path.GetFileName(cell), damaged.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Attend_draws_a_methods_map_and_says_of_every_word_whether_it_is_faithful()
    {
        var policy = TabletopPolicies.Save(_folder["policy"]);
        Png.Write(_folder["photo.png"], new RgbImage(64, 64, [.. Enumerable.Range(0, 64 * 64 * 3).Select(i => (byte)(i * 37 % 251))]));
        string[] call = ["attend", "--checkpoint", policy, "--image", _folder["photo.png"], "--instruction", "red cup", "--out",
            _folder["maps"]];
        var run = ToolRun.Of([.. call, "--method", "relevance", "--faithfulness", "--json", _folder["result.json"]]);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("relevance, one map, 8×8 patches", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, run.Output.Split('\n').Count(l => l.Contains("faithful:", StringComparison.Ordinal)
            || l.Contains("chance:", StringComparison.Ordinal) || l.Contains("effect below noise", StringComparison.Ordinal)));
        var word = JsonNode.Parse(File.ReadAllText(_folder["result.json"]))!["layers"]![0]!["words"]![0]!["faithfulness"]!;
        var faithful = word["verdict"]!.GetValue<string>() == "faithful";
        var picture = Png.Read(Directory.GetFiles(_folder["maps"], "00-red-relevance*nearest.png").Single());
        Assert.Equal(!faithful, Enumerable.Range(0, picture.Pixels.Length / 3)
            .All(i => picture.Pixels[3 * i] == picture.Pixels[3 * i + 1]));

        Assert.Contains("(whole decision)", ToolRun.Of([.. call, "--method", "masking", "--target", "gripper"]).Output,
            StringComparison.Ordinal);
        foreach (var wrong in (string[][])[["--method", "lime"], ["--method", "rollout", "--layer", "last"], ["--target", "sideways"]])
            Assert.Equal(2, ToolRun.Of([.. call, .. wrong]).ExitCode);
    }

    [Fact]
    public void Attend_keeps_the_perturbed_pictures_of_every_map()
    {
        var policy = TabletopPolicies.Save(_folder["policy"]);
        Png.Write(_folder["photo.png"], new RgbImage(64, 64, [.. Enumerable.Range(0, 64 * 64 * 3).Select(i => (byte)(i * 37 % 251))]));
        var run = ToolRun.Of("attend", "--checkpoint", policy, "--image", _folder["photo.png"], "--instruction", "red cup", "--out",
            _folder["maps"], "--method", "relevance", "--keep-perturbed", _folder["kept"]);
        Assert.Equal(0, run.ExitCode);

        // Four numbers of patches, in both orders, with three fills.
        Assert.Equal(["00-red-relevance", "01-cup-relevance"], Directory.GetDirectories(_folder["kept"]).Select(Path.GetFileName).Order());
        foreach (var map in Directory.GetDirectories(_folder["kept"])) Assert.Equal(24, Directory.GetFiles(map).Length);
        var photo = Png.Read(_folder["photo.png"]);
        var most = Png.Read(Directory.GetFiles(_folder["kept/00-red-relevance"], "mean-most-*-camera0.png").Order().First());
        Assert.Equal((photo.Width, photo.Height), (most.Width, most.Height));
        var changed = Enumerable.Range(0, 64 * 64).Count(i => !most.Pixels.AsSpan(3 * i, 3).SequenceEqual(photo.Pixels.AsSpan(3 * i, 3)));
        Assert.InRange(changed, 1, 64 * 64 / 4);
    }

    private ToolRun Run(string policy, int scenes) =>
        ToolRun.Of("faithfulness", "--checkpoint", policy, "--scenes", $"{scenes}", "--out", _folder["out"]);
}
