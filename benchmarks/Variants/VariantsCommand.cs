using System.Globalization;
using CrossModal.Engine.Kernels;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Variants;

/// <summary>Measures from how many visual tokens attention variants pay.</summary>
internal static class VariantsCommand
{
    private const int WarmUpVisuals = 256;
    private const int WarmUps = 12;

    /// <summary>Measures, prints, and keeps what was asked to be kept.</summary>
    public static int Run(VariantsArguments arguments)
    {
        using var workers = new Workers(arguments.Threads);
        var measurement = new VariantsMeasurement(workers);
        foreach (var own in (bool[])[false, true])
            for (var i = 0; i < WarmUps; i++) measurement.Measure(WarmUpVisuals, own);
        Console.WriteLine($"{Machine.Line}; {arguments.Threads} thread(s); between projections, d {VariantsMeasurement.Width}, {VariantsMeasurement.Heads} heads");
        var points = new List<VariantPoint>();
        foreach (var own in (bool[])[false, true])
        {
            Console.WriteLine($"\n{(own ? "patches attend to patches" : $"{VariantsMeasurement.Words} words attend to patches")}: microseconds of full attention, and how many times as fast each variant is");
            Console.WriteLine($"{"Nv",8}{"full",14}{string.Concat(VariantsMeasurement.Variants.Select(v => $"{v,10}"))}");
            foreach (var visuals in arguments.Visuals)
            {
                var measured = measurement.Measure(visuals, own);
                points.AddRange(measured);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{visuals,8}{measured[0].Microseconds,14:F0}")
                    + string.Concat(measured.Skip(1).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Speedup,10:F2}"))));
            }

            var sweeps = new VariantsRun("", arguments.Threads, points).Sweeps(own).Skip(1);
            Console.WriteLine($"{"pays from",22}{string.Concat(sweeps.Select(s => $"{Pays(s),10}"))}");
        }

        if (arguments.Json is { } file) new VariantsRun(Machine.Line, arguments.Threads, points).Save(file);
        return 0;
    }

    /// <summary>From where a variant pays, for tables.</summary>
    public static string Pays(IReadOnlyList<VariantPoint> sweep) =>
        VariantPoint.PaysFrom(sweep) is not { } from ? $"> {sweep[^1].Visuals}"
        : from <= sweep[0].Visuals ? $"≤ {sweep[0].Visuals}"
        : from.ToString("F0", CultureInfo.InvariantCulture);
}
