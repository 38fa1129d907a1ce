using System.Globalization;
using CrossModal.Benchmarks.Policies;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>Tables of measurements of control steps, one for each width of vectors.</summary>
internal static class PolicyTables
{
    /// <summary>Rows by the table's name: every strategy of every measurement, and the first strategy of each as a summary.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string[]> Rows)> All(IReadOnlyList<PolicyRun> runs)
    {
        yield return ("policy", [.. runs.SelectMany(run => run.Rows.Select(row => Row(run, row)))]);
        yield return ("policy-parts", [.. runs.SelectMany(run => run.Rows.Select(row => Parts(run, row)))]);
        yield return ("policy-summary", [.. runs.Select(run => Summary(run, run.Rows[0].Times))]);
    }

    private static string[] Row(PolicyRun run, PolicyRow row)
    {
        var t = row.Times;
        return
        [
            $"`{row.Strategy}`, {run.Vectors}, {run.Threads}", Number(t.PlainPreprocessing, "F0"), Number(t.Eager, "F0"),
                Number(t.Preprocessing, "F0"), Number(t.Compiled, "F0"),
            $"{Number(t.Speedup, "F1")}×", Number(t.Flops / 1e6, "F1"), Number(t.Floor / run.Threads, "F0"),
                $"{Number(run.Threads * t.Compiled / t.Floor, "F2")}×",
        ];
    }

    private static string[] Parts(PolicyRun run, PolicyRow row) =>
        [$"`{row.Strategy}`, {run.Vectors}, {run.Threads}",
            .. ((double[])[row.Times.Preprocessing, row.Times.Vision, row.Times.Fusion, row.Times.Head]).Select(t => Number(t, "F0"))];

    private static string[] Summary(PolicyRun run, StepTimes t) =>
        [run.Vectors, Number((t.Preprocessing + t.Compiled) / 1000, "F2"), $"{Number(t.Speedup, "F1")}×",
            $"{Number(t.Compiled / t.Floor * run.Threads, "F1")}×"];

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
