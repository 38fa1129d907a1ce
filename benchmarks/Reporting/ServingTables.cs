using System.Globalization;
using CrossModal.Benchmarks.Serving;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>Tables of a measurement of the policy server.</summary>
internal static class ServingTables
{
    // A load of ten minutes has a table of its own beside that of a minute.
    private const int TenMinutes = 600;

    /// <summary>Rows by the table's name; what was not measured has none.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string[]> Rows)> All(ServingRun run)
    {
        if (run.Steady is { } s)
            yield return (s.Seconds < TenMinutes ? "serving-steady" : "serving-long",
                [[Number(s.Clients), Number(s.Rate), Number(s.Seconds), Number(s.Answered), Number(s.Failed),
                    Milliseconds(s.Median), Milliseconds(s.P99), Milliseconds(s.Largest), $"{s.MemoryStart:F0} → {s.MemoryEnd:F0} MB"]]);
        if (run.Curve.Count > 0)
            yield return ("serving-curve", [.. run.Curve.Select(p => (string[])
                [Number(p.Clients), p.Batched.ToString("F0", CultureInfo.InvariantCulture),
                    p.Single.ToString("F0", CultureInfo.InvariantCulture),
                    $"{(p.Batched / p.Single).ToString("F2", CultureInfo.InvariantCulture)}×", Milliseconds(p.BatchedP99),
                        Milliseconds(p.SingleP99)])]);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
