using System.Diagnostics;
using System.Globalization;

namespace CrossModal.Mpi.Tests;

/// <summary>The tool on several ranks of this machine, connected by memory and the loopback interface alone.</summary>
internal sealed class Mpirun : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private Mpirun(Process process)
    {
        _process = process;
        (_output, _error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>What is missing to run; null when nothing is.</summary>
    public static string? Missing { get; } =
        !OperatingSystem.IsLinux() ? "Open MPI is tried on Linux only"
        : !System.Runtime.InteropServices.NativeLibrary.TryLoad(MpiLibrary.Name, out _) ? $"{MpiLibrary.Name} is not installed"
        : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(p => File.Exists(Path.Combine(p, "mpirun")))
            ? "mpirun is not installed" : null;

    /// <summary>Starts the tool.</summary>
    /// <param name="ranks">Number of ranks.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="args">Its command line.</param>
    public static Mpirun Start(int ranks, string folder, params string[] args)
    {
        var start = new ProcessStartInfo("mpirun",
        [
            "-q", "-n", ranks.ToString(CultureInfo.InvariantCulture), "--oversubscribe", "--allow-run-as-root", "--bind-to", "none",
            "--mca", "btl", "self,vader,tcp", "--mca", "btl_tcp_if_include", "lo", "--mca", "oob_tcp_if_include", "lo",
            "--mca", "btl_vader_single_copy_mechanism", "none", "--mca", "plm", "isolated",
            "dotnet", Path.Combine(AppContext.BaseDirectory, "CrossModal.Cli.dll"), .. args,
        ])
        { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };

        // Two threads for each of eight processes on two cores would only wait for each other.
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "1";
        start.Environment["DOTNET_gcServer"] = "0";
        return new Mpirun(Process.Start(start)!);
    }

    /// <summary>The same, to the end: its output.</summary>
    public static async Task<string> Run(int ranks, string folder, params string[] args)
    {
        using var run = Start(ranks, folder, args);
        var (exit, output, error) = await run.End(TimeSpan.FromMinutes(5));
        Assert.True(exit == 0, $"exit code {exit}: {error}");
        Assert.Equal("", error);
        return output;
    }

    /// <summary>Waits for the end.</summary>
    public async Task<(int ExitCode, string Output, string Error)> End(TimeSpan most)
    {
        using var stop = new CancellationTokenSource(most);
        await _process.WaitForExitAsync(stop.Token);
        return (_process.ExitCode, await _output, await _error);
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Kills a rank as the system does, with no chance to say anything.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Kill(int rank)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
        {
            try
            {
                var parent = File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1].Split(' ')[1];
                if (parent != $"{_process.Id}") continue;
                if (!File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Contains($"OMPI_COMM_WORLD_RANK={rank}")) continue;
                using var process = Process.GetProcessById(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
                process.Kill();
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // It ended while it was looked at.
            }
        }

        return false;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}

/// <summary>A test that needs Open MPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MpiFactAttribute([System.Runtime.CompilerServices.CallerMemberName] string test = "") : OptionalFact(Mpirun.Missing, test);
