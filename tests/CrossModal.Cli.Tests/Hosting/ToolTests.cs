using System.Text.Json;
using CrossModal.Cli.Hosting;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;

namespace CrossModal.Cli.Tests.Hosting;

public sealed class ToolTests
{
    [Fact]
    public void Without_arguments_it_shows_its_commands_and_where_to_begin()
    {
        var run = ToolRun.Of();
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("crossmodal demo", run.Output);
        Assert.Contains("Usage:", run.Output);
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("compare")]
    [InlineData("attend")]
    [InlineData("fuse")]
    public void A_command_made_alone_is_the_one_listed(string word)
    {
        var run = ToolRun.Of(word, "--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"crossmodal {word} ", run.Output);
        Assert.Contains($"  {word} ", ToolRun.Of("--help").Output);
        Assert.Equal($"crossmodal: there is no option '--nope'; see crossmodal {word} --help", ToolRun.Of(word, "--nope").OnlyError());
    }

    [Theory]
    [InlineData("there is no command 'trian'; did you mean train?; see crossmodal --help", "trian")]
    [InlineData("there is no command 'eval'; did you mean evaluate?; see crossmodal --help", "eval", "--checkpoint", "x")]
    [InlineData("there is no command 'xyzzy'; see crossmodal --help", "xyzzy")]
    [InlineData("there is no option '--stpes'; did you mean --steps?; see crossmodal train --help", "train", "--stpes", "3")]
    [InlineData("there is no option '-steps'; did you mean --steps?; see crossmodal train --help", "train", "-steps", "3")]
    [InlineData("there is no option '--chekpoint'; did you mean --checkpoint?; see crossmodal evaluate --help", "evaluate",
        "--chekpoint=runs/demo")]
    [InlineData("evaluate needs --checkpoint; see crossmodal evaluate --help", "evaluate")]
    [InlineData("--out needs a value; see crossmodal train --help", "train", "--out")]
    [InlineData("--out: '' is no folder; see crossmodal train --help", "train", "--out", "")]
    [InlineData("--seed is given 2 times; once is enough; see crossmodal train --help", "train", "--seed", "1", "--seed", "2")]
    [InlineData("'again' belongs to no option; see crossmodal train --help", "train", "again")]
    [InlineData("--vary takes no value, got 'much'; see crossmodal train --help", "train", "--vary=much")]
    [InlineData("--strategy: there is no 'percever'; did you mean perceiver?; see crossmodal train --help", "train", "--strategy",
        "percever")]
    [InlineData("--strategy: there is no 'Co-Attention'; did you mean co-attention?; see crossmodal fuse --help", "fuse", "--strategy",
        "Co-Attention")]
    [InlineData("--task: there is no 'pik'; did you mean pick?; see crossmodal train --help", "train", "--task", "place", "pik")]
    [InlineData("--task: there is no 'juggle'; there is: pick, place, push, relational, all; see crossmodal evaluate --help", "evaluate",
        "--checkpoint", "x", "--task", "juggle")]
    [InlineData("--split: there is no 'Z11'; did you mean Z1?; see crossmodal evaluate --help", "evaluate", "--checkpoint", "x", "--split",
        "Z11")]
    [InlineData("--control: there is no 'no-langauge'; did you mean no-language?; see crossmodal train --help", "train", "--control",
        "no-langauge")]
    [InlineData("--control: there is no 'other-instruction'; there is: none, no-language, no-vision, shuffled-instruction; see " +
        "crossmodal train --help",
        "train", "--control", "other-instruction")]
    [InlineData("--objective: there is no 'contrast'; did you mean contrastive?; see crossmodal pretrain --help", "pretrain", "--objective",
        "contrast")]
    [InlineData("--ablate: there is no 'head'; did you mean heads?; see crossmodal compare --help", "compare", "--ablate", "head")]
    [InlineData("--only: there is no 'cross-atention-1'; did you mean cross-attention-1?; see crossmodal compare --help", "compare",
        "--quick", "--list", "--only", "cross-atention-1")]
    [InlineData("--attention-variant: there is no 'tpok'; did you mean topk?; see crossmodal train --help", "train", "--attention-variant",
        "tpok:4")]
    [InlineData("--visual-tokens: there is no 'pol'; did you mean pool?; see crossmodal fuse --help", "fuse", "--visual-tokens", "pol:16")]
    [InlineData("--dim 62: must be divisible by 4; see crossmodal train --help", "train", "--dim", "62")]
    [InlineData("--heads 3: must divide --dim 64; see crossmodal pretrain --help", "pretrain", "--heads", "3")]
    [InlineData("--queue 33: must be a multiple of --batch 32; see crossmodal pretrain --help", "pretrain", "--queue", "33")]
    public void A_wrong_word_is_named_with_the_one_that_was_probably_meant(string expected, params string[] args)
    {
        using var folder = new TemporaryFolder();
        string[] all = args.Length > 1 && args[0] is "train" or "pretrain" && !args.Contains("--out") ? [.. args, "--out", folder["run"]]
            : args;
        var run = ToolRun.Of(all);
        Assert.Equal((2, $"crossmodal: {expected}"), (run.ExitCode, run.OnlyError()));
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Theory]
    [InlineData("perciever-io", "perceiver-io")]
    [InlineData("cross", "cross-attention")]
    [InlineData("fusion", null)]
    [InlineData("", null)]
    [InlineData("zz", null)]
    public void The_nearest_name_is_at_most_a_third_wrong_or_longer(string given, string? nearest) =>
        Assert.Equal(nearest, Choice.Nearest(given, ["cross-attention", "cross-attention-reversed", "perceiver", "perceiver-io",
            "concat-pooled"]));

    [Theory]
    [InlineData("attention-variant", "graph", "--visual-tokens", "merge:4", "--attention-variant graph --visual-tokens merge:4: ")]
    [InlineData("strategy", "concat-pooled", "--attention-variant", "linear", "--strategy concat-pooled --attention-variant linear: ")]
    [InlineData("visual-tokens", "pool:7", "--dim", "16", "--dim 16 --visual-tokens pool:7: 'pool:7': squares of a")]
    public void Sizes_that_do_not_suit_each_other_are_named_by_their_options(string option, string value, string other, string otherValue,
        string expected)
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of("train", $"--{option}", value, other, otherValue, "--out", folder["run"]);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"crossmodal: {expected}", run.OnlyError());
        Assert.DoesNotContain("VisualTokens:", run.Error);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void It_says_its_version()
    {
        var run = ToolRun.Of("--version");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^crossmodal \d+\.\d+\.\d+\r?\n$", run.Output);
    }

