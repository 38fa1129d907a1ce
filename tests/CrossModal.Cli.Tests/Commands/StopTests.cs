using System.Diagnostics;
using CrossModal.Training;

namespace CrossModal.Cli.Tests.Commands;

public sealed class StopTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SignalTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Asked_to_stop_a_training_keeps_a_checkpoint_and_says_how_to_go_on(string signal)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CrossModal.Cli.dll"), "train", "--steps", "100000", "--dim", "16", "--out", _folder])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var said = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            said.Add(line);
            if (!line.StartsWith("training: step", StringComparison.Ordinal)) continue;
            using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
            kill.WaitForExit();
            break;
        }

        said.Add(process.StandardOutput.ReadToEnd());
        var error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "it did not stop");
        Assert.Equal(1, process.ExitCode);
        Assert.NotNull(Checkpoint.Newest(_folder));
        Assert.Contains("stopped", string.Join('\n', said) + error, StringComparison.OrdinalIgnoreCase);
    }

    private sealed class SignalTheoryAttribute : TheoryAttribute
    {
        public SignalTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows sends no signals" : null;
    }
}
