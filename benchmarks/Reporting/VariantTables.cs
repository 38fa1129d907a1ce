using System.Globalization;
using CrossModal.Benchmarks.Variants;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>Tables of a measurement of attention variants.</summary>
internal static class VariantTables
{
    /// <summary>Rows by the table's name: a variant, its speed against full attention by number of visual tokens, and from where it
    /// pays.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string[]> Rows)> All(VariantsRun run)
    {
        foreach (var (name, own) in new[] { ("variants-words", false), ("variants-patches", true) })
            yield return (name, [.. run.Sweeps(own).Select(Row)]);
    }

    private static string[] Row(IReadOnlyList<VariantPoint> sweep) => sweep[0].Variant == VariantPoint.Full
        ? ["`full`", .. sweep.Select(p => Time(p.Microseconds)), ""]
        : [$"`{sweep[0].Variant}`", .. sweep.Select(p => Number(p.Speedup, p.Speedup < 100 ? "F2" : "F0")), VariantsCommand.Pays(sweep)];

    private static string Time(double microseconds) => microseconds < 1000 ? $"{Number(microseconds, "F0")} µs"
        : microseconds < 1e6 ? $"{Number(microseconds / 1000, "F1")} ms" : $"{Number(microseconds / 1e6, "F1")} s";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
