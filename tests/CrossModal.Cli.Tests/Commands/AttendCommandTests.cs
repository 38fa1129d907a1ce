using System.Text.Json;
using System.Text.RegularExpressions;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Data;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Language;
using CrossModal.Policies;

namespace CrossModal.Cli.Tests.Commands;

public sealed class AttendCommandTests : IDisposable
{
    private const string Instruction = "pick up the red cup";
    private readonly TemporaryFolder _folder = new();
    private readonly string _policy;

    public AttendCommandTests() => _policy = Policy("policy", "cross-attention");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(32, 32)]
    [InlineData(97, 41)]
    [InlineData(13, 200)]
    [InlineData(1, 1)]
    public void Photographs_of_any_size_give_a_listing_maps_pictures_and_a_page(int width, int height)
    {
        var run = Attend(Photo(width, height), "--layer", "last", "--out", _folder["out"]);
        Assert.Equal(0, run.ExitCode);
        var lines = run.Output.Split('\n');
        Assert.StartsWith("fusion.layers.1.cross_attn, mean of 2 heads, 4×4 patches", lines[0]);
        Assert.Equal(["pick", "up", "the", "red", "cup"], lines[1..6].Select(l => l.Trim().Split(' ')[0]));
        Assert.All(lines[1..6], l => Assert.Equal(5, l.Count(c => c == '×')));

        // Two pictures a word and a page; a figure is as wide as the enlarged photograph or the narrowest title.
        Assert.Equal(11, Directory.GetFiles(_folder["out"]).Length);
        var figure = Png.Read(_folder["out/03-red-fusion.layers.1.cross_attn-mean-nearest.png"]);
        Assert.Equal(Math.Max(160, width * Math.Max(1, 384 / Math.Max(width, height))), figure.Width);
        Assert.True(File.Exists(_folder["out/03-red-fusion.layers.1.cross_attn-mean-smooth.png"]));
        Assert.Contains("pick up the red cup", File.ReadAllText(_folder["out/attention.html"]));
    }

    [Fact]
    public void A_page_and_names_of_files_stay_small_however_many_and_long_the_words_are()
    {
        var words = string.Join(' ', Enumerable.Range(0, 100).Select(i => $"{new string('w', 300)}{i}"));
        var photo = Photo(640, 480);
        Assert.Equal(0, ToolRun.Of("attend", "--checkpoint", Policy("wordy", "cross-attention", maxWords: 100), "--image", photo,
            "--instruction", words, "--layer", "all", "--top", "1", "--out", _folder["out"]).ExitCode);
        Assert.InRange(new FileInfo(_folder["out/attention.html"]).Length, 1, 10 << 20);
        Assert.Contains("Shown are the first 24 of 100 words and 2 of 2 maps; the folder has pictures of all.",
            File.ReadAllText(_folder["out/attention.html"]));
        var names = Directory.GetFiles(_folder["out"], "*.png").Select(f => Path.GetFileName(f)!).ToList();
        Assert.Equal(2 * 2 * 100, names.Count);
        Assert.All(names, name => Assert.InRange(name.Length, 1, 200));
    }

    [Fact]
    public void A_large_photograph_gives_pictures_of_a_bounded_size()
    {
        Assert.Equal(0, Attend(Photo(2600, 1300), "--layer", "last", "--out", _folder["out"]).ExitCode);
        Assert.Equal(1280, Png.Read(_folder["out/03-red-fusion.layers.1.cross_attn-mean-nearest.png"]).Width);
        Assert.InRange(new FileInfo(_folder["out/attention.html"]).Length, 1, 8 << 20);
    }

    [Fact]
    public void Content_words_are_drawn_and_function_words_only_listed()
    {
        var run = Attend(Photo(32, 32));
        Assert.Matches(@"pick  \(\d, \d\) .* red  \(\d, \d\) ", run.Output);
        Assert.DoesNotContain("the  (", run.Output.Split("\n\n", 2)[1]);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.DoesNotContain('▀', run.Output);
    }

    [Fact]
    public void A_terminal_with_colours_is_shown_half_blocks()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, TerminalColors.TrueColor, columns: 80);
        Assert.Equal(0, AllCommands.Tool(AllCommands.List())
            .Run(["attend", "--checkpoint", _policy, "--image", Photo(64, 32), "--instruction", Instruction], terminal));
        Assert.Contains('▀', output.ToString());
        Assert.Contains("\u001b[38;2;", output.ToString());
    }

    [Fact]
    public void The_best_patch_is_the_one_with_the_largest_weight_and_multiples_are_weight_times_patches()
    {
        var run = Attend(Photo(32, 32), "--json", _folder["r.json"], "--top", "16");
        Assert.Equal(0, run.ExitCode);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["r.json"]));
        var word = json.RootElement.GetProperty("layers")[0].GetProperty("words")[3];
        Assert.Equal("red", word.GetProperty("word").GetString());
        var top = word.GetProperty("top").EnumerateArray()
            .Select(p => (Row: p.GetProperty("row").GetInt32(), Column: p.GetProperty("column").GetInt32(),
            Weight: p.GetProperty("weight").GetDouble(), Times: p.GetProperty("timesUniform").GetDouble())).ToList();
        Assert.Equal(16, top.Count);
        Assert.Equal(1, top.Sum(p => p.Weight), 4);
        Assert.Equal(top.OrderByDescending(p => p.Weight), top);
        Assert.All(top, p => Assert.Equal(16 * p.Weight, p.Times, 4));
        Assert.Equal(2, json.RootElement.GetProperty("action").GetArrayLength());
        Assert.Contains($"red   ({top[0].Row}, {top[0].Column}) ", run.Output);
    }

    [Fact]
    public void Layers_and_heads_are_chosen()
    {
        var photo = Photo(32, 32);
        Assert.Contains("fusion.layers.0.cross_attn, head 1,",
            Attend(photo, "--layer", "fusion.layers.0.cross_attn", "--head", "1").Output);
        Assert.Equal(2, Attend(photo, "--layer", "all").Output.Split("patches, (row, column)").Length - 1);
        Assert.Contains("there is: fusion.layers.0.cross_attn, fusion.layers.1.cross_attn",
            Refused(Attend(photo, "--layer", "fusion.layers.9")));
        Assert.Contains("has heads 0 to 1", Refused(Attend(photo, "--head", "2")));
        Assert.Contains("'two' is not a whole number", Refused(Attend(photo, "--head", "two")));
    }

    [Fact]
    public void Of_raw_attention_the_sharpest_layer_is_shown_and_without_a_choice_the_strategys_own_method()
    {
        var photo = Photo(32, 32);
        Assert.Equal(0, Attend(photo, "--layer", "all", "--top", "16", "--json", _folder["all.json"]).ExitCode);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["all.json"]));
        var sharpest = json.RootElement.GetProperty("layers").EnumerateArray().MinBy(Entropy).GetProperty("layer").GetString();
        Assert.StartsWith(sharpest + ",", Attend(photo, "--method", "raw").Output);
        Assert.StartsWith("rollout, one map,", Attend(photo).Output);

        static double Entropy(JsonElement layer) => -layer.GetProperty("words").EnumerateArray()
            .SelectMany(w => w.GetProperty("top").EnumerateArray()).Select(p => p.GetProperty("weight").GetDouble())
                .Sum(x => x * Math.Log(x));
    }

    [Fact]
    public void Unknown_words_are_named_and_do_not_stop_it()
    {
        var run = ToolRun.Of("attend", "--checkpoint", _policy, "--image", Photo(32, 32), "--instruction", "fetch the <b>teapot</b>",
            "--out", _folder["out"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("the policy never learned: fetch, b, teapot", run.Error);
        Assert.DoesNotContain("<b>", File.ReadAllText(_folder["out/attention.html"]));
    }

    [Fact]
    public void Missing_proprioception_is_said_and_given_proprioception_changes_the_action_only()
    {
        var photo = Photo(32, 32);
        var without = Attend(photo, "--json", _folder["a.json"]);
        Assert.Contains("no --proprioception: the mean of the training data", without.OnlyError());
        var with = Attend(photo, "--json", _folder["b.json"], "--proprioception", "-3,0.5,2e0");
        Assert.Empty(with.Error);

        // Whether a map is faithful is asked of the action.
        Assert.Equal(WithoutVerdicts(without.Output), WithoutVerdicts(with.Output));
        Assert.NotEqual(Action("a.json"), Action("b.json"));

        // The mean that stands in for it is the same as that mean given.
        Attend(photo, "--json", _folder["c.json"], "--proprioception", "1,2,3");
        Assert.Equal(Action("a.json"), Action("c.json"));
        Assert.Contains("takes 3 numbers, got 2", Refused(Attend(photo, "--proprioception", "1,2")));
        Assert.Contains("'x' is not a number", Refused(Attend(photo, "--proprioception", "1,x,3")));
    }

    private static string WithoutVerdicts(string output) =>
        Regex.Replace(output, "  (faithful|no better than chance|effect below noise)[^\n]*", "");

    [Fact]
    public void Attention_on_padding_is_mentioned()
    {
        Assert.Contains("% on padding", Attend(Photo(200, 20)).Output);
        Assert.DoesNotContain("on padding", Attend(Photo(32, 32)).Output);
    }

    [Fact]
    public void The_same_photograph_gives_the_same_pictures()
    {
        var photo = Photo(40, 30);
        Attend(photo, "--out", _folder["a"]);
        Attend(photo, "--out", _folder["b"]);
        foreach (var path in Directory.GetFiles(_folder["a"], "*.png"))
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(_folder["b"], Path.GetFileName(path))));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        var photo = Photo(32, 32);
        Assert.Contains("attend needs --image; see crossmodal attend --help",
            Refused(ToolRun.Of("attend", "--checkpoint", _policy, "--instruction", "red")));
        Assert.Contains("missing.png: there is no such file", Refused(Attend(_folder["missing.png"])));
        Assert.Contains("is a folder", Refused(Attend(_folder.Path)));
        File.WriteAllText(_folder["bad.png"], "not a picture");
        Assert.Contains("bad.png: ", Refused(Attend(_folder["bad.png"])));
        Assert.Contains("policy.json: is missing",
            Refused(ToolRun.Of("attend", "--checkpoint", _folder["none"], "--image", photo, "--instruction", "red")));
        Assert.Contains("has no word", Refused(ToolRun.Of("attend", "--checkpoint", _policy, "--image", photo, "--instruction", "  ?")));
        Assert.Contains("at most 16 fit", Refused(ToolRun.Of("attend", "--checkpoint", _policy, "--image", photo, "--instruction",
            string.Join(' ', Enumerable.Repeat("red", 17)))));
        File.WriteAllText(_folder["file"], "");
        Assert.Contains("cannot be written", Refused(Attend(photo, "--out", _folder["file/deeper"])));
        var blind = ToolRun.Of("attend", "--checkpoint", Policy("blind", "concat-pooled"), "--image", photo, "--instruction", "red");
        Assert.Contains("'concat-pooled' has no attention from words to patches",
            Refused(new ToolRun(blind.ExitCode, blind.Output, blind.Error.Split('\n', 2)[1])));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Latents_have_no_map_whether_or_not_there_are_as_many_as_visual_tokens(int latents)
    {
        var folder = Policy("latents", "q-former", latents: latents, visualTokens: "pool:4");
        var run = ToolRun.Of("attend", "--checkpoint", folder, "--image", Photo(32, 32), "--instruction", "pick the red cup", "--layer",
            "all", "--out", _folder["none"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'q-former' has no attention from words to patches", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["none"]) && Directory.EnumerateFileSystemEntries(_folder["none"]).Any());
    }

    private double[] Action(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder[file]));
        return [.. json.RootElement.GetProperty("action").EnumerateArray().Select(a => a.GetDouble())];
    }

    private ToolRun Attend(string photo, params string[] more) =>
        ToolRun.Of(["attend", "--checkpoint", _policy, "--image", photo, "--instruction", Instruction, .. more,
            .. more.Contains("--out") ? [] : new[] { "--out", _folder["maps"] }]);

    /// <summary>The last line of the error output: a warning may stand before it.</summary>
    private static string Refused(ToolRun run)
    {
        Assert.Equal(2, run.ExitCode);
        Assert.DoesNotContain("   at ", run.Error);
        return run.Error.TrimEnd().Split('\n')[^1];
    }

    private string Policy(string name, string strategy, int maxWords = 16, int latents = 16, string? visualTokens = null)
    {
        var tokenizer = new WordTokenizer(["cup", "pick", "red", "the", "up"]);
        var fusion = new FusionOptions(16, 2, 2)
        {
            Latents = latents,
            Vision = new VisionOptions { Tokens = visualTokens is null ? null : VisualTokens.Parse(visualTokens) }
        };
        var options = new PolicyOptions(strategy, fusion, tokenizer.Count, 2) { ImageSize = 32, Proprioception = 3, MaxWords = maxWords };
        PolicyFolder.Save(_folder[name], new TrainedPolicy(new LanguagePolicy(options, new RandomSource(4)), tokenizer,
            Normalization.Identity(2), new Normalization([1, 2, 3], [1, 1, 2]), "test"));
        return _folder[name];
    }

    private string Photo(int width, int height)
    {
        var photo = new RgbImage(width, height);
        new Random(width + height).NextBytes(photo.Pixels);
        var path = _folder[$"{width}x{height}.png"];
        Png.Write(path, photo);
        return path;
    }
}
