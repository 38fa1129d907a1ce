using System.Globalization;
using CrossModal.Engine.Kernels;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Policies;

/// <summary>Measures control steps.</summary>
internal static class PolicyCommand
{
    /// <summary>Measures and prints.</summary>
    public static int Run(PolicyArguments arguments)
    {
        using var workers = new Workers(arguments.Threads);
        Console.WriteLine($"{Machine.Line}; {arguments.Threads} thread(s); {arguments.Width}×{arguments.Height} pictures into 64×64, medians of {arguments.Rounds} rounds, microseconds");
        Console.WriteLine($"{"strategy",-28}{"picture, plain",15}{"eager",9}{"picture",9}{"compiled",10}{"faster",8}{"MFLOP",8}{"floor",8}{"of floor",10}");
        var rows = new List<PolicyRow>();
        foreach (var strategy in arguments.Strategies)
        {
            var measurement = new PolicyMeasurement(strategy, arguments, workers);
            var t = measurement.Measure(arguments.Rounds);
            rows.Add(new PolicyRow(strategy, t));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{strategy,-28}{t.PlainPreprocessing,15:F0}{t.Eager,9:F0}{t.Preprocessing,9:F0}{t.Compiled,10:F0}{t.Speedup,7:F1}×{t.Flops / 1e6,8:F1}{t.Floor / arguments.Threads,8:F0}{arguments.Threads * t.Compiled / t.Floor,9:F2}×"));
            if (arguments.Strategies.Count == 1) Console.WriteLine($"\n{measurement.Explain()}");
        }

        if (arguments.Json is { } file) new PolicyRun(Machine.Line, Machine.Vectors, arguments.Threads, rows).Save(file);
        return 0;
    }
}
