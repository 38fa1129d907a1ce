using System.Globalization;
using CrossModal.Reports;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>Draws speeds as bars, a panel for each thread count: how many times as fast as the best ordinary peer each engine is.</summary>
internal static class SpeedChart
{
    private static readonly string[] Charted = ["layers", "net4", "train"];

    private static readonly (string Name, int Style, Func<Outcome, EntryOutcome?> Bar)[] Series =
    [
        ("best ordinary peer", 6, o => o.BestOrdinary),
        ("ONNX Runtime, absorbed", 4, o => Find(o, e => e.Role == Role.Absorbed)),
        ("ours, ordinary", 5, o => Ours(o, "ord")),
        ("ours, per frame", 0, o => Ours(o, "auto") ?? Ours(o, "train")),
        ("ours, instruction set", 2, o => Ours(o, "cached") ?? Ours(o, "net4")),
    ];

    /// <summary>The chart of layers, networks and training; what has no ordinary peer is left out.</summary>
    public static GroupedBars Of(IReadOnlyList<Outcome> outcomes, Configuration configuration) => new(
        "How many times as fast as the best ordinary peer",
        [.. Series.Select(s => (s.Name, s.Style))],
        [.. outcomes.Where(o => o.BestOrdinary is not null && Charted.Contains(o.Measure.Group)).GroupBy(o => o.Measure.Threads)
            .Select(panel => new BarPanel($"{panel.Key} thread{(panel.Key == 1 ? "" : "s")}",
                [.. panel.Select(o => new BarGroup(Label(o.Measure), [.. Bars(o)]))]))])
    {
        Level = 1,
        Notes = ["Beside each bar: the ratio, and the median time of one call. Longer is faster.", configuration.Machine],
    };

    private static string Label(Measure measure) => measure.Group switch
    {
        "layers" => $"layer {measure.Name}",
        "net4" => $"4 × {measure.Name}",
        _ => "training",
    };

    private static IEnumerable<GroupedBar> Bars(Outcome outcome)
    {
        foreach (var (i, series) in Series.Index())
            if (series.Bar(outcome) is { Ratio: { } ratio } bar) yield return new GroupedBar(i, ratio, Text(bar, ratio));
    }

    private static string Text(EntryOutcome bar, double ratio)
    {
        var time = bar.Times.Median < 1e6 ? Invariant($"{bar.Times.Median / 1e3:F0} µs") : Invariant($"{bar.Times.Median / 1e6:F2} ms");
        return Invariant($"{ratio:F2}×  {time}{(bar.Kept.Disturbed ? " ~" : "")}");
    }

    private static EntryOutcome? Ours(Outcome outcome, string kind) =>
        Find(outcome, e => e.Role == Role.Ours && e.Case.StartsWith(kind + ":", StringComparison.Ordinal));

    private static EntryOutcome? Find(Outcome outcome, Func<Entry, bool> which) => outcome.Entries.FirstOrDefault(e => which(e.Entry));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
