using CrossModal.Cli.Commands;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>A command line that ran in this process: its exit code and what it wrote.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public static ToolRun Of(params string[] args) => Capture((terminal, stop) => Tool.Run(args, terminal, stop));

    public static ToolRun Of(ToolCommand command, CancellationToken stop, params string[] args) =>
        Capture((terminal, _) => Tool.Run(args, terminal, [command], stop));

    /// <summary>The one line of the error output; fails when there is not exactly one.</summary>
    public string OnlyError()
    {
        var lines = Error.TrimEnd('\n', '\r').Split('\n');
        Assert.Single(lines);
        Assert.DoesNotContain("   at ", Error);
        return lines[0];
    }

    private static ToolRun Capture(Func<Terminal, CancellationToken, int> run)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = run(new Terminal(output, error), default);
        return new ToolRun(code, output.ToString(), error.ToString());
    }
}
