namespace CrossModal.Benchmarks.Comparison;

/// <summary>What came of one entry.</summary>
/// <param name="Entry">Who.</param>
/// <param name="Kept">The samples that count.</param>
/// <param name="Times">Their times, nanoseconds.</param>
/// <param name="Best">The shortest single time among them, nanoseconds.</param>
/// <param name="Ratio">How many times as fast as the best ordinary peer: its median over this one; null without a peer.</param>
/// <param name="Paired">The same ratio within single rounds.</param>
internal sealed record EntryOutcome(Entry Entry, Kept Kept, Spread Times, double Best, double? Ratio, Spread? Paired);

/// <summary>What came of one goal.</summary>
/// <param name="Goal">The goal.</param>
/// <param name="Ours">Our entry.</param>
/// <param name="Other">Whom it was compared with, in words.</param>
/// <param name="Ratio">The ratio of medians.</param>
/// <param name="Paired">The ratio within single rounds, or single samples.</param>
internal sealed record GoalOutcome(Goal Goal, Entry Ours, string Other, double Ratio, Spread? Paired)
{
    /// <summary>Whether the goal is reached; null when none is set.</summary>
    public bool? Reached => Goal.AtLeast is { } least ? Ratio >= least : null;
}

/// <summary>What came of one measure.</summary>
/// <param name="Measure">What was measured.</param>
/// <param name="Entries">Those that have samples, in the order of the plan.</param>
/// <param name="BestOrdinary">The fastest ordinary peer, or null.</param>
/// <param name="Goals">Goals that could be judged.</param>
internal sealed record Outcome(Measure Measure, IReadOnlyList<EntryOutcome> Entries, EntryOutcome? BestOrdinary,
    IReadOnlyList<GoalOutcome> Goals)
{
    /// <summary>Judges the samples of a measure.</summary>
    /// <param name="measure">What was measured.</param>
    /// <param name="samples">All samples of the run.</param>
    /// <param name="calibratorBest">The calibrator's best on as many threads, nanoseconds.</param>
    public static Outcome Of(Measure measure, IEnumerable<Sample> samples, double calibratorBest)
    {
        var byEntry = samples.Where(s => s.Measure == measure.Key).ToLookup(s => s.Entry);
        List<EntryOutcome> entries = [];
        foreach (var entry in measure.Entries)
        {
            var kept = Kept.Choose(byEntry[entry.Key], calibratorBest);
            if (kept.Times is { } times) entries.Add(new(entry, kept, times, kept.Samples.Min(s => s.Best), null, null));
        }

        var best = Fastest(entries, Role.Ordinary);
        if (best is not null)
        {
            entries = entries.ConvertAll(e => e with
            {
                Ratio = best.Times.Median / e.Times.Median,
                Paired = Kept.PairedRatios(best.Kept, e.Kept)
            });
            best = Fastest(entries, Role.Ordinary);
        }

        return new(measure, entries, best, [.. measure.Goals.Select(g => Judge(g, measure, entries, best,
            calibratorBest)).OfType<GoalOutcome>()]);
    }

    private static GoalOutcome? Judge(Goal goal, Measure measure, List<EntryOutcome> entries, EntryOutcome? bestOrdinary,
        double calibratorBest)
    {
        if (entries.Find(e => e.Entry.Key == goal.Entry) is not { } ours) return null;
        if (goal.Against == Against.Peak)
        {
            // FLOP/s of the sample over the calibrator's at its best. More than all of it means that the peak was never seen: no share
            // then.
            var shares = ours.Kept.Samples.Select(s => measure.Flops / s.Median * calibratorBest / (measure.Threads * Calibrator.Flops));
            return Spread.Of(shares) is { Median: <= 1 } share ? new(goal, ours.Entry, "the multiply-add peak", share.Median, share) : null;
        }

        var other = goal.Against switch
        {
            Against.BestOrdinary => bestOrdinary,
            Against.BestAbsorbed => Fastest(entries, Role.Absorbed),
            _ => entries.Find(e => e.Entry.Key == goal.Named),
        };
        if (other is null) return null;
        var paired = Kept.PairedRatios(other.Kept, ours.Kept);
        return new(goal, ours.Entry, other.Entry.Label, goal.Scale * other.Times.Median / ours.Times.Median,
            paired is null ? null : paired with
            {
                Low = goal.Scale * paired.Low,
                Median = goal.Scale * paired.Median,
                High = goal.Scale * paired.High
            });
    }

    private static EntryOutcome? Fastest(List<EntryOutcome> entries, Role role) =>
        entries.Where(e => e.Entry.Role == role).MinBy(e => e.Times.Median);
}
