using System.Globalization;
using CrossModal.Benchmarks.Cases;
using CrossModal.Benchmarks.Comparison;

namespace CrossModal.Benchmarks.Reporting;

/// <summary>Tables of a comparison with other engines.</summary>
internal sealed class PeerTables
{
    private const string None = "–";
    private readonly Run _run;
    private readonly List<Outcome> _outcomes;
    private readonly int[] _threads;
    private readonly string _suffix;

    /// <summary>Judges everything a run holds.</summary>
    public PeerTables(Run run)
    {
        _run = run;
        _suffix = VectorSuffix.Of(run.Configuration.Machine);
        _threads = [.. run.CalibratorBest.Keys.Order()];
        _outcomes = [.. Plan.Make(Plan.Groups, [], _threads).Measures.Select(m =>
            Outcome.Of(m, run.Samples, run.CalibratorBest.GetValueOrDefault(m.Threads, double.PositiveInfinity)))];
    }

    /// <summary>
    /// Rows by the table's name, which ends with the width of the vectors; tables of which nothing was measured are left out.
    /// </summary>
    public IEnumerable<(string Name, IReadOnlyList<string[]> Rows)> All() => Tables().Select(table => (table.Name + _suffix, table.Rows));

    private IEnumerable<(string Name, IReadOnlyList<string[]> Rows)> Tables() =>
        (((string Name, IReadOnlyList<string[]> Rows)[])
        [
            ("summary", Rows("layers", o => [o.Measure.Name, Speed(o.BestOrdinary), Ratio(Ours(o, "auto")), Ratio(Ours(o, "cached")),
                Against(o)], _threads.FirstOrDefault())),
            ("layers", Rows("layers", o =>
            [
                Case(o), Peer(o.BestOrdinary), Micro(Absorbed(o)),
                    .. new[] { "ord", "abs", "auto", "cached" }.Select(kind => Speed(Ours(o, kind))), Against(o),
            ])),
            ("networks", Rows("net4", o => [Case(o), Peer(o.BestOrdinary), Micro(Absorbed(o)), Speed(Ours(o, "net4"))])),
            ("products", Rows("gemm", o => [Case(o), Rate(o, Ours(o, "gemm")),
                o.BestOrdinary is { } best ? $"{Rate(o, best)} ({best.Entry.Label})" : None, Ratio(Ours(o, "gemm")), Share(o)])),
            ("policies", Rows("policy", o => [Case(o), Peer(o.BestOrdinary), Speed(Ours(o, "policy"))])),
            ("training", Rows("train", o => [Number(o.Measure.Threads, "F0"), Samples(o.BestOrdinary), Samples(Ours(o, "train")),
                Ratio(Ours(o, "train"))])),
            ("long", Rows("long", o =>
            [
                Number(o.Measure.Threads, "F0"), .. new[] { LongInput.Drawn, 65_536 }.Select(count => Token(o, count)),
                    Figure($"memory:65536/{o.Measure.Threads}", "F1"),
            ])),
            ("errors", [.. LayerShape.Layers.Select(l => (string[])
                [l.Name, .. new[] { "ord", "auto" }.SelectMany(kind =>
                    _threads.Take(1).Select(t => Figure($"error:{kind}:{l.Name}/{t}", "E1"))),
                    .. _threads.Take(1).Select(t => Figure($"alloc:auto:{l.Name}/{t}", "F0"))])
                .Where(row => row.Skip(1).Any(cell => cell != None))]),
            ("roofline", [.. Floors()]),
        ]).Where(table => table.Rows.Count > 0);

    private List<string[]> Rows(string group, Func<Outcome, string[]> row, int? threads = null) =>
        [.. _outcomes.Where(o => o.Measure.Group == group && o.Entries.Count > 0 && (threads ?? o.Measure.Threads) == o.Measure.Threads)
            .Select(row)];

    /// <summary>Floors beside what was reached.</summary>
    private IEnumerable<string[]> Floors()
    {
        foreach (var outcome in _outcomes.Where(o => o.Measure.Group is "layers" or "net4"))
        {
            foreach (var kind in outcome.Measure.Group == "layers" ? (string[])["auto", "cached"] : ["net4"])
            {
                if (Ours(outcome, kind) is not { } ours) continue;
                var shape = LayerShape.Named(outcome.Measure.Name);
                var floor = kind == "net4" ? Roofline.Network(shape) : Roofline.Layer(shape, kind == "cached");
                var least = floor.Nanoseconds(outcome.Measure.Threads, _run.Peak.GetValueOrDefault(1, double.NaN));
                yield return
                [
                    Case(outcome), $"`{kind}`", Number(floor.Flops / 1e6, "F0"), Number(floor.Bytes / 1e6, "F1"), Number(least / 1e3, "F0"),
                        Micro(ours),
                    Number(floor.Flops / ours.Times.Median, "F0"), Percent(least / ours.Times.Median),
                ];
            }
        }
    }

    private static string Case(Outcome outcome) => $"{outcome.Measure.Name}, {outcome.Measure.Threads}";

    private static EntryOutcome? Ours(Outcome outcome, string kind) =>
        outcome.Entries.FirstOrDefault(e => e.Entry.Role == Role.Ours && e.Entry.Case.StartsWith(kind + ":", StringComparison.Ordinal));

    private static EntryOutcome? Absorbed(Outcome outcome) => outcome.Entries.FirstOrDefault(e => e.Entry.Role == Role.Absorbed);

    private static string Peer(EntryOutcome? entry) => entry is null ? None : $"{Micro(entry)} ({entry.Entry.Label})";

    private static string Micro(EntryOutcome? entry) =>
        entry is null ? None : Number(entry.Times.Median / 1e3, "F0") + (entry.Kept.Disturbed ? " ~" : "");

    private static string Ratio(EntryOutcome? entry) => entry?.Ratio is { } ratio ? $"{Number(ratio, "F2")}×" : None;

    private static string Speed(EntryOutcome? entry) =>
        entry is null ? None : entry.Entry.Role == Role.Ours ? $"{Micro(entry)} ({Ratio(entry)})" : $"{Micro(entry)} µs";

    private static string Against(Outcome outcome) =>
        outcome.Goals.FirstOrDefault(g => g.Goal.Against == Comparison.Against.BestAbsorbed) is { } goal ? $"{Number(goal.Ratio, "F2")}×"
            : None;

    private static string Share(Outcome outcome) =>
        outcome.Goals.FirstOrDefault(g => g.Goal.Against == Comparison.Against.Peak) is { } goal ? Percent(goal.Ratio) : None;

    private static string Rate(Outcome outcome, EntryOutcome? entry) =>
        entry is null ? None : Number(outcome.Measure.Flops / entry.Times.Median, "F0");

    private static string Samples(EntryOutcome? entry) => entry is null ? None : Number(64e9 / entry.Times.Median, "F0");

    private static string Token(Outcome outcome, int count) =>
        outcome.Entries.FirstOrDefault(e => e.Entry.Case == $"long:{count}") is { } entry ? Number(entry.Times.Median / count, "F0") : None;

    private string Figure(string key, string format) => _run.Figures.TryGetValue(key, out var value) ? Number(value, format) : None;

    private static string Percent(double share) => Number(100 * share, "F0") + " %";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
