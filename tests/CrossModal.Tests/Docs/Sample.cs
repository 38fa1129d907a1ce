using System.Diagnostics;

namespace CrossModal.Tests.Docs;

/// <summary>A program of samples/ (what lies in folders there is a part of one) with what its first comment says it prints.</summary>
internal sealed record Sample(string Path, IReadOnlyList<string> Lines, IReadOnlyList<string> Expected)
{
    private const string Indent = "//     ";

    public static IReadOnlyList<Sample> All { get; } =
        [.. Repository.Files(".cs").Where(p => System.IO.Path.GetDirectoryName(p) == "samples").Select(Load)];

    public string Command => $"dotnet run {Path} -c Release";

    /// <summary>Runs the sample as a reader would, from the root; its lines without the spaces at their ends.</summary>
    public IReadOnlyList<string> Run(TimeSpan limit)
    {
        var start = new ProcessStartInfo("dotnet", Command["dotnet ".Length..])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // `dotnet test` points its children to its own MSBuild, which a file-based program does not start with.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Command} took more than {limit}");
        }

        return process.ExitCode == 0
            ? Trimmed(output.Result)
            : throw new InvalidOperationException($"{Command} ended with {process.ExitCode}:\n{output.Result}{errors.Result}");
    }

    private static Sample Load(string path)
    {
        var lines = Repository.Read(path).TrimEnd('\n').Split('\n');
        var start = Array.IndexOf(lines, "// prints") + 1;
        var expected = start == 0 ? [] : lines.Skip(start).TakeWhile(l => l.StartsWith("//", StringComparison.Ordinal))
            .Select(l => l.Length > Indent.Length ? l[Indent.Length..] : "");
        return new Sample(path, lines, [.. expected]);
    }

    private static string[] Trimmed(string text) => [.. text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(l => l.TrimEnd())];
}
