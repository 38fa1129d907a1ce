using System.Text.Json.Nodes;
using CrossModal.Cli.Diagnosis;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Data;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Layers;
using CrossModal.Policies;

namespace CrossModal.Cli.Tests.Commands;

public sealed class DoctorCommandTests : IDisposable
{
    private static readonly AttentionTexts Texts = new(ToolLanguage.English);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_policy_without_words_fails_for_its_words()
    {
        var run = Run((name, tensor) =>
        {
            if (name.StartsWith("language.", StringComparison.Ordinal)) tensor.Span.Clear();
        });
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Lines(run), l => l.StartsWith("FAIL  another instruction in the same scene: changes the action by 0.000 σ",
            StringComparison.Ordinal));
        Assert.Contains(Lines(run), l => l.StartsWith("FAIL  points at what it is told", StringComparison.Ordinal));
        Assert.Contains(Lines(run), l => l.StartsWith("FAIL  each word that names something: 0 of", StringComparison.Ordinal));
        var page = File.ReadAllText(_folder["out/doctor.html"]);
        Assert.Contains("points at what it is told", page, StringComparison.Ordinal);
        Assert.Contains("words attend to their object", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strategy_that_attends_to_padding_fails_for_its_padding_alone()
    {
        var with = typeof(PaddedFusion).Assembly.Location;
        var (right, wrong) = (Verdicts("cross-attention"), Verdicts("padded"));
        Assert.Equal(["pass", "pass"], [right["padding-effect"], right["padding-mass"]]);
        Assert.Equal(["fail", "fail"], [wrong["padding-effect"], wrong["padding-mass"]]);

        Dictionary<string, string> Verdicts(string strategy)
        {
            Assert.Equal(0, ToolRun.Apart(_folder.Path, "train", "--strategy", strategy, "--with", with, "--out", strategy, "--steps", "1",
                "--episodes", "1", "--dim", "16", "--heads", "2", "--layers", "1").ExitCode);
            ToolRun.Apart(_folder.Path, "doctor", "--checkpoint", strategy, "--with", with, "--scenes", "4", "--json", "result.json");
            return JsonNode.Parse(File.ReadAllText(_folder["result.json"]))!["checks"]!.AsArray()
                .ToDictionary(f => f!["check"]!.GetValue<string>(), f => f!["verdict"]!.GetValue<string>());
        }
    }

    [Fact]
    public void A_step_of_a_recording_has_the_pictures_of_the_steps_before()
    {
        var (random, tokenizer) = (new RandomSource(1), new WordTokenizer(["go", "stop"]));
        var options = new PolicyOptions("cross-attention", new FusionOptions(16, 2, 1), tokenizer.Count, 2)
        {
            ImageSize = 32,
            Perception = new PerceptionOptions { PastFrames = 2 },
        };
        var trained = new TrainedPolicy(new LanguagePolicy(options, random), tokenizer, Normalization.Identity(2), null, "recordings");
        var episodes = new[] { ("go", 0), ("stop", 100) }.Select(e => new Episode(e.Item1, e.Item1,
            [.. Enumerable.Range(0, 4).Select(t => Even(e.Item2 + t))], [.. Enumerable.Range(0, 4).Select(_ => new float[2])], null))
                .ToList();
        var cases = RecordedCases.Draw(trained, episodes, 20, 1);
        foreach (var pictures in cases.SelectMany(c => new[] { c.Pictures, c.Elsewhere }))
        {
            var (value, first) = (pictures.Current[0].Pixels[0], pictures.Current[0].Pixels[0] / 100 * 100);
            Assert.Equal(Enumerable.Range(1, Math.Min(2, value - first)).Select(age => value - age),
                pictures.Past.Select(past => (int)past[0].Pixels[0]));
        }

        // What the network is given, and what a control loop comes to.
        var example = cases.First(c => c.Pictures.Past.Length == 1);
        var input = CaseInput.Of(trained, example, example.Words);
        Assert.Equal([0, float.NegativeInfinity], input.Past!.Mask!.Scores.ToArray());
        using var actor = new Actor(trained);
        var acted = actor.Act(example.Words, example.Pictures, null);
        using var pass = Pass.Evaluation();
        var expected = trained.Decide(input, pass).Action.ToArray();
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(expected[i], acted[i], 1e-5f);
            Assert.Equal(expected[i], actor.ActBeside(example.Words, example.Words, example.Pictures, null)[i], 1e-5f);
        }

        Assert.NotEqual(acted[0], actor.Act(example.Words, new PictureWindow(example.Pictures.Current), null)[0]);

        static RgbImage Even(int value)
        {
            var picture = new RgbImage(32, 32);
            picture.Pixels.AsSpan().Fill((byte)value);
            return picture;
        }
    }

