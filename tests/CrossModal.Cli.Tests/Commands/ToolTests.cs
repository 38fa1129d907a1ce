using System.Text.Json;
using CrossModal.Cli.Commands;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;

namespace CrossModal.Cli.Tests.Commands;

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
        Assert.Equal($"crossmodal: Unrecognized command or argument '--nope'; see crossmodal {word} --help", ToolRun.Of(word, "--nope").OnlyError());
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
