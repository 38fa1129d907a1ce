using System.Globalization;
using CrossModal.Benchmarks.Crossover;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>Tables of a measurement of the crossover.</summary>
internal static class CrossoverTables
{
    private static readonly int[] WordsShown = [4, 8, 16, 32, 48, 64, 96];

    /// <summary>Rows by the table's name.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string[]> Rows)> All(CrossoverRun run)
    {
        var (sweeps, suffix) = (run.Sweeps.ToList(), VectorSuffix.Of(run.Machine));
        yield return ("crossings" + suffix, sweeps.ConvertAll(Crossings));
        yield return ("crossover" + suffix, [.. sweeps.SelectMany(s => s).Where(p => WordsShown.Contains(p.Words)).Select(Point)]);
    }

    private static string[] Crossings(IReadOnlyList<CrossoverPoint> sweep)
    {
        var pairs = CrossoverCommand.Pairs.SelectMany(pair => new[]
        {
            CrossoverCommand.Words(sweep, p => p.Predicted, pair.Faster, pair.Slower),
                CrossoverCommand.Words(sweep, p => p.Measured, pair.Faster, pair.Slower),
        });
        return [Number(sweep[0].Visuals, "F0"), How(sweep[0]), .. pairs, Number(sweep.Max(p => p.Loss), "F2")];
    }

    private static string[] Point(CrossoverPoint p) =>
    [
        Number(p.Visuals, "F0"), How(p), Number(p.Words, "F0"), .. p.Microseconds.Select(t => Number(t, "F0")),
        $"{Number(p.Predicted[1], "F2")} / {Number(p.Measured[1], "F2")}",
            $"{Number(p.Predicted[2], "F2")} / {Number(p.Measured[2], "F2")}", Number(p.Loss, "F2"),
    ];

    private static string How(CrossoverPoint point) => point.InstructionStays ? "`cached`" : "`auto`";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
