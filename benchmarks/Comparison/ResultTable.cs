using System.Globalization;

namespace CrossModal.Benchmarks.Comparison;

/// <summary>Prints outcomes.</summary>
internal static class ResultTable
{
    /// <summary>What the columns mean.</summary>
    public const string HowToRead =
        "Times in microseconds: median over the rounds, quartiles, the best single time. Kept: rounds that count, of all. Ratio: how " +
            "many times as fast as the\n"
        + "best ordinary peer (marked *), of medians; in brackets the quartiles of that ratio within single rounds. Under 1.1 is a tie " +
            "on a shared machine.";

    /// <summary>Warns of thread counts on which the calibrator never reached full speed.</summary>
    public static IEnumerable<string> SharedCores(IReadOnlyDictionary<int, double> calibratorBest)
    {
        var full = calibratorBest.Values.DefaultIfEmpty().Min();
        return from best in calibratorBest
               where best.Value > Kept.Tolerance * full
               select Text($"On {best.Key} threads at once the multiply-add job never ran faster than {best.Value / full:F2} times its best: the processors shared cores throughout.");
    }

    /// <summary>One measure: a line an entry, then the goals that are not against the best ordinary peer.</summary>
    public static IEnumerable<string> Lines(Outcome outcome)
    {
        var measure = outcome.Measure;
        yield return $"{measure.Title}; {measure.Threads} thread{(measure.Threads == 1 ? "" : "s")}";
        if (outcome.Entries.Count == 0)
        {
            yield return "  nothing could be measured";
            yield break;
        }

        yield return $"  {"",-18}{"median",10}{"quartiles",20}{"best",10}{"kept",8}{(measure.Flops > 0 ? $"{"GFLOP/s",9}" : "")}{"ratio",8}{"by round",16}  goal";
        foreach (var entry in outcome.Entries) yield return Line(outcome, entry);
        foreach (var goal in outcome.Goals.Where(g => g.Goal.Against != Against.BestOrdinary))
        {
            var verdict = goal.Goal.AtLeast is { } least ? Text($"; goal {least:F2}: {Verdict(goal)}") : "";
            yield return goal.Goal.Against == Against.Peak
                ? Text($"  {goal.Ours.Label}: {goal.Ratio:P0} of {goal.Other}{verdict}")
                : Text($"  {goal.Ours.Label}: {goal.Ratio:F2}x{Between(goal.Paired)} {(goal.Goal.Scale == 1 ? "as fast as" : "in speed a token of")} {goal.Other}{verdict}");
        }

        if (outcome.Entries.Any(e => e.Kept.Disturbed))
            yield return "  (~) too few undisturbed samples; the least disturbed half of the rounds counts instead: take the ratio by " +
                "round, not the times";
    }

    /// <summary>Our figures beside their limits.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<Figure> figures, IReadOnlyDictionary<string, double> values)
    {
        foreach (var figure in figures)
        {
            var what = $"{figure.Title}, {figure.Threads} thread{(figure.Threads == 1 ? "" : "s")}";
            yield return values.TryGetValue(figure.Key, out var value)
                ? Text($"  {what,-80}{value,11:G3} {figure.Unit,-6} at most {figure.AtMost:G3}: {(value <= figure.AtMost ? "reached" : "NOT reached")}")
                : $"  {what,-80}{"–",11}";
        }
    }

    private static string Line(Outcome outcome, EntryOutcome entry)
    {
        var (times, kept) = (entry.Times, entry.Kept);
        var star = entry == outcome.BestOrdinary ? "*" : " ";
        var rate = outcome.Measure.Flops > 0 ? Text($"{outcome.Measure.Flops / times.Median,9:F1}") : "";
        var ratio = entry.Ratio is { } r ? Text($"{r,8:F2}") : $"{"",8}";
        var goal = outcome.Goals.FirstOrDefault(g =>
            g.Ours == entry.Entry && g.Goal is { Against: Against.BestOrdinary, AtLeast: not null });
        return Text($" {star}{entry.Entry.Label,-18}{times.Median / 1e3,10:F1}{$"{Micro(times.Low)} – {Micro(times.High)}",20}{entry.Best / 1e3,10:F1}")
            + $"{$"{(kept.Disturbed ? "~" : "")}{kept.Samples.Count}/{kept.Rounds.Count}",8}{rate}{ratio}{Between(entry.Paired),16}"
            + (goal is null ? "" : Text($"  {goal.Goal.AtLeast:F2}: {Verdict(goal)}"));
    }

    private static string Verdict(GoalOutcome goal) => goal.Reached == true ? "reached" : "NOT reached";

    private static string Micro(double nanoseconds) => Text($"{nanoseconds / 1e3:F1}");

    private static string Between(Spread? paired) => paired is null ? "" : Text($" ({paired.Low:F2} – {paired.High:F2})");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
