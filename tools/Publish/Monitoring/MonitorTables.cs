using System.Globalization;
using CrossModal.Reports;
using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Publish.Monitoring;

/// <summary>Tables, values and the chart of the page on the monitor, from what was measured.</summary>
/// <param name="cells">One cell a policy.</param>
/// <param name="times">Times of a step.</param>
/// <param name="settings">Settings of the published detectors.</param>
internal sealed class MonitorTables(IReadOnlyList<MonitorCell> cells, IReadOnlyList<MonitorTime> times,
    IReadOnlyList<SettingArea> settings)
{
    private const string Monitor = "monitor";
    private const double Sigmas = 1.96;
    private static readonly string[] Shown = [Monitor, "SAFE-MLP", "SAFE-LSTM", "cosine k-NN", "direction reversal"];

    private IReadOnlyList<string> Detectors => [.. cells.SelectMany(c => c.Areas).Select(a => a.Detector).Distinct()
        .OrderBy(d => !d.StartsWith(Monitor, StringComparison.Ordinal))];

    /// <summary>The rows of a table by its name; null when there is none of that name.</summary>
    public IReadOnlyList<string[]>? Table(string name) => name switch
    {
        "monitor-areas" => [.. Detectors.Select(d => (string[])
            [d, Text(d, true, "0.25"), Text(d, true, "0.5"), Text(d, true, "1"), Text(d, false, "0.5"), Text(d, true, "s0.5")])],
        "monitor-conditions" => [.. Detectors.Select(d => (string[])[d, .. Conditions.Select(c => Text(d, true, "0.5", c))])],
        "monitor-policies" => [.. cells.GroupBy(c => c.Row).OrderBy(g => g.Key, StringComparer.Ordinal)
            .SelectMany(g => g.Select((cell, run) => Policy(cell, g.Count() > 1 ? $"{cell.Row}, {run + 1}" : cell.Row)))],
        "monitor-settings" => [.. settings.GroupBy(s => (s.Detector, s.Setting)).Select(g => (string[])
            [g.Key.Detector, g.Key.Setting, .. settings.Select(s => s.Policy).Distinct()
                .Select(policy => g.FirstOrDefault(s => s.Policy == policy) is { } one ? Number(one.Area, "0.000") : "–"),
                Number(g.Average(s => s.Area), "0.000")])],
        "monitor-stops" => [.. cells.SelectMany(c => c.Stops).GroupBy(s => (s.Unseen, s.Own, s.Alpha)).OrderBy(g => g.Key)
            .Select(g => Stops([.. g]))],
        "monitor-guidance" => [.. cells.Where(c => c.Guidance.Count > 0).GroupBy(c => c.Row).OrderBy(g => g.Key, StringComparer.Ordinal)
            .SelectMany(g => GuidanceStudy.Splits.Select(s => Guided([.. g], s.Name)))],
        "monitor-time" => [.. times.Select(t => (string[])[t.Row, t.Camera, Number(t.Plain, "0.0000"), Number(t.Monitored, "0.0000"),
            More(t.Ratio), More(t.EffectRatio), Number(t.Bytes, "0"), Number(t.Compared, "0.0000"),
            Number(t.ComparedBytes, "0")])],
        _ => null,
    };

    /// <summary>A value by its name; null when there is none of that name.</summary>
    public string? Value(string name) => name switch
    {
        "monitor policies" => Number(cells.Count, "0"),
        "monitor episodes" => Number(cells.Sum(c => c.Rollouts.Sum(r => r.Episodes)), "#,0"),
        "monitor seeds" => Number(cells.Count == 0 ? 0 : cells.Max(c => c.Seeds), "0"),
        "monitor each" => string.Join(", ", cells.Select(c => Number(c.Episodes, "0")).Distinct()),
        "monitor unseen half" => Text(Monitor, true, "0.5"),
        "monitor without effect half" => Text(MonitorStudy.WithoutEffect, true, "0.5"),
        "monitor effect every" => Number(Experiments.Monitoring.MonitorFitting.EffectEvery, "0"),
        "monitor best baseline" => Baselines.Count == 0 ? "–" : Baselines[0],
        "monitor best baseline half" => Baselines.Count == 0 ? "–" : Text(Baselines[0], true, "0.5"),
        "monitor fresh" => Number(cells.Sum(c => c.Stops.Where(s => s is { Unseen: false, Seed: 0, Alpha: 0.1 }).Sum(s => s.Successes)),
            "#,0"),
        "monitor rows" => Number(cells.Select(c => c.Row).Distinct().Count(), "0"),
        "monitor settings" => Number(settings.Select(s => (s.Detector, s.Setting)).Distinct().Count(), "0"),
        "monitor machine" => times.Count == 0 ? "–" : times[0].Where,
        _ => null,
    };

    /// <summary>Areas of every detector on unseen tasks.</summary>
    public IDrawing Chart(Func<string, string> say) => new DotPlot(
        [new DotPanel(say("unseen tasks, a quarter of the time")) { Shares = false, Text = Short, Levels = [(0.5, "0.5")] },
            new DotPanel(say("unseen tasks, half of the time")) { Shares = false, Text = Short, Levels = [(0.9, "0.9")] }],
        [.. Detectors.Select(d => new DotRow(say(d), Dots(d, "0.25"), Dots(d, "0.5")))]);

    private static string Short(double value) => Number(value, "0.00");

    private Dot[] Dots(string detector, string time) => Mean(detector, true, time) is var (area, half)
        ? [new Dot(new Interval(area, area - half, area + half))] : [];

    private static IReadOnlyList<string> Conditions { get; } =
        [.. Experiments.Monitoring.RolloutCondition.All.Select(c => c.Name)];

    /// <summary>The published detectors and those that learn nothing, the best first.</summary>
    private List<string> Baselines => [.. Detectors.Where(d => !d.StartsWith(Monitor, StringComparison.Ordinal))
        .OrderByDescending(d => Mean(d, true, "0.5")?.Area ?? 0)];

    /// <summary>Mean over policies and tasks, and half of its 95 % interval over episodes.</summary>
    private (double Area, double Half)? Mean(string detector, bool unseen, string time, string condition = MonitorStudy.Any) =>
        Mean(cells.SelectMany(c => c.Areas), detector, unseen, time, condition);

    private static (double Area, double Half)? Mean(IEnumerable<DetectionArea> of, string detector, bool unseen, string time,
        string condition = MonitorStudy.Any)
    {
        var areas = of.Where(a => a.Detector == detector && a.Unseen == unseen && a.Time == time && a.Condition == condition).ToList();

        // A task that was seen was seen by three detectors, whose areas on it are not independent: their spreads add up.
        var groups = unseen ? areas.Select(a => a.Spread * a.Spread).Sum()
            : Math.Pow(areas.Sum(a => a.Spread), 2) / Math.Max(1, areas.Count / 3);
        return areas.Count == 0 ? null : (areas.Average(a => a.Area), Sigmas * Math.Sqrt(groups) / areas.Count);
    }

    private string Text(string detector, bool unseen, string time, string condition = MonitorStudy.Any) =>
        Text(Mean(detector, unseen, time, condition));

    private static string Text((double Area, double Half)? mean) => mean is not var (area, half) ? "–"
        : $"{Number(area, "0.000")} [{Number(area - half, "0.000")}, {Number(Math.Min(1, area + half), "0.000")}]";

    private string[] Policy(MonitorCell cell, string name)
    {
        var plain = cell.Rollouts.Where(r => r.Condition == "plain").ToList();
        return
        [
            name, .. plain.Select(r => Number(100.0 * r.Successes / r.Episodes, "0") + " %"),
            .. Shown.Select(d => Text(Mean(cell.Areas, d, true, "0.5"))),
        ];
    }

    private static string[] Stops(List<StopCount> group)
    {
        // Seeds share their episodes: the interval is over the episodes of one.
        var (first, seeds) = (group[0], group.Select(s => s.Seed).Distinct().Count());
        var (successes, failures) = (group.Sum(s => s.Successes) / seeds, group.Sum(s => s.Failures) / seeds);
        return
        [
            !first.Unseen ? "seen" : first.Own == 0 ? "not seen" : $"not seen, {first.Own} of its own", Number(first.Alpha, "0.00"),
            Number(successes, "#,0"), Percent(group.Sum(s => s.FalseStops) / (double)seeds, successes), Number(failures, "#,0"),
            Percent(group.Sum(s => s.Stopped) / (double)seeds, failures),
            Number(100 * group.Sum(s => s.MeanTime * s.Stopped) / Math.Max(1, group.Sum(s => s.Stopped)), "0") + " %",
        ];
    }

    private static string Percent(double count, int of)
    {
        var interval = WilsonInterval.Of((int)Math.Round(count), of);
        return $"{Number(100 * interval.Rate, "0.0")} % [{Number(100 * interval.Lower, "0.0")}, {Number(100 * interval.Upper, "0.0")}]";
    }

    private static string[] Guided(MonitorCell[] runs, string split)
    {
        return [runs[0].Row, split, Number(runs.Length, "0"), .. GuidanceStudy.Strengths.Select(strength =>
        {
            var counts = runs.Select(c => c.Guidance.Where(g => g.Strength == strength && g.Split == split).ToList()).ToList();
            return new Experiments.Analysis.Share([.. counts.Select(c => (c.Sum(g => g.Successes), c.Sum(g => g.Episodes)))]).ToString();
        })];
    }

    private static string More(double ratio) => Number(Math.Round(100 * (ratio - 1), 1) + 0.0, "+0.0;−0.0;0.0") + " %";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
