using System.Globalization;
using CrossModal.Benchmarks.Widths;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>The table of a measurement of both widths of vectors.</summary>
internal static class WidthTables
{
    /// <summary>Rows by the table's name: times of both widths, the floor, what a call is above it, and the ratios.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string[]> Rows)> All(WidthsRun run)
    {
        yield return ("widths", [.. run.Rows.Select(row => (string[])
            [$"`{row.Name}`", Number(row.Narrow), Number(row.Wide), Number(row.Floor), Number(row.Wide - row.Floor),
                Number(row.Wide / row.Floor) + "×", Number(row.Ratio) + "×"])]);
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) < 100 ? "F2" : "F0", CultureInfo.InvariantCulture);
}