    [Theory]
    [InlineData("probe", "--nope")]
    [InlineData("probe", "--count", "many")]
    [InlineData("probe", "--count", "0")]
    [InlineData("probe", "--share", "NaN")]
    [InlineData("probe", "--share", "1.5")]
    [InlineData("probe", "--seed", "-1")]
    [InlineData("probe", "stray")]
    [InlineData("prob")]
    public void Wrong_usage_is_one_line_with_a_hint_and_code_2(params string[] args)
    {
        var run = ToolRun.Of(new Probe(_ => 0), default, args);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("crossmodal: ", run.OnlyError());
        Assert.EndsWith(args[0] == "prob" ? "see crossmodal --help" : "see crossmodal probe --help", run.OnlyError());
        Assert.Empty(run.Output);
    }

    [Fact]
    public void A_wrong_number_is_named_with_its_option()
    {
        Assert.Contains("--count: 'many' is not a whole number", ToolRun.Of(new Probe(_ => 0), default, "probe", "--count", "many").Error);
        Assert.Contains("--count must be at least 1, got 0", ToolRun.Of(new Probe(_ => 0), default, "probe", "--count", "0").Error);
        Assert.Contains("--share must be 0 to 1, got 1.5", ToolRun.Of(new Probe(_ => 0), default, "probe", "--share", "1.5").Error);
    }

