using System.Globalization;
using CrossModal.Cli.Hosting;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using Spectre.Console;

namespace CrossModal.Cli.Comparisons;

/// <summary>Shows a comparison at work: a table that redraws itself where someone watches, else a line for every finished cell and a sign of life.</summary>
internal static class ComparisonDisplay
{
    /// <summary>Runs work that reports to a watcher, and shows it.</summary>
    public static T Run<T>(Terminal terminal, Func<IComparisonWatcher, T> work)
    {
        if (!terminal.IsInteractive) return work(new Lines(terminal.Output));
        return terminal.Console.Live(new Text("")).AutoClear(true).Start(live => work(new LiveTable(live, terminal)));
    }

    /// <summary>A finished cell in a line.</summary>
    internal static string Finished(PlannedCell cell, CellResult result, ComparisonState state)
    {
        var seconds = result.Timing.TrainingSeconds + result.Timing.EvaluationSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"  {state.Finished,3}/{state.Planned}  {ComparisonCollection.Describe(cell)}: {Outcome(result)}, {Clock(TimeSpan.FromSeconds(seconds))}; {Clock(state.Left)} left");
    }

    private static string Outcome(CellResult result)
    {
        if (result.Diverged is { } why) return why;
        var plain = result.Tests.Where(t => t.Control == Tabletop.Learning.PolicyControl.None && t.Split == "S0").ToArray();
        if (plain.Length == 0) return string.Create(CultureInfo.InvariantCulture, $"validation {result.Learning[^1].Successes}/{result.Learning[^1].Episodes}");
        var unseen = result.Tests.Where(t => t.Control == Tabletop.Learning.PolicyControl.None && t.Split == "Z1").ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"S0 {Share(plain):0.0} %") + (unseen.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", Z1 {Share(unseen):0.0} %"));
    }

    private static double Share(TestRecord[] tests) => 100.0 * tests.Sum(t => t.Successes) / tests.Sum(t => t.Episodes);

    private static string Success(CellStatus? status) => status is { Episodes: > 0 } ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * status.Successes / status.Episodes:0} % of {status.Episodes}") : "";

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:D2} h")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:D2} min");

    private sealed class Lines(TextWriter output) : IComparisonWatcher
    {
        private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);
        private long _last = System.Diagnostics.Stopwatch.GetTimestamp();

        public void Changed(ComparisonState state)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(_last) < Quiet) return;
            var running = state.Running.Select(r => string.Create(CultureInfo.InvariantCulture,
                $"{r.Cell.Place.Variant} seed {r.Cell.Configuration.Recipe.Seed} {r.Status?.Phase.ToString().ToLowerInvariant()} {100 * (r.Status?.Share ?? 0):0} % {Success(r.Status)}").TrimEnd());
            Write($"  {state.Finished,3}/{state.Planned}  {string.Join("; ", running)}; {Clock(state.Left)} left");
        }

        public void Finished(PlannedCell cell, CellResult result, ComparisonState state) => Write(ComparisonDisplay.Finished(cell, result, state));

        private void Write(string line)
        {
            _last = System.Diagnostics.Stopwatch.GetTimestamp();
            output.WriteLine(line);
            output.Flush();
        }
    }

    private sealed class LiveTable(LiveDisplayContext live, Terminal terminal) : IComparisonWatcher
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
        private readonly Queue<string> _finished = [];
        private long _last;

        public void Changed(ComparisonState state)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(_last) >= Patience) Draw(state);
        }

        public void Finished(PlannedCell cell, CellResult result, ComparisonState state)
        {
            _finished.Enqueue(ComparisonDisplay.Finished(cell, result, state));
            if (_finished.Count > 8) _finished.Dequeue();
            Draw(state);
        }

        private void Draw(ComparisonState state)
        {
            _last = System.Diagnostics.Stopwatch.GetTimestamp();
            var table = new Table().Border(TableBorder.Simple).Title(string.Create(CultureInfo.InvariantCulture, $"{state.Finished} of {state.Planned} cells, about {Clock(state.Left)} left"));
            foreach (var column in (string[])["strategy", "seed", "run", "phase", "done", "loss", "success so far"]) table.AddColumn(column);
            foreach (var (cell, status) in state.Running)
            {
                var setting = cell.Place.Setting.Length == 0 ? "" : $" ({cell.Place.Setting})";
                table.AddRow(Markup.Escape(cell.Place.Variant + setting), $"{cell.Configuration.Recipe.Seed}", cell.Place.Role.ToString().ToLowerInvariant(), status?.Phase.ToString().ToLowerInvariant() ?? "",
                    string.Create(CultureInfo.InvariantCulture, $"{100 * (status?.Share ?? 0):0} %"), status?.Loss?.ToString("0.####", CultureInfo.InvariantCulture) ?? "", Success(status));
            }

            live.UpdateTarget(new Rows([.. _finished.Select(line => new Text(line.Length > terminal.Columns ? line[..terminal.Columns] : line)), table]));
        }
    }
}