    [Fact]
    public void Recordings_are_examined_without_what_needs_masks_and_one_instruction_is_not_enough()
    {
        var data = RecordedFolder.Write(_folder["data"], episodes: 4, i => i % 2 == 0 ? "open the drawer" : "close the door");
        Assert.Equal(0, ToolRun.Of("train", "--data", data, "--out", _folder["run"], "--steps", "2", "--dim", "16", "--heads", "2",
            "--layers", "1").ExitCode);
        var run = ToolRun.Of("doctor", "--checkpoint", _folder["run"], "--data", data, "--scenes", "3", "--out", _folder["out"]);
        Assert.InRange(run.ExitCode, 0, 1);
        Assert.Contains(Lines(run), l => l.Contains("  another instruction in the same scene: changes", StringComparison.Ordinal));
        Assert.Contains(Lines(run), l => l.Contains("  each word that names something: ", StringComparison.Ordinal));
        Assert.DoesNotContain(Lines(run), l => l.Contains("target", StringComparison.Ordinal) || l.Contains("NMR",
            StringComparison.Ordinal));
        var same = RecordedFolder.Write(_folder["same"], episodes: 2, _ => "open the drawer");
        run = ToolRun.Of("doctor", "--checkpoint", _folder["run"], "--data", same, "--scenes", "3", "--out", _folder["out"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Lines(run), l => l.StartsWith("FAIL  another instruction in the same scene: all cases have one instruction",
            StringComparison.Ordinal));
        Assert.Equal(2, ToolRun.Of("doctor", "--checkpoint", _folder["run"]).ExitCode);
    }

    [Fact]
    public void The_lines_are_chinese_when_asked_for()
    {
        var run = ToolRun.Of("doctor", "--checkpoint", TabletopPolicies.Save(_folder["policy"]), "--scenes", "4", "--out", _folder["out"],
            "--lang", "zh");
        Assert.Contains(Lines(run), l => l.Contains("  同一场景中换一条指令：", StringComparison.Ordinal)
            || l.Contains("  同一场景中换一条指令: ", StringComparison.Ordinal));
        Assert.Contains("<html lang=\"zh-CN\"", File.ReadAllText(_folder["out/doctor.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_whose_picture_is_constant_fails_for_its_picture()
    {
        var run = Run((name, tensor) =>
        {
            if (name.StartsWith("vision.stem", StringComparison.Ordinal)) tensor.Span.Clear();
        });
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Lines(run), l => l.StartsWith("FAIL  another picture: changes the action by 0.000 σ, 0.0×",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Heads_that_are_tied_fail_and_heads_that_differ_do_not()
    {
        IReadOnlyList<WordMap>[] Scenes(bool tied, bool frozen) =>
            [.. Enumerable.Range(0, 3).Select(scene => (IReadOnlyList<WordMap>)[Map(tied, frozen ? 1UL : (ulong)scene + 1)])];
        Assert.Equal(Verdict.Pass, Of("heads differ", Scenes(false, false)));
        Assert.Equal(Verdict.Fail, Of("heads differ", Scenes(true, false)));
        Assert.Equal(Verdict.Pass, Of("maps change with the picture", Scenes(false, false)));
        Assert.Equal(Verdict.Fail, Of("maps change with the picture", Scenes(false, true)));
        Assert.Equal(Verdict.Pass, Of("no attention sink", Scenes(false, false)));

        static Verdict Of(string name, IReadOnlyList<WordMap>[] scenes) =>
            AttentionHealth.Results(scenes, Texts).Single(f => f.Name == name).Verdict;
    }

    [Fact]
    public void Even_heads_and_sinks_are_found()
    {
        WordMap Whole(Func<int, float> weight) =>
            WordMap.Of("layer", new TokenGrid(4, 4), Tensor.From([.. Enumerable.Range(0, 16).Select(weight)], [1, 1, 16]));
        var even = Whole(_ => 1f / 16);
        Assert.Equal(Verdict.Fail, AttentionHealth.Results([[even], [even]], Texts).Single(f => f.Name == "heads choose patches").Verdict);
        var (a, b) = (Whole(i => i == 3 ? 0.5f : i == 4 ? 0.25f : 0.25f / 14), Whole(i => i == 3 ? 0.5f : i == 9 ? 0.25f : 0.25f / 14));
        var sink = AttentionHealth.Results([[a], [b]], Texts).Single(f => f.Name == "no attention sink");
        Assert.Equal(Verdict.Warn, sink.Verdict);
        Assert.Contains("0.50 of the weight (layer, row 1, column 4)", sink.Figures, StringComparison.Ordinal);
    }

    private ToolRun Run(Action<string, Tensor> damage) =>
        ToolRun.Of("doctor", "--checkpoint", TabletopPolicies.Save(_folder["policy"], damage), "--scenes", "6", "--out", _folder["out"]);

    private static string[] Lines(ToolRun run) => run.Output.Split('\n');

    /// <summary>Two heads over two words, drawn at random.</summary>
    private static WordMap Map(bool tied, ulong seed)
    {
        var weights = Tensor.Uniform([2, 2, 16], new RandomSource(seed), 0, 1);
        if (tied) weights.Span[..32].CopyTo(weights.Span[32..]);
        for (var row = 0; row < 4; row++)
        {
            var sum = 0f;
            foreach (var x in weights.Span.Slice(row * 16, 16)) sum += x;
            foreach (ref var x in weights.Span.Slice(row * 16, 16)) x /= sum;
        }

        return WordMap.Of("layer", new TokenGrid(4, 4), weights);
    }
}
