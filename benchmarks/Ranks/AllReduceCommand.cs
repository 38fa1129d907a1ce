using System.Diagnostics;
using System.Globalization;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;
using CrossModal.Training;

namespace CrossModal.Benchmarks.Ranks;

/// <summary>Measures the exchange of gradients among ranks on this machine.</summary>
internal static class AllReduceCommand
{
    private const int Steps = 60;
    private const int Warm = 20;
    private static readonly (string Name, string Layers)[] Transports = [("memory", "self,vader"), ("tcp", "self,tcp")];

    /// <summary>Measures and prints.</summary>
    public static int Run(AllReduceArguments arguments)
    {
        var step = Step();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Machine.Line}; a training step of {step.Parameters} parameters and {step.Samples} samples takes {step.Milliseconds:F1} ms on one thread"));
        Console.WriteLine($"{"transport",10}{"ranks",7}{"numbers",10}{"µs",12}");
        var points = new List<AllReducePoint>();
        foreach (var (name, layers) in Transports)
        {
            foreach (var ranks in arguments.Ranks)
            {
                foreach (var point in Measure(name, layers, ranks, arguments.Seconds))
                {
                    points.Add(point);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{point.Transport,10}{point.Ranks,7}{point.Numbers,10}{point.Microseconds,12:F1}"));
                }
            }
        }

        if (arguments.Json is { } file) new AllReduceRun(Machine.Line, step, points).Save(file);
        return 0;
    }

    private static List<AllReducePoint> Measure(string transport, string layers, int ranks, int seconds)
    {
        var start = new ProcessStartInfo("mpirun",
        [
            "-q", "-n", ranks.ToString(CultureInfo.InvariantCulture), "--oversubscribe", "--allow-run-as-root", "--bind-to", "none",
            "--mca", "pml", "ob1", "--mca", "btl", layers, "--mca", "btl_tcp_if_include", "lo", "--mca", "oob_tcp_if_include", "lo",
            "--mca", "btl_vader_single_copy_mechanism", "none", "--mca", "plm", "isolated", Environment.ProcessPath!,
        ])
        { RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(AllReduceCommand).Assembly.Location);
        start.ArgumentList.Add(AllReduceRank.Name);
        start.ArgumentList.Add((seconds / 6.0).ToString(CultureInfo.InvariantCulture));
        using var process = Process.Start(start) ?? throw new UsageException("mpirun does not start");
        var points = new List<AllReducePoint>();
        while (process.StandardOutput.ReadLine() is { } line)
            if (line.Split(' ') is [var numbers, var time] && int.TryParse(numbers, CultureInfo.InvariantCulture, out var size))
                points.Add(new AllReducePoint(transport, ranks, size, double.Parse(time, CultureInfo.InvariantCulture)));
        process.WaitForExit();
        return process.ExitCode == 0 ? points : throw new UsageException($"mpirun ended with exit code {process.ExitCode}");
    }

    /// <summary>A step of the policy that <c>train</c> makes unless told otherwise.</summary>
    private static StepTime Step()
    {
        var recipe = new TabletopRecipe { Steps = Steps, Tasks = ["pick"] };
        var source = new TabletopLossSource(TabletopLossSource.Describe("cross-attention", new FusionOptions(64, 4, 4), recipe), recipe);
        var times = new StepTimes();
        new PolicyTrainer(source) { Shards = 1 }.Run(times);
        return new StepTime((int)source.Policy.Policy.ParameterCount, recipe.Scenes * recipe.Instructions, times.Median);
    }

    private sealed class StepTimes : ITrainingProgress
    {
        private readonly List<double> _times = [];
        private long _last;

        public double Median => _times.Skip(Warm).Order().ElementAt((_times.Count - Warm) / 2);

        public void Started(int firstStep, int steps) => _last = Stopwatch.GetTimestamp();

        public void Stepped(TrainingReport report)
        {
            _times.Add(Stopwatch.GetElapsedTime(_last).TotalMilliseconds);
            _last = Stopwatch.GetTimestamp();
        }

        public void Saved(Checkpoint checkpoint)
        {
        }

        public void Ended(TrainingSummary summary)
        {
        }
    }
}
