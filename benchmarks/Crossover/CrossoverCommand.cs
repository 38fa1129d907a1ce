using System.Globalization;
using CrossModal.Engine.Kernels;
using CrossModal.Inference;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Crossover;

/// <summary>Holds the cost model of the inference session against the clock.</summary>
internal static class CrossoverCommand
{
    /// <summary>The pairs whose crossing is looked for: the one that is faster with few words first.</summary>
    public static IReadOnlyList<(string Name, Association Faster, Association Slower)> Pairs { get; } =
    [
        ("keys", Association.Keys, Association.Ordinary), ("keys and values", Association.KeysAndValues, Association.Ordinary),
    ];

    /// <summary>Measures, prints, and keeps what was asked to be kept.</summary>
    public static int Run(CrossoverArguments arguments)
    {
        using var workers = new Workers(arguments.Threads);
        var measurement = new CrossoverMeasurement(workers);
        measurement.WarmUp();
        Console.WriteLine($"{Machine.Line}; {arguments.Threads} thread(s); one layer, d {CrossoverPoint.Width}, {CrossoverPoint.Heads} heads");
        Console.WriteLine("Best times in microseconds. Ratios to the ordinary path, measured (predicted). Loss: the choice's time over " +
            "the fastest's.");
        var points = new List<CrossoverPoint>();
        foreach (var visuals in arguments.Visuals)
        {
            var measured = measurement.Measure(visuals);
            points.AddRange(measured);
            foreach (var sweep in measured.GroupBy(p => p.InstructionStays).Select(g => g.ToList()))
            {
                Console.WriteLine($"\n{visuals} visual tokens, instruction {(sweep[0].InstructionStays ? "set once" : "in every frame")}");
                Console.WriteLine($"{"words",6}{"ordinary",10}{"keys",10}{"both",10}{"keys",16}{"both",16}  {"chosen",-14}{"loss",6}");
                foreach (var point in sweep) Console.WriteLine(Line(point));
                foreach (var (name, faster, slower) in Pairs)
                    Console.WriteLine($"  {name} pay up to {Words(sweep, p => p.Measured, faster, slower)} words, predicted {Words(sweep, p => p.Predicted, faster, slower)}");
            }
        }

        if (arguments.Json is { } file) new CrossoverRun(Machine.Line, arguments.Threads, points).Save(file);
        return 0;
    }

    /// <summary>A crossing in words for tables.</summary>
    public static string Words(
        IReadOnlyList<CrossoverPoint> sweep, Func<CrossoverPoint, IReadOnlyList<double>> ratios, Association faster, Association slower) =>
        CrossoverPoint.Crossing(sweep, ratios, faster, slower) is { } words ? words.ToString("F0", CultureInfo.InvariantCulture)
        : ratios(sweep[^1])[(int)faster] >= ratios(sweep[^1])[(int)slower] ? $"> {sweep[^1].Words}"
        : $"< {sweep[0].Words}";

    private static string Line(CrossoverPoint p) => string.Create(CultureInfo.InvariantCulture,
        $"{p.Words,6}{p.Microseconds[0],10:F0}{p.Microseconds[1],10:F0}{p.Microseconds[2],10:F0}{p.Measured[1],8:F2} ({p.Predicted[1]:F2}){p.Measured[2],9:F2} ({p.Predicted[2]:F2})  {p.Chosen,-14}{p.Loss,6:F2}");
}
