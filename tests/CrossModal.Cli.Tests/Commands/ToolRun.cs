using System.Diagnostics;
using CrossModal.Cli.Commands;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>A command line that ran, in this process unless said: its exit code and what it wrote.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public static ToolRun Of(params string[] args) => Capture((terminal, stop) => Tool.Run(args, terminal, stop));

    public static ToolRun Of(ToolCommand command, CancellationToken stop, params string[] args) =>
        Capture((terminal, _) => Tool.Run(args, terminal, [command], stop));

    /// <summary>The same in a process of its own, for what leaves something behind in a process.</summary>
    public static ToolRun Apart(string folder, params string[] args) => Started("dotnet", folder, [Path.Combine(AppContext.BaseDirectory, "CrossModal.Cli.dll"), .. args]);

    /// <summary>A program that ran, at most five minutes.</summary>
    public static ToolRun Started(string program, string folder, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };

        // `dotnet test` points its children to its own MSBuild, which a build from a shell does not start with.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
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

    private static ToolRun Capture(Func<Terminal, CancellationToken, int> run)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = run(new Terminal(output, error), default);
        return new ToolRun(code, output.ToString(), error.ToString());
    }
}
