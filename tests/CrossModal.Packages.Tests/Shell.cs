using System.Diagnostics;

namespace CrossModal.Packages.Tests;

/// <summary>A program that ran in a folder: its exit code and what it wrote.</summary>
internal sealed record Shell(int ExitCode, string Output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs a program with the package cache of a test.</summary>
    public static Shell Run(string folder, string cache, string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };

        // `dotnet test` points its children to its own MSBuild, which a build from a shell does not start with.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["NUGET_PACKAGES"] = cache;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (process.WaitForExit(Limit)) return new Shell(process.ExitCode, output.Result + error.Result);
        process.Kill(entireProcessTree: true);
        throw new TimeoutException($"{program} {string.Join(' ', args)} took more than {Limit}");
    }
}
