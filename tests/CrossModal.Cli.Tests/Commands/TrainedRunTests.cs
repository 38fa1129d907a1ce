using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>Whole runs of demo, train and evaluate, as small as they can be.</summary>
public sealed class TrainedRunTests : IDisposable
{
    private static readonly string[] Small = ["--dim", "8", "--heads", "2", "--layers", "1"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_demo_leaves_policy_metrics_losses_and_a_page()
    {
        var run = ToolRun.Of("demo", "--steps", "3", "--episodes", "3", "--out", _folder["demo"], "--json", _folder["result.json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("new layouts", run.Output);
        Assert.Contains($"Report: {_folder["demo/report.html"]}", run.Output);
        var metrics = CheckFolder("demo");
        Assert.Equal(3, (int)metrics["steps"]!);
        Assert.Equal(["new layouts", "unseen colour-shape pairs", "the same policy, words withheld", "the same policy, picture withheld"],
            metrics["evaluations"]!.AsArray().Select(e => (string)e!["name"]!));
        Assert.All(metrics["evaluations"]!.AsArray(), e => Assert.Equal(3, (int)e!["episodes"]!));
        Assert.Equal(12, metrics["grounding"]!.AsArray().Count);
        Assert.Equal(metrics["evaluations"]!.ToJsonString(), Json("result.json")["evaluations"]!.ToJsonString());
        Assert.Equal(3, File.ReadAllLines(_folder["demo/losses.csv"]).Length - 1);

        // What was saved is a policy that evaluate runs, on the same scenes with the same result.
        run = ToolRun.Of("evaluate", "--checkpoint", _folder["demo"], "--split", "S0", "--episodes", "3", "--seed", "1", "--json",
            _folder["again.json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var (first, again) = (metrics["evaluations"]![0]!.AsObject(), Json("again.json")["evaluations"]!.AsArray().Single()!.AsObject());
        foreach (var key in (string[])["successes", "episodes", "meanFinalDistance", "targetTouchedFirst", "failures"])
            Assert.Equal(first[key]?.ToJsonString(), again[key]?.ToJsonString());
    }

    [Fact]
    public void A_policy_with_past_frames_is_trained_evaluated_run_examined_exported_and_served()
    {
        string[] train = ["train", .. Small, "--past-frames", "2", "--steps", "2", "--episodes", "2", "--out", _folder["past"]];
        var run = ToolRun.Of(train);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(2, (int)JsonNode.Parse(File.ReadAllText(_folder["past/policy.json"]))!["options"]!["perception"]!["pastFrames"]!);
        run = ToolRun.Of([.. train.Select(word => word == "2" ? "1" : word)]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("--past-frames", run.Error);
        Assert.Equal(0, ToolRun.Of("evaluate", "--checkpoint", _folder["past"], "--split", "S0", "--episodes", "2").ExitCode);
        Assert.Equal(0, ToolRun.Of("run", "--checkpoint", _folder["past"], "--instruction", "pick up the red cup", "--camera-size", "64x48",
            "--frames", "4").ExitCode);
        run = ToolRun.Of("export", "--checkpoint", _folder["past"], "--out", _folder["past.onnx"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("past_mask", run.Output);
        run = ToolRun.Of("serve", _folder["past"], "--port", "0", "--check");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        run = ToolRun.Of("doctor", "--checkpoint", _folder["past"], "--scenes", "3", "--out", _folder["doctor"]);
        Assert.True(run.ExitCode is 0 or 1, run.Error);
        Assert.Contains("edges from words to their object", run.Output);

        run = ToolRun.Of(["train", .. Small, "--past-frames", "1", "--strategy", "film-blocks", "--out", _folder["none"]]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--past-frames 1", run.OnlyError());
        Assert.Contains("no place for past frames", run.OnlyError());
    }

    [Fact]
    public void A_policy_is_trained_from_pre_trained_parts()
    {
        var run = ToolRun.Of(["pretrain", .. Small, "--steps", "2", "--batch", "4", "--scenes", "25", "--out", _folder["pre"]]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("captions to scenes      recall@1", run.Output);
        Assert.Equal(["S0", "Z1"], Json("pre/metrics.json")["alignment"]!.AsArray().Select(a => (string)a!["split"]!));
        run = ToolRun.Of(["train", .. Small, "--steps", "1", "--episodes", "1", "--init", _folder["pre"], "--out", _folder["policy"]]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"starting from {_folder["pre"]}", run.Output);
        run = ToolRun.Of(["train", .. Small, "--strategy", "perceiver", "--init", _folder["pre"], "--out", _folder["other"]]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("cannot start from a policy of other sizes", run.Error);
        run = ToolRun.Of("pretrain", "--objective", "telepathy", "--out", _folder["none"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("there is no 'telepathy'", run.Error);
    }

    [Fact]
    public void A_demo_that_is_stopped_says_so_and_goes_on_when_called_again()
    {
        using var stop = new CancellationTokenSource();
        string[] command = ["demo", "--steps", "4", "--episodes", "1", "--out", _folder["demo"]];
        using var output = new StoppingWriter("training: step 1/4", stop);
        using var error = new StringWriter();
        Assert.Equal(1, AllCommands.Tool(AllCommands.List()).Run(command, new Terminal(output, error), stop.Token));
        Assert.Equal("stopped", error.ToString().Trim());
        Assert.False(File.Exists(_folder["demo/policy.json"]));
        var run = ToolRun.Of(command);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("training: goes on after step 1 of 4", run.Output);
        Assert.Equal(4, File.ReadAllLines(_folder["demo/losses.csv"]).Length - 1);
        CheckFolder("demo");

        // The same weights as without the stop.
        Assert.Equal(0, ToolRun.Of("demo", "--steps", "4", "--episodes", "1", "--out", _folder["whole"]).ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["demo/model.safetensors"]));
    }

    [Theory]
    [InlineData("place", "25", "cross-attention")]
    [InlineData("relational", "2", "perceiver")]
    public void Training_on_a_task_leaves_the_same_files(string task, string episodes, string strategy)
    {
        var run = ToolRun.Of(["train", "--task", task, "--strategy", strategy, "--steps", "2", "--episodes", episodes, "--out",
            _folder["run"], .. Small]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var metrics = CheckFolder("run");
        Assert.All(metrics["evaluations"]!.AsArray(), e =>
            Assert.Equal((task, episodes), ((string)e!["task"]!, e["episodes"]!.ToString())));
        Assert.Equal($"tabletop/{task}", PolicyFolder.Load(_folder["run"]).Source);

        // A perceiver's words have no map; nothing is made up for them.
        Assert.Equal(strategy == "perceiver", metrics["grounding"]!.AsArray().Count == 0);
    }

    [Theory]
    [InlineData("topk:8", "pool:16")]
    [InlineData("linear", "merge:16")]
    public void Training_takes_another_attention_and_fewer_visual_tokens(string attention, string tokens)
    {
        var run = ToolRun.Of(["train", "--attention", attention, "--visual-tokens", tokens, "--steps", "2", "--episodes", "1", "--out",
            _folder["run"], .. Small]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var vision = PolicyFolder.Load(_folder["run"]).Policy.Options.Fusion.Vision;
        Assert.Equal((attention, tokens), (vision.Attention!.ToString(), vision.Tokens!.ToString()));
        Assert.NotEmpty(CheckFolder("run")["grounding"]!.AsArray());
    }

    [Fact]
    public void Several_tasks_two_large_cameras_and_varied_scenes_are_trained_and_every_control_is_evaluated()
    {
        var run = ToolRun.Of(["train", "--task", "pick", "push", "--strategy", "multi-view-mean", "--views", "2", "--camera", "96",
            "--vary", "--steps", "2",
            "--episodes", "2", "--out", _folder["run"], .. Small]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var metrics = CheckFolder("run");
        Assert.Equal(["pick: new layouts", "push: new layouts", "pick: unseen colour-shape pairs", "push: unseen colour-shape pairs"],
            metrics["evaluations"]!.AsArray().Select(e => (string)e!["name"]!));
        Assert.Equal([0, 1], metrics["grounding"]!.AsArray().Select(g => (int)g!["view"]!).Distinct());
        var options = PolicyFolder.Load(_folder["run"]).Policy.Options;
        Assert.Equal((96, 2), (options.ImageSize, options.Fusion.Views));
        Assert.Equal("tabletop/pick+push", PolicyFolder.Load(_folder["run"]).Source);

        run = ToolRun.Of("evaluate", "--checkpoint", _folder["run"], "--task", "push", "--split", "S0", "z2A", "--control", "all", "--vary",
            "--episodes", "3", "--json", _folder["result.json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var evaluations = Json("result.json")["evaluations"]!.AsArray();
        string[] controls = ["none", "no-language", "no-vision", "shuffled-instruction", "other-instruction"];
        Assert.Equal([.. controls.Select(c => ("S0", c)), .. controls.Select(c => ("Z2a", c))],
            evaluations.Select(e => ((string)e!["split"]!, (string)e["control"]!)));
        Assert.All(evaluations, e => Assert.InRange((double)e!["chance"]!, 0.05, 1));
        Assert.All(evaluations, e => Assert.True((double)e!["meanTargetError"]! > 0));
        Assert.All(evaluations, e => Assert.Equal((string)e!["control"]! == "other-instruction",
            e.AsObject().ContainsKey("behaviourChanged")));
        Assert.Contains("behaviour changed in", run.Output);

        // Attention over the picture of each camera; one picture is one too few.
        string[] attend = ["attend", "--checkpoint", _folder["run"], "--instruction", "pick up the red cup", "--proprioception",
            "0,0,0.1,0.07,0", "--layer", "last", "--out", _folder["a"], "--json", _folder["a.json"], "--image", Picture()];
        Assert.Contains("the policy has 2 camera(s) (front, side), got 1 picture(s)", Refused(attend));
        run = ToolRun.Of([.. attend, Picture()]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(["front", "side"], Json("a.json")["layers"]!.AsArray().Select(l => (string)l!["camera"]!));
        Assert.Equal(2 * 2 * 5, Directory.GetFiles(_folder["a"], "*.png").Length);
    }

    [Fact]
    public void Options_that_the_tabletop_does_not_have_are_refused()
    {
        Assert.Contains("--camera must be 64 or 96, got 80", Refused("train", "--camera", "80", "--out", _folder["x"]));
        Assert.Contains("--views must be 1 to 2", Refused("train", "--views", "3", "--out", _folder["x"]));
        Assert.Contains("--control: there is no 'other-instruction'; there is: none, no-language, no-vision, shuffled-instruction",
            Refused("train", "--control", "other-instruction", "--out", _folder["x"]));
        Assert.Contains("--views means nothing with --data",
            Refused("train", "--data", _folder["r"], "--views", "2", "--out", _folder["x"]));
    }

    [Fact]
    public void Training_on_recordings_measures_the_held_out_ones_and_so_does_evaluate()
    {
        Record();
        var run = ToolRun.Of(["train", "--data", _folder["recordings"], "--steps", "2", "--out", _folder["mine"], .. Small]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var metrics = CheckFolder("mine");
        var heldOut = metrics["heldOutEpisodes"]!.AsArray().Select(e => (string)e!).ToArray();
        Assert.Equal(5 - heldOut.Length, (int)metrics["trainingEpisodes"]!);
        Assert.Equal(3 * heldOut.Length, (int)metrics["heldOutSteps"]!);
        Assert.Equal("sha256(name, instruction)", (string)metrics["holdOut"]!["rule"]!);
        Assert.True((double)metrics["error"]! > 0);
        var pictures = Directory.GetFiles(_folder[$"mine/heatmaps/{heldOut[0]}"], "*.png");
        Assert.Equal(3 * 3, pictures.Length);

        run = ToolRun.Of("evaluate", "--checkpoint", _folder["mine"], "--data", _folder["recordings"], "--json", _folder["result.json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal((double)metrics["error"]!, (double)Json("result.json")["error"]!, 9);

        var refused = ToolRun.Of("evaluate", "--checkpoint", _folder["mine"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("was trained on recordings, not on the tabletop; give --data", refused.OnlyError());
        Assert.Contains("--control means nothing with --data",
            Refused("train", "--data", _folder["recordings"], "--control", "no-language", "--out", _folder["x"]));
        Assert.Contains("--split means nothing with --data",
            Refused("evaluate", "--checkpoint", _folder["mine"], "--data", _folder["recordings"], "--split", "S0"));
        Assert.Contains("missing: no such folder", Refused("train", "--data", _folder["missing"], "--out", _folder["x"]));
        File.Delete(_folder["recordings/episode_002/001.png"]);
        Assert.Contains("001.png: is missing", Refused("train", "--data", _folder["recordings"], "--out", _folder["x"]));
    }

    [Fact]
    public void Names_that_do_not_exist_are_refused_in_a_line()
    {
        Policy("policy");
        Assert.Contains("--strategy: there is no 'telepathy'", Refused("train", "--strategy", "telepathy", "--out", _folder["x"]));
        Assert.Contains("--task: there is no 'juggle'", Refused("train", "--task", "juggle", "--out", _folder["x"]));
        Assert.Contains("--control: there is no 'blindfold'", Refused("train", "--control", "blindfold", "--out", _folder["x"]));
        Assert.Contains("--task: there is no 'juggle'", Refused("evaluate", "--checkpoint", _folder["policy"], "--task", "juggle"));
        Assert.Contains("--split: there is no 'S9'", Refused("evaluate", "--checkpoint", _folder["policy"], "--split", "S9"));
        Assert.Contains("--control: there is no 'blindfold'",
            Refused("evaluate", "--checkpoint", _folder["policy"], "--control", "blindfold"));
        Assert.Contains("policy.json: is missing", Refused("evaluate", "--checkpoint", _folder["none"]));
        Assert.Contains("--heads 3: must divide --dim 8", Refused("train", "--dim", "8", "--heads", "3", "--out", _folder["x"]));
        Assert.Contains("cannot act on the tabletop", Refused("evaluate", "--checkpoint", _folder["policy"]));
    }

    private JsonObject CheckFolder(string name)
    {
        foreach (var file in (string[])["policy.json", "model.safetensors", "losses.csv", "metrics.json", "report.html"])
            Assert.True(new FileInfo(_folder[$"{name}/{file}"]).Length > 0, file);
        var page = File.ReadAllText(_folder[$"{name}/report.html"]);
        Assert.DoesNotMatch("https?:", page);
        var body = XDocument.Parse(page[page.IndexOf("<html", StringComparison.Ordinal)..]).Root!.Element("body")!;
        Assert.Contains(body.Descendants("h2"), h => h.Value == "Training");
        Assert.All(body.Descendants("img"), i => Assert.StartsWith("data:image/png;base64,", i.Attribute("src")!.Value));
        PolicyFolder.Load(_folder[name]);
        return Json($"{name}/metrics.json");
    }

    private JsonObject Json(string file) => JsonNode.Parse(File.ReadAllText(_folder[file]))!.AsObject();

    private string Picture()
    {
        Png.Write(_folder["picture.png"], new RgbImage(20, 20));
        return _folder["picture.png"];
    }

    private static string Refused(params string[] args)
    {
        var run = ToolRun.Of(args);
        Assert.Equal(2, run.ExitCode);
        return run.OnlyError();
    }

    /// <summary>Five episodes of three steps, two numbers an action.</summary>
    private void Record()
    {
        var random = new Random(5);
        for (var e = 0; e < 5; e++)
        {
            var path = _folder[string.Create(CultureInfo.InvariantCulture, $"recordings/episode_{e:000}")];
            Directory.CreateDirectory(path);
            Npy.Write(Path.Combine(path, "actions.npy"),
                StoredArray.From([.. Enumerable.Range(0, 6).Select(_ => random.NextSingle())], 3, 2));
            for (var t = 0; t < 3; t++)
            {
                var picture = new RgbImage(20, 12);
                random.NextBytes(picture.Pixels);
                Png.Write(Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{t:000}.png")), picture);
            }

            File.WriteAllText(Path.Combine(path, "episode.json"), "{\"instruction\": \"open <the> drawer\"}");
        }
    }

    /// <summary>A policy that says it is of the tabletop but does not point.</summary>
    private void Policy(string name)
    {
        var tokenizer = new WordTokenizer(["cup"]);
        var options = new PolicyOptions("cross-attention", new FusionOptions(8, 2), tokenizer.Count, 3);
        PolicyFolder.Save(_folder[name], new TrainedPolicy(new LanguagePolicy(options, new RandomSource(4)), tokenizer,
            Normalization.Identity(3), null, "tabletop/pick"));
    }
}
