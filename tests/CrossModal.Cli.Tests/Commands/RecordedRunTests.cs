using System.Globalization;
using System.Text.Json.Nodes;
using CrossModal.Cli.Runs;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;
using CrossModal.Imitation;
using CrossModal.Reports;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Runs on recordings that are large, long-winded, or of other scripts.</summary>
public sealed class RecordedRunTests : IDisposable
{
    private static readonly string[] Small = ["--dim", "8", "--heads", "2", "--layers", "1", "--steps", "1"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_page_stays_small_however_large_the_pictures_and_long_the_instructions_are()
    {
        var words = string.Join(' ', Enumerable.Range(0, 800).Select(i => $"كلمة{i}"));
        Record(6, (640, 480), e => words);
        var run = Train();
        var page = File.ReadAllText(_folder["mine/report.html"]);
        Assert.InRange(page.Length, 1 << 14, 3 << 20);
        Assert.Contains("The first 10 of 800 words are shown.", page);
        Assert.Contains("كلمة0</bdi>", page);
        Assert.DoesNotContain("كلمة799", page);
        Assert.Contains("…</bdi>”", page);
        Assert.All(Directory.GetFiles(_folder["mine/heatmaps"], "*.png", SearchOption.AllDirectories), file =>
            Assert.Equal((128, 96), Size(CrossModal.Imaging.Picture.Read(file))));

        // The files are judged as the page is: a map in grey there is in grey here.
        Assert.All(Directory.GetFiles(_folder["mine/heatmaps"], "*.png", SearchOption.AllDirectories), file =>
            Assert.Contains(Convert.ToBase64String(File.ReadAllBytes(file)), page));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public void A_page_shows_some_of_many_held_out_episodes_and_says_so()
    {
        Record(60, (8, 6), e => $"task {e % 2}");
        Assert.Equal(0, Train().ExitCode);
        var heldOut = Metrics()["heldOutEpisodes"]!.AsArray().Count;
        Assert.Contains($"The first 4 of {heldOut} held-out episodes are shown", File.ReadAllText(_folder["mine/report.html"]));
        Assert.Equal(4, Directory.GetDirectories(_folder["mine/heatmaps"]).Length);
    }

    [Fact]
    public void A_word_of_300_letters_gives_files_of_short_names()
    {
        Record(6, (8, 6), e => $"take {new string('x', 300)}1 {new string('x', 300)}2");
        Assert.Equal(0, Train().ExitCode);
        var names = Directory.GetFiles(Directory.GetDirectories(_folder["mine/heatmaps"])[0]).Select(f => Path.GetFileName(f)!).ToList();
        Assert.Equal(2 * 3, names.Count);
        Assert.All(names, name => Assert.InRange(name.Length, 1, 80));
    }

    [Fact]
    public void A_held_out_word_that_no_training_episode_has_is_reported()
    {
        Record(12, (8, 6), e => $"take object{e}");
        var run = Train();
        Assert.Equal(0, run.ExitCode);
        var unknown = Metrics()["unknownWords"]!.AsArray().Select(w => (string)w!).ToList();
        Assert.NotEmpty(unknown);
        Assert.Equal(unknown, Metrics()["heldOutEpisodes"]!.AsArray()
            .Select(e => $"object{int.Parse(((string)e!)[^3..], CultureInfo.InvariantCulture)}"));
        Assert.Equal($"crossmodal: warning: no training episode has these words of held-out instructions: {string.Join(", ", unknown)}",
            run.OnlyError());
        Assert.Contains($"No training episode has these words of held-out instructions: {string.Join(", ", unknown)}.",
            File.ReadAllText(_folder["mine/report.html"]));
        Assert.Contains("warning: no training episode",
            ToolRun.Of("evaluate", "--checkpoint", _folder["mine"], "--data", _folder["recordings"]).OnlyError());
    }

    [Fact]
    public void Evaluation_follows_the_rule_of_the_training_when_recordings_are_taken_away()
    {
        Record(12, (8, 6), e => "take the cup");
        Assert.Equal(0, Train().ExitCode);
        var heldOut = Metrics()["heldOutEpisodes"]!.AsArray().Select(e => (string)e!).ToList();
        foreach (var folder in Directory.GetDirectories(_folder["recordings"]))
            if (Path.GetFileName(folder) != heldOut[0]) Directory.Delete(folder, recursive: true);
        var run = ToolRun.Of("evaluate", "--checkpoint", _folder["mine"], "--data", _folder["recordings"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("2 steps of 1 held-out episodes", run.Output);
        Assert.Contains("(no interval: it takes two held-out episodes)", run.Output);

        // All that is left was trained on.
        Directory.Move(_folder[$"recordings/{heldOut[0]}"], _folder[$"recordings/{Other(heldOut)}"]);
        run = ToolRun.Of("evaluate", "--checkpoint", _folder["mine"], "--data", _folder["recordings"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("none of its 1 episodes is held out by the rule of the policy's training (holdout.json)", run.OnlyError());

        string Other(List<string> held) => Enumerable.Range(0, 12).Select(Name).First(name => !held.Contains(name));
    }

    [Fact]
    public void Without_a_rule_evaluation_warns()
    {
        Record(6, (8, 6), e => "take the cup");
        Assert.Equal(0, Train().ExitCode);
        File.Delete(_folder["mine/holdout.json"]);
        var run = ToolRun.Of("evaluate", "--checkpoint", _folder["mine"], "--data", _folder["recordings"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("has no holdout.json: which episodes its training held out is not known", run.OnlyError());
    }

    [Fact]
    public void Better_than_the_mean_takes_an_interval_below_1()
    {
        Assert.Equal(("better than the mean", Tone.Good), Verdict((0.5, 1), (0.52, 1), (0.48, 1)));
        Assert.Equal(("worse than the mean", Tone.Bad), Verdict((2, 1), (2.1, 1), (1.9, 1)));
        Assert.Equal(("not told apart from the mean", Tone.Neutral), Verdict((0.5, 1), (1.3, 1), (0.9, 1)));
        Assert.Equal("no interval: it takes two held-out episodes", Verdict((0.01, 1)).Text);

        static (string Text, Tone Tone) Verdict(params (double Policy, double Mean)[] episodes) => RecordedRun.Verdict(
            new ActionError(1, [], [], episodes.Average(e => e.Policy),
                episodes.Average(e => e.Mean))
            { Episodes = [.. episodes.Select(e => new EpisodeError("e", 10, e.Policy, e.Mean))] });
    }

    private static (int, int) Size(RgbImage picture) => (picture.Width, picture.Height);

    private static string Name(int episode) => string.Create(CultureInfo.InvariantCulture, $"episode_{episode:000}");

    private ToolRun Train() => ToolRun.Of(["train", "--data", _folder["recordings"], "--out", _folder["mine"], .. Small]);

    private JsonObject Metrics() => JsonNode.Parse(File.ReadAllText(_folder["mine/metrics.json"]))!.AsObject();

    /// <summary>Episodes of two steps, two numbers an action, with pictures of noise.</summary>
    private void Record(int episodes, (int Width, int Height) size, Func<int, string> instruction)
    {
        var random = new Random(5);
        for (var e = 0; e < episodes; e++)
        {
            var path = _folder[$"recordings/{Name(e)}"];
            Directory.CreateDirectory(path);
            Npy.Write(Path.Combine(path, "actions.npy"),
                StoredArray.From([.. Enumerable.Range(0, 4).Select(_ => random.NextSingle())], 2, 2));
            for (var t = 0; t < 2; t++)
            {
                var picture = new RgbImage(size.Width, size.Height);
                random.NextBytes(picture.Pixels);
                Png.Write(Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{t:000}.png")), picture);
            }

            File.WriteAllText(Path.Combine(path, "episode.json"), new JsonObject { ["instruction"] = instruction(e) }.ToJsonString());
        }
    }
}
