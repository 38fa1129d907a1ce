using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Tensors;

namespace CrossModal.Benchmarks.Startup;

/// <summary>
/// From the start of a process to its first result: <c>crossmodal fuse</c> with the checkpoint of four layers of cross-attention, d = 512,
/// on 16 words and 196 patches. The tool is published as docs/performance.md says, into a folder that is deleted afterwards.
/// </summary>
internal sealed class StartupMeasurement
{
    /// <summary>How it is called.</summary>
    public const string Usage = "  startup [RUNS]   process start to first result, 20 runs unless said otherwise";

    private const double TargetMilliseconds = 250;
    private const int UsualRuns = 20;
    private const int Width = 512;

    private readonly string _folder;

    private StartupMeasurement(string folder) => _folder = folder;

    /// <summary>Publishes, measures and prints.</summary>
    /// <param name="args">The number of runs, or nothing.</param>
    /// <returns>0 when the median is under 250 ms, 1 when it is not or the tool failed, 2 for a wrong argument.</returns>
    public static int Run(IReadOnlyList<string> args)
    {
        var runs = UsualRuns;
        if (args.Count > 1 || args.Count == 1 && (!int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out runs)
            || runs < 1))
        {
            Console.Error.WriteLine($"startup takes the number of runs, got '{string.Join(' ', args)}'");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("crossmodal-startup");
        try
        {
            return new StartupMeasurement(folder.FullName).Measure(runs);
        }
        catch (InvalidOperationException failed)
        {
            Console.Error.WriteLine(failed.Message);
            return 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private int Measure(int runs)
    {
        var tool = Path.Combine(_folder, "tool");
        Start("publish", Path.Combine(Root(), "src", "CrossModal.Cli"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o",
            tool);
        var dll = Path.Combine(tool, "CrossModal.Cli.dll");
        var (words, patches) = (Features("words.npy", 16), Features("patches.npy", 196));
        var (checkpoint, fused) = (Path.Combine(_folder, "network.safetensors"), Path.Combine(_folder, "fused.npz"));
        string[] fuse = [dll, "fuse", "--strategy", "cross-attention", "--language", words, "--vision", patches, "--out", fused];
        Start([.. fuse, "--layers", "4", "--heads", "8", "--save-checkpoint", checkpoint]);

        Report("crossmodal --version", Times(runs, dll, "--version"));
        var median = Report("crossmodal fuse", Times(runs, [.. fuse, "--checkpoint", checkpoint]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"target {TargetMilliseconds:f0} ms: {(median < TargetMilliseconds ? "held" : "missed")}"));
        return median < TargetMilliseconds ? 0 : 1;
    }

    /// <summary>Wall-clock milliseconds of each run, sorted. One more run goes first, so that the files are in memory.</summary>
    private static double[] Times(int runs, params string[] arguments)
    {
        Start(arguments);
        var times = new double[runs];
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Start(arguments);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }

    private static double Report(string what, double[] sorted)
    {
        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-22} median {At(0.5):f0} ms, best {At(0):f0}, quartiles {At(0.25):f0} to {At(0.75):f0}, {sorted.Length} runs"));
        return At(0.5);
    }

    private static void Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}{errors.Result}");
    }

    private string Features(string name, int tokens)
    {
        var path = Path.Combine(_folder, name);
        Npy.Write(path, Tensor.Normal([tokens, Width], new RandomSource(1, (ulong)tokens)).ToStored());
        return path;
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CrossModal.slnx"))) return folder.FullName;
        throw new InvalidOperationException("the repository is not around the benchmarks: run them from a clone");
    }
}