    public static TheoryData<Exception> BadInputs => new(
        new FileFormatException("a.npy", "is damaged"),
        new ShapeException("MatMul", "sizes differ"),
        new ArgumentException("two\nlines \u001b[31m", "parameter"),
        new FileNotFoundException("no file"),
        new DirectoryNotFoundException("no folder"),
        new IOException("disk full"),
        new UnauthorizedAccessException("not allowed"));

    [Theory]
    [MemberData(nameof(BadInputs))]
    public void Bad_input_is_one_line_and_code_2(Exception problem)
    {
        var run = ToolRun.Of(new Probe(_ => throw problem), default, "probe");
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("crossmodal: ", run.OnlyError());
        Assert.DoesNotContain("Parameter", run.Error);
        Assert.DoesNotContain('\u001b', run.Error);
    }

    [Fact]
    public void A_fault_of_the_tool_itself_is_not_called_bad_input()
    {
        var run = ToolRun.Of(new Probe(_ => throw new InvalidOperationException("oops")), default, "probe");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("internal error", run.Error);
    }

    [Fact]
    public void A_command_that_is_stopped_says_so_writes_no_result_and_ends_with_1()
    {
        using var folder = new TemporaryFolder();
        using var stopping = new CancellationTokenSource();
        var run = ToolRun.Of(
            new Probe(context =>
            {
                stopping.Cancel();
                context.Stop.ThrowIfCancellationRequested();
                return 0;
            }), stopping.Token, "probe", "--json", folder["result.json"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("stopped", run.OnlyError());
        Assert.False(File.Exists(folder["result.json"]));
    }

    [Fact]
    public void The_result_is_written_as_json_even_when_a_target_was_missed()
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of(
            new Probe(context =>
            {
                context.Result["rate"] = CommandContext.Number(0.5);
                context.Result["loss"] = CommandContext.Number(double.NaN);
                return ExitCodes.Failed;
            }), default, "probe", "--json", folder["new/result.json"]);
        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(File.ReadAllBytes(folder["new/result.json"]));
        Assert.Equal("probe", json.RootElement.GetProperty("command").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("exitCode").GetInt32());
        Assert.Equal(0.5, json.RootElement.GetProperty("rate").GetDouble());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("loss").ValueKind);
    }

    [Fact]
    public void A_result_that_cannot_be_written_is_refused_before_the_work()
    {
        using var folder = new TemporaryFolder();
        var ran = false;
        var run = ToolRun.Of(
            new Probe(_ =>
            {
                ran = true;
                return 0;
            }), default, "probe", "--json", folder.Path);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("is a folder", run.OnlyError());
        Assert.False(ran);
    }

    [Fact]
    public void Every_command_explains_itself_with_an_example()
    {
        var run = ToolRun.Of(new Probe(_ => 0), default, "probe", "--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("--json", run.Output);
        Assert.Contains("crossmodal probe --count 3", run.Output);
        Assert.Contains("[default: 2]", run.Output);
    }

    [Fact]
    public void The_command_line_can_be_run_again()
    {
        var line = "";
        ToolRun.Of(
            new Probe(context =>
            {
                line = context.CommandLine;
                return 0;
            }), default, "probe", "--count", "3", "--text", "it's red");
        Assert.Equal(@"crossmodal probe --count 3 --text 'it'\''s red'", line);
    }

    private sealed class Probe : ToolCommand
    {
        private readonly Func<CommandContext, int> _run;

        public Probe(Func<CommandContext, int> run)
            : base("probe", "A command for these tests.", "crossmodal probe --count 3")
        {
            _run = run;
            AddWhole("--count", "A whole number", byDefault: 2, least: 1);
            AddNumber("--share", "A share", byDefault: 0, least: 0, most: 1);
            AddText("--text", "A text", "text");
            AddSeed();
        }

        protected override int Run(CommandContext context) => _run(context);
    }
}
