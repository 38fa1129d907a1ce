using System.Diagnostics;
using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;

namespace CrossModal.Cli.Tests.Hosting;

/// <summary>A command line that ran, in this process unless said: its exit code and what it wrote.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a command line of <c>crossmodal</c>.</summary>
    public static ToolRun Of(params string[] args) => Of(AllCommands.Tool(args), default, args);

    /// <summary>Runs a command line of a tool with one command.</summary>
    public static ToolRun Of(ToolCommand command, CancellationToken stop, params string[] args) =>
        Of(AllCommands.Tool([command]), stop, args);

    /// <summary>Runs a command line of a tool.</summary>
    public static ToolRun Of(Tool tool, CancellationToken stop, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = tool.Run(args, new Terminal(output, error), stop);
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    /// <summary>The same in a process of its own, for what leaves something behind in a process.</summary>
    public static ToolRun Apart(string folder, params string[] args) =>
        Started("dotnet", folder, [Path.Combine(AppContext.BaseDirectory, "CrossModal.Cli.dll"), .. args]);

    /// <summary>A program that ran, at most five minutes.</summary>
    public static ToolRun Started(string program, string folder, params string[] args)
    {
        var start = new ProcessStartInfo(program, args)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false
        };

        // `dotnet test` points its children to its own MSBuild, which a build from a shell does not start with.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', args)} took more than five minutes");
        }

        return new ToolRun(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>The one line of the error output; fails when there is not exactly one.</summary>
    public string OnlyError()
    {
        var lines = Error.TrimEnd('\n', '\r').Split('\n');
        Assert.Single(lines);
        Assert.DoesNotContain("   at ", Error);
        return lines[0];
    }
}
