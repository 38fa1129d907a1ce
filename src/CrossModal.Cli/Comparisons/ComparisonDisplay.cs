using System.Globalization;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using Spectre.Console;

namespace CrossModal.Cli.Comparisons;

/// <summary>Shows a comparison at work: a table that redraws itself where someone watches, else a line for every finished cell and a sign
/// of life.</summary>
internal static class ComparisonDisplay
{
    /// <summary>Runs work that reports to a watcher, and shows it.</summary>
    public static T Run<T>(Terminal terminal, Func<IComparisonWatcher, T> work, ToolLanguage language = ToolLanguage.English)
    {
        if (!terminal.IsInteractive) return work(new Lines(terminal.Output, new ComparisonTexts(language)));
        return terminal.Console.Live(new Text("")).AutoClear(true).Start(live =>
            work(new LiveTable(live, terminal, new ComparisonTexts(language))));
    }

    /// <summary>A finished cell in a line.</summary>
    internal static string Finished(PlannedCell cell, CellResult result, ComparisonState state,
        ToolLanguage language = ToolLanguage.English)
    {
        var texts = new ComparisonTexts(language);
        var seconds = result.Timing.TrainingSeconds + result.Timing.EvaluationSeconds;
        return texts.Cell(state.Finished, state.Planned, ComparisonCollection.Describe(cell), Outcome(result, texts),
            texts.Clock(TimeSpan.FromSeconds(seconds)), texts.Clock(state.Left));
    }

    private static string Outcome(CellResult result, ComparisonTexts texts)
    {
        if (result.Diverged is { } why) return why;
        var plain = result.Tests.Where(t => t.Control == Tabletop.Learning.PolicyControl.None && t.Split == "S0").ToArray();
        if (plain.Length == 0) return texts.Validation(result.Learning[^1].Successes, result.Learning[^1].Episodes);
        var unseen = result.Tests.Where(t => t.Control == Tabletop.Learning.PolicyControl.None && t.Split == "Z1").ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"S0 {Share(plain):0.0} %")
            + (unseen.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", Z1 {Share(unseen):0.0} %"));
    }

    private static double Share(TestRecord[] tests) => 100.0 * tests.Sum(t => t.Successes) / tests.Sum(t => t.Episodes);

    private static string Success(CellStatus? status, ComparisonTexts texts) => status is { Episodes: > 0 }
        ? texts.SuccessSoFar(100.0 * status.Successes / status.Episodes, status.Episodes) : "";

    private sealed class Lines(TextWriter output, ComparisonTexts texts) : IComparisonWatcher
    {
        private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(60);
        private long _last = System.Diagnostics.Stopwatch.GetTimestamp();

        public void Changed(ComparisonState state)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(_last) < Quiet) return;
            var running = state.Running.Select(r => texts.Running(r.Cell.Place.Variant, r.Cell.Configuration.Recipe.Seed,
                r.Status?.Phase.ToString().ToLowerInvariant(),
                r.Status?.Share ?? 0, Success(r.Status, texts)).TrimEnd());
            Write(texts.Progress(state.Finished, state.Planned, string.Join("; ", running), texts.Clock(state.Left)));
        }

        public void Finished(PlannedCell cell, CellResult result, ComparisonState state) =>
            Write(ComparisonDisplay.Finished(cell, result, state, texts.Language));

        private void Write(string line)
        {
            _last = System.Diagnostics.Stopwatch.GetTimestamp();
            output.WriteLine(line);
            output.Flush();
        }
    }

    private sealed class LiveTable(LiveDisplayContext live, Terminal terminal, ComparisonTexts texts) : IComparisonWatcher
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
            _finished.Enqueue(ComparisonDisplay.Finished(cell, result, state, texts.Language));
            if (_finished.Count > 8) _finished.Dequeue();
            Draw(state);
        }

        private void Draw(ComparisonState state)
        {
            _last = System.Diagnostics.Stopwatch.GetTimestamp();
            var table = new Table().Border(TableBorder.Simple).Title(texts.Title(state.Finished, state.Planned, texts.Clock(state.Left)));
            foreach (var column in texts.Columns) table.AddColumn(column);
            foreach (var (cell, status) in state.Running)
            {
                var setting = cell.Place.Setting.Length == 0 ? "" : $" ({cell.Place.Setting})";
                table.AddRow(Markup.Escape(cell.Place.Variant + setting), $"{cell.Configuration.Recipe.Seed}",
                    cell.Place.Role.ToString().ToLowerInvariant(), status?.Phase.ToString().ToLowerInvariant() ?? "",
                    string.Create(CultureInfo.InvariantCulture, $"{100 * (status?.Share ?? 0):0} %"),
                        status?.Loss?.ToString("0.####", CultureInfo.InvariantCulture) ?? "", Success(status, texts));
            }

            live.UpdateTarget(new Rows([.. _finished.Select(line => new Text(line.Length > terminal.Columns ? line[..terminal.Columns]
                : line)), table]));
        }
    }
}
