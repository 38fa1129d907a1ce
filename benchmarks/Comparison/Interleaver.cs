namespace CrossModal.Benchmarks.Comparison;

/// <summary>Visits everything in turn, round after round: a slow minute of a shared machine hits all engines alike.</summary>
internal sealed class Interleaver(Plan plan, Peers peers, Calibrator calibrator, Run run, Progress progress)
{
    private const int Tries = 4;
    private const int FewestRepetitions = 3;
    private const int MostRepetitions = 200;
    private const double SampleNanoseconds = 40e6;

    // Threads that still spin after a peer's answer would disturb the next. Doubled with every try: what disturbs may last.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(40);

    /// <summary>Measures what our engine is asked alone, unless the run has it already.</summary>
    public void MeasureFigures(CancellationToken stop)
    {
        foreach (var figure in plan.Figures.Where(f => !run.Figures.ContainsKey(f.Key)))
        {
            if (stop.IsCancellationRequested) return;
            progress.Print($"{figure.Title}, {figure.Threads} thread(s)");
            if (peers.Ask(figure) is { } value) run.Figures[figure.Key] = value;
        }
    }

    /// <summary>Rounds until the run has as many as asked for, or is stopped; <paramref name="completed"/> is called after each.</summary>
    public void MeasureRounds(int rounds, Action completed, CancellationToken stop)
    {
        if (run.Rounds >= rounds) return;
        var repetitions = Prepare(stop);
        progress.Start((rounds - run.Rounds) * repetitions.Count);
        for (var round = run.Rounds; round < rounds; round++)
        {
            // There and back, so that nobody always follows the same neighbour.
            var order = round % 2 == 0 ? repetitions.AsEnumerable() : repetitions.AsEnumerable().Reverse();
            foreach (var (measure, entry, count) in order)
            {
                if (stop.IsCancellationRequested) return;
                progress.Step($"round {round + 1} of {rounds}: {measure.Name} on {measure.Threads}, {entry.Label}");
                Take(round, measure, entry, count, stop);
            }

            run.Rounds = round + 1;
            completed();
            var latest = run.Samples.Where(s => s.Round == round).ToList();
            progress.Line($"round {round + 1} of {rounds}: {latest.Count(s => !calibrator.Disturbed(s.Disturbance, s.Threads))} of {latest.Count} samples undisturbed");
        }
    }

    private void Take(int round, Measure measure, Entry entry, int count, CancellationToken stop)
    {
        for (var tried = 1; tried <= Tries && !stop.IsCancellationRequested; tried++)
        {
            Thread.Sleep(Settling * (1 << (tried - 1)));
            var before = calibrator.Sample(measure.Threads);

            // Not worth asking; but every round is to have a sample, so the last time it is asked anyway.
            if (calibrator.Disturbed(before, measure.Threads) && tried < Tries) continue;
            if (peers.Ask(measure, entry, count) is not { } times) return;
            Thread.Sleep(Settling);
            var after = calibrator.Sample(measure.Threads);
            var sample = new Sample(round, measure.Threads, measure.Key, entry.Key, before, after, Spread.MedianOf(times), times.Min(),
                times.Length)
            {
                Waited = peers.Waited,
            };
            run.Samples.Add(sample);
            if (!calibrator.Disturbed(sample.Disturbance, measure.Threads)) return;
        }
    }

    /// <summary>Has every peer prepare every case, and finds how many repetitions make a sample.</summary>
    private List<(Measure Measure, Entry Entry, int Repetitions)> Prepare(CancellationToken stop)
    {
        var prepared = new List<(Measure, Entry, int)>();
        progress.Start(plan.Measures.Sum(m => m.Entries.Count));
        foreach (var measure in plan.Measures)
        {
            foreach (var entry in measure.Entries)
            {
                if (stop.IsCancellationRequested) return prepared;
                progress.Step($"preparing {measure.Name} on {measure.Threads}, {entry.Label}");
                if (peers.Ask(measure, entry, FewestRepetitions) is { } times)
                    prepared.Add((measure, entry, Math.Clamp((int)(SampleNanoseconds / Math.Max(1, times.Min())), FewestRepetitions,
                        MostRepetitions)));
            }
        }

        return prepared;
    }
}
