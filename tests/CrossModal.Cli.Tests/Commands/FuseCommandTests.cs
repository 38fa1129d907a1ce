using System.Text.Json;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Cli.Tests.Commands;

public sealed class FuseCommandTests : IDisposable
{
    private const int Words = 3;
    private const int Patches = 16;
    private const int Width = 8;
    private readonly TemporaryFolder _folder = new();
    private readonly string _language;
    private readonly string _vision;
    private readonly string _out;

    public FuseCommandTests()
    {
        _language = Features("l.npy", Words, Width);
        _vision = Features("v.npy", Patches, Width);
        _out = _folder["o.npz"];
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Strategies => [.. FusionStrategies.Names];

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Every_strategy_fuses_two_files(string strategy)
    {
        var run = ToolRun.Of("fuse", "--strategy", strategy, "--language", _language, "--vision", _vision, "--out", _out, "--attention");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("weights are random, from seed 1", run.Output);
        var arrays = Npz.Read(_out);
        Assert.Equal((1, Width), (arrays["fused"].Shape[0], arrays["fused"].Shape[2]));
        Assert.All(arrays["fused"].ToSingles(), v => Assert.True(float.IsFinite(v)));
        var attends = arrays.Keys.Any(k => k.StartsWith("attention/", StringComparison.Ordinal));
        Assert.True(attends || FusionStrategies.Find(strategy).Attends == VisionAttention.None);
        Assert.NotEqual(attends, run.Error.Contains("has no attention", StringComparison.Ordinal));
        foreach (var (name, array) in arrays)
            if (name.StartsWith("attention/", StringComparison.Ordinal)) RowsSumToOne(array);
    }

    [Fact]
    public void Another_attention_and_fewer_tokens_are_kept_with_the_checkpoint()
    {
        var weights = _folder["w.safetensors"];
        Assert.Equal(0, Fuse("--attention-variant", "topk:2", "--visual-tokens", "learner:5", "--save-checkpoint", weights,
            "--attention").ExitCode);
        var first = Npz.Read(_out);
        var cross = first.Single(a => a.Key.EndsWith("layers.0.cross_attn", StringComparison.Ordinal)).Value;
        Assert.Equal([1, 4, Words, 5], cross.Shape.ToArray());
        Assert.All(cross.ToSingles().Chunk(5), row => Assert.Equal(2, row.Count(w => w > 0)));
        Assert.Equal(0, Fuse("--checkpoint", weights).ExitCode);
        Assert.Equal(first["fused"].ToSingles(), Npz.Read(_out)["fused"].ToSingles());
        var other = Fuse("--checkpoint", weights, "--attention-variant", "linear");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("was saved with --attention-variant topk:2, not linear", other.Error, StringComparison.Ordinal);
        Assert.Equal(2, Fuse("--attention-variant", "sparse").ExitCode);
        Assert.Equal(2, Fuse("--visual-tokens", "pool:5", "--grid", "4x4").ExitCode);
    }

    [Fact]
    public void Words_attend_to_every_patch_in_every_head()
    {
        Assert.Equal(0, Fuse("--attention", "--heads", "2", "--layers", "2").ExitCode);
        var arrays = Npz.Read(_out);
        Assert.Equal([1, Words, Width], arrays["fused"].Shape.ToArray());
        var cross = arrays.Where(a => a.Key.StartsWith("attention/", StringComparison.Ordinal) && a.Value.Shape[3] == Patches).ToList();
        Assert.Equal(2, cross.Count);
        Assert.All(cross, a => Assert.Equal([1, 2, Words, Patches], a.Value.Shape.ToArray()));
    }

    [Fact]
    public void The_plan_of_a_session_is_printed_and_written()
    {
        var json = _folder["plan.json"];
        var run = ToolRun.Of("fuse", "--language", _language, "--vision", _vision, "--out", _out, "--layers", "2", "--plan", "--json",
            json);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("each instruction", run.Output, StringComparison.Ordinal);
        Assert.Contains("a frame:", run.Output, StringComparison.Ordinal);
        var steps = JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("plan").EnumerateArray().ToList();
        Assert.Contains(steps, s => s.GetProperty("layer").GetString() == "layers.1.cross_attn.out_proj"
            && s.GetProperty("stage").GetString() == "Frame");
        Assert.Equal(1, steps.Sum(s => s.GetProperty("share") is { ValueKind: JsonValueKind.Number } share ? share.GetDouble() : 0), 6);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        byte[] Bytes(string seed)
        {
            Assert.Equal(0, Fuse("--seed", seed, "--attention").ExitCode);
            return File.ReadAllBytes(_out);
        }

        var first = Bytes("3");
        Assert.Equal(first, Bytes("3"));
        Assert.NotEqual(first, Bytes("4"));
    }

    [Fact]
    public void Padding_changes_nothing()
    {
        Fuse();
        var alone = Npz.Read(_out)["fused"].ToSingles();
        var padded = Npy.Read(_vision).ToSingles().Concat(Enumerable.Repeat(50f, 4 * Width)).ToArray();
        Npy.Write(_folder["padded.npy"], StoredArray.From(padded, Patches + 4, Width));
        Npy.Write(_folder["mask.npy"], StoredArray.From(Enumerable.Range(0, Patches + 4).Select(i => i < Patches).ToArray(), Patches + 4));
        var run = ToolRun.Of("fuse", "--language", _language, "--vision", _folder["padded.npy"], "--vision-mask", _folder["mask.npy"],
            "--out", _out);
        Assert.Equal(0, run.ExitCode);
        var masked = Npz.Read(_out)["fused"].ToSingles();
        for (var i = 0; i < alone.Length; i++) Assert.Equal(alone[i], masked[i], 5);
    }

    [Fact]
    public void A_mask_of_words_comes_out_beside_the_fused_words()
    {
        Npy.Write(_folder["mask.npy"], StoredArray.From([true, true, false], 3));
        Assert.Equal(0, Fuse("--language-mask", _folder["mask.npy"]).ExitCode);
        Assert.Equal([true, true, false], Npz.Read(_out)["fused_mask"].ToBooleans());
    }

    [Fact]
    public void A_saved_checkpoint_brings_the_same_result_and_its_own_sizes()
    {
        var weights = _folder["w.safetensors"];
        Assert.Equal(0, Fuse("--seed", "9", "--heads", "2", "--layers", "2", "--save-checkpoint", weights).ExitCode);
        var first = Npz.Read(_out)["fused"].ToSingles();
        var run = Fuse("--checkpoint", weights);
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain("random", run.Output);
        Assert.Equal(first, Npz.Read(_out)["fused"].ToSingles());

        Assert.Contains("was saved with --heads 2, not 4", Refused(Fuse("--checkpoint", weights, "--heads", "4")));
        Assert.Contains("was saved for the strategy 'cross-attention', not 'perceiver'",
            Refused(Fuse("--checkpoint", weights, "--strategy", "perceiver")));
        var wide = Features("wide.npy", 2, 16);
        Assert.Contains("w.safetensors", Refused(ToolRun.Of("fuse", "--language", wide, "--vision", wide, "--checkpoint", weights, "--out",
            _out)));
    }

    [Theory]
    [InlineData("policy")]
    [InlineData("policy/model.safetensors")]
    public void The_folder_of_a_policy_brings_the_weights_of_its_strategy_and_its_sizes(string checkpoint)
    {
        var trained = Policy("policy", "co-attention", new FusionOptions(Width, Heads: 2, Layers: 2));
        var grid = Features("grid.npy", trained.Grid.Count, Width);
        string[] command = ["fuse", "--language", _language, "--vision", grid, "--checkpoint", _folder[checkpoint], "--out", _out];
        var run = ToolRun.Of(command);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain("random", run.Output);
        using var pass = Pass.Evaluation();
        var expected = trained.Fusion.Forward(new FusionInput(new Tokens(FeatureFile.ReadTokens(_language)),
            [new Tokens(FeatureFile.ReadTokens(grid))]), pass);
        Assert.Equal(expected.Fused.Values.ToArray(), Npz.Read(_out)["fused"].ToSingles());

        Assert.Contains("was trained with --strategy co-attention, not perceiver",
            Refused(ToolRun.Of([.. command, "--strategy", "perceiver"])));
        Assert.Contains("was trained with --heads 2, not 4", Refused(ToolRun.Of([.. command, "--heads", "4"])));
        Assert.Contains("was trained with --attention-variant not given, not linear",
            Refused(ToolRun.Of([.. command, "--attention-variant", "linear"])));
        Assert.Contains("was trained with a grid of 8×8, not --grid 4x16", Refused(ToolRun.Of([.. command, "--grid", "4x16"])));
        Assert.Equal(0, ToolRun.Of([.. command, "--strategy", "co-attention", "--layers", "2"]).ExitCode);
        var wide = Features("wide.npy", 64, 16);
        Assert.Contains("was trained with features of width 8, these have 16",
            Refused(ToolRun.Of("fuse", "--language", wide, "--vision", wide, "--checkpoint", _folder[checkpoint], "--out", _out)));
        Assert.Contains("was trained with 1 cameras, --vision names 2 files",
            Refused(ToolRun.Of("fuse", "--language", _language, "--vision", grid, grid, "--checkpoint", _folder[checkpoint], "--out",
            _out)));
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("policy.json: is missing", Refused(Fuse("--checkpoint", _folder["empty"])));
    }

    [Fact]
    public void Weights_under_other_names_are_told_by_five_names_and_a_count()
    {
        var policy = Policy("policy", "cross-attention", new FusionOptions(Width, Heads: 4));
        File.Copy(_folder["policy/model.safetensors"], _folder["all.safetensors"]);
        var error = Refused(Fuse("--checkpoint", _folder["all.safetensors"]));
        var count = policy.Fusion.Parameters().Count();
        Assert.StartsWith($"crossmodal: {_folder["all.safetensors"]}: ", error);
        Assert.Equal(5, error.Split("missing '").Length - 1);
        Assert.Contains($"{count - 5} more missing", error);
        Assert.Equal(5, error.Split("unexpected '").Length - 1);
        Assert.Contains($"{policy.Parameters().Count() - 5} more unexpected", error);
        Assert.EndsWith("the names there begin with 'fusion.'", error);
        Assert.True(error.Length < 1500, error);
    }

    [Fact]
    public void Several_cameras_are_fused_and_their_shared_layer_is_told_apart()
    {
        var right = Features("right.npy", 5, Width);
        var run = ToolRun.Of("fuse", "--strategy", "multi-view-mean", "--language", _language, "--vision", _vision, right, "--out", _out,
            "--attention");
        Assert.Equal(0, run.ExitCode);
        var arrays = Npz.Read(_out);
        Assert.Equal([1, Words, Width], arrays["view1"].Shape.ToArray());
        Assert.Contains(arrays, a => a.Key.EndsWith("@1", StringComparison.Ordinal) && a.Value.Shape[3] == 5);
    }

    [Fact]
    public void Batches_archives_and_safetensors_are_read()
    {
        var random = new Random(2);
        var batch = StoredArray.From(Enumerable.Range(0, 2 * Words * Width).Select(_ => random.NextSingle()).ToArray(), 2, Words, Width);
        Npz.Write(_folder["l.npz"], [new("words", batch), new("other", batch)]);
        SafeTensors.Write(_folder["v.safetensors"], [new("only", batch)]);
        var run = ToolRun.Of("fuse", "--language", _folder["l.npz"] + ":words", "--vision", _folder["v.safetensors"], "--out", _out);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal([2, Words, Width], Npz.Read(_out)["fused"].Shape.ToArray());
        Assert.Contains("there are: words, other",
            Refused(ToolRun.Of("fuse", "--language", _folder["l.npz"], "--vision", _vision, "--out", _out)));
        Assert.Contains("has no array 'x'; there are: only",
            Refused(ToolRun.Of("fuse", "--language", _language, "--vision", _folder["v.safetensors"] + ":x", "--out", _out)));
    }

    [Fact]
    public void The_json_result_lists_what_was_written()
    {
        Assert.Equal(0, Fuse("--json", _folder["r.json"]).ExitCode);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["r.json"]));
        Assert.Equal("cross-attention", json.RootElement.GetProperty("strategy").GetString());
        Assert.Equal(1u, json.RootElement.GetProperty("seed").GetUInt64());
        Assert.Equal(Width, json.RootElement.GetProperty("arrays").GetProperty("fused")[2].GetInt32());
    }

    [Fact]
    public void Strategies_are_listed_with_what_they_do()
    {
        var run = ToolRun.Of("fuse", "--strategy", "list");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(FusionStrategies.Names.Count, run.Output.TrimEnd().Split('\n').Length);
        Assert.Contains("perceiver", ToolRun.Of("fuse", "--help").Output);
    }

    [Theory]
    [InlineData("fuse")]
    [InlineData("fuse", "--language", "l.npy")]
    [InlineData("fuse", "--language", "l.npy", "--vision", "v.npy")]
    [InlineData("fuse", "--language", "l.npy", "--vision", "v.npy", "--out", "o.npz", "--grid", "4by4")]
    [InlineData("fuse", "--language", "l.npy", "--vision", "v.npy", "--out", "o.npz", "--vision-mask", "a.npy", "b.npy")]
    public void What_is_missing_is_named_with_a_hint(params string[] args)
    {
        var run = ToolRun.Of([.. args.Select(a => a.EndsWith(".npy", StringComparison.Ordinal)
            || a.EndsWith(".npz", StringComparison.Ordinal) ? _folder[a] : a)]);
        Assert.EndsWith("; see crossmodal fuse --help", Refused(run));
    }

    [Fact]
    public void Bad_files_are_named()
    {
        Assert.Contains("missing.npy: there is no such file", Refused(FuseVision(_folder["missing.npy"])));
        Assert.Contains("is a folder", Refused(FuseVision(_folder.Path)));
        Assert.Contains($"narrow.npy: features of width 4, {_language} has 8", Refused(FuseVision(Features("narrow.npy", 5, 4))));
        Assert.Contains("a batch of 2", Refused(FuseVision(Array("batch.npy", [2, 4, Width], _ => 1))));
        Assert.Contains("token 1 of sample 0 holds NaN, at feature 2",
            Refused(FuseVision(Array("nan.npy", [3, Width], i => i == Width + 2 ? float.NaN : 1))));
        Assert.Contains("features must be [N, d] or [B, N, d], got [8]", Refused(FuseVision(Array("flat.npy", [Width], _ => 1))));
        Assert.Contains("holds no feature", Refused(FuseVision(Array("empty.npy", [0, Width], _ => 1))));
        Assert.Contains("the mask is [5], its features [1,3,8] need [1,3]",
            Refused(Fuse("--language-mask", Array("mask.npy", [5], _ => 1))));

        File.WriteAllBytes(_folder["bad.npz"], [0x50, 0x4B, 3, 4, 1, 2, 3]);
        Assert.Contains("bad.npz: ", Refused(FuseVision(_folder["bad.npz"])));
        File.WriteAllText(_folder["bad.npy"], "not an array");
        Assert.Contains("bad.npy: ", Refused(FuseVision(_folder["bad.npy"])));
        Assert.Contains("are too large", Refused(FuseVision(Array("huge.npy", [3, Width], _ => 3e38f))));
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_refused_and_nothing_is_left_behind()
    {
        File.WriteAllText(_folder["file"], "");
        var run = ToolRun.Of("fuse", "--language", _language, "--vision", _vision, "--out", _folder["file/o.npz"]);
        Assert.Contains("cannot be written", Refused(run));
        Assert.Contains("--strategy: there is no 'magic'", Refused(Fuse("--strategy", "magic")));
        Assert.Equal(["file", "l.npy", "v.npy"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    private LanguagePolicy Policy(string name, string strategy, FusionOptions fusion)
    {
        var tokenizer = new WordTokenizer(["cup"]);
        var policy = new LanguagePolicy(new PolicyOptions(strategy, fusion, tokenizer.Count, 3), new RandomSource(4));
        PolicyFolder.Save(_folder[name], new TrainedPolicy(policy, tokenizer, Normalization.Identity(3), null, "recordings"));
        return policy;
    }

    private ToolRun Fuse(params string[] more) =>
        ToolRun.Of(["fuse", "--language", _language, "--vision", _vision, "--out", _out, .. more]);

    private ToolRun FuseVision(string vision) => ToolRun.Of("fuse", "--language", _language, "--vision", vision, "--out", _out);

    private static string Refused(ToolRun run)
    {
        Assert.Equal(2, run.ExitCode);
        return run.OnlyError();
    }

    private string Features(string name, int tokens, int width)
    {
        var random = new Random(name.Length + tokens);
        return Array(name, [tokens, width], _ => random.NextSingle() - 0.5f);
    }

    private string Array(string name, int[] shape, Func<int, float> value)
    {
        Npy.Write(_folder[name], StoredArray.From(Enumerable.Range(0, Shape.Of(shape).Length).Select(value).ToArray(), shape));
        return _folder[name];
    }

    private static void RowsSumToOne(StoredArray attention)
    {
        var weights = attention.ToSingles();
        foreach (var row in weights.Chunk(attention.Shape[3])) Assert.Equal(1, row.Sum(), 4);
    }
}
