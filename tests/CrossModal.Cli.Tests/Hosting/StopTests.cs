using System.Diagnostics;
using System.Runtime.CompilerServices;
using CrossModal.Training;

namespace CrossModal.Cli.Tests.Hosting;

public sealed class StopTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // SIGINT takes the same way, but is ignored by whatever a shell started in the background, tests included.
    [SignalFact]
    public void Asked_to_end_a_training_keeps_a_checkpoint_and_says_so()
    {
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "CrossModal.Cli.dll"), "train", "--steps", "100000", "--dim", "16", "--out", _folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var patience = new Timer(_ => process.Kill(), null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        var said = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            said.Add(line);
            if (!line.StartsWith("training: step", StringComparison.Ordinal)) continue;
            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            kill.WaitForExit();
            break;
        }

        said.Add(process.StandardOutput.ReadToEnd());
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.NotNull(Checkpoint.Newest(_folder));
        Assert.Contains("stopped", string.Join('\n', said) + error, StringComparison.OrdinalIgnoreCase);
    }

    private sealed class SignalFactAttribute([CallerMemberName] string test = "")
        : OptionalFact(OperatingSystem.IsWindows() ? "Windows sends no signals" : null, test);
}
