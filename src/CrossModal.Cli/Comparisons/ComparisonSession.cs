using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Engine.Formats;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Reports;

namespace CrossModal.Cli.Comparisons;

/// <summary>One session of a comparison: shows the plan, or works on it and writes what is known.</summary>
internal sealed class ComparisonSession(CommandContext context, ComparisonPlan plan, string folder, IReadOnlyList<string> groups)
{
    private const string PageName = "report.html";

    private const string ResultsLease = "results";
    private const int MostSubmitted = 64;

    private readonly ComparisonTexts _texts = new(context.Language);
    private readonly WorkerTexts _workers = new(context.Language);
    private CellStore _store = new(folder);

    /// <summary>Names of rows, strategies or settings; all when empty.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Cells side by side; 0 for one on each core.</summary>
    public int Workers { get; init; }

    /// <summary>When to stop; null for no limit.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Whether others may work on the same folder, from this machine or from others.</summary>
    public bool IsShared { get; init; }

    /// <summary>How long whoever works on a cell may give no sign of life.</summary>
    public required TimeSpan Silence
    {
        get;
        init => _store = new CellStore(folder, field = value);
    }

    private int Threads => Workers > 0 ? Workers : IsShared ? 1 : Environment.ProcessorCount;

    private string PagePath => Path.Combine(folder, PageName);

    // Results of many workers are those of one: the command is the same too.
    private string Command => context.CommandLineWithout("--worker");

    /// <summary>Prints the plan.</summary>
    public int List()
    {
        var run = Prepare(null);
        CheckNames();
        var (cells, finished, left) = (run.Cells(), 0, 0.0);
        var rows = new JsonArray();
        foreach (var cell in cells)
        {
            var result = cell.Key is null ? null : run.Find(cell.Key);
            var seconds = result is null ? run.Estimate(cell) : result.Timing.TrainingSeconds + result.Timing.EvaluationSeconds;
            var state = result is not null ? "finished" : cell.Key is not null && _store.Begun(cell.Key) is not null ? "begun"
                : "missing";
            if (result is null) left += seconds;
            else finished++;
            context.Print(_texts.State(state, seconds / 60, ComparisonCollection.Describe(cell)));
            rows.Add((JsonNode)new JsonObject
            {
                ["cell"] = ComparisonCollection.Describe(cell),
                ["key"] = cell.Key,
                ["state"] = state,
                ["seconds"] = CommandContext.Number(Math.Round(seconds, 1))
            });
        }

        context.Print(_texts.Plan(finished, cells.Count, left / 60 / Threads, Threads, plan.Protocol.Name, folder));
        context.Result["protocol"] = ProtocolJson.NodeOf(plan.Protocol);
        context.Result["cells"] = rows;
        context.Result["minutesLeft"] = CommandContext.Number(Math.Round(left / 60 / Threads, 1));
        return ExitCodes.Success;
    }

    /// <summary>Prints who works on what.</summary>
    public int Status() => new ComparisonStatus(context, Prepare(null), _store, Silence).Print();

    /// <summary>Writes the file that makes a cluster start workers.</summary>
    /// <param name="cluster">One of <see cref="Submission.Clusters"/>.</param>
    public int Submit(string cluster)
    {
        CheckNames();
        var run = Prepare(null);
        var missing = run.Cells().Count(cell => cell.Key is null || run.Find(cell.Key) is null);
        var workers = Workers > 0 ? Workers : Math.Clamp(missing, 1, MostSubmitted);
        var submission = Submission.For(cluster, [.. context.ArgumentsWithout("--submit", "--workers", "--json"), "--worker"], workers,
            folder);
        var path = Path.Combine(folder, submission.Name);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(submission.Text)));
        var start = $"{submission.Start} {CommandContext.Shell([path])}";
        context.Print(_workers.Submission(path, start));
        context.Result["path"] = path;
        context.Result["workers"] = workers;
        context.Result["start"] = start;
        return ExitCodes.Success;
    }

    /// <summary>Runs what is missing and writes the results.</summary>
    /// <param name="held">The comparison's folder.</param>
    public int Run(RunFolder held)
    {
        CheckNames();
        held.Claim();
        foreach (var cell in Packed()) _store.Save(cell, null);
        var asked = Asked();
        var started = Stopwatch.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        if (Budget is { } budget) stop.CancelAfter(budget);
        context.Print(IsShared ? _workers.Joined(Threads, folder) : _texts.Began(groups, plan.Protocol.Name, Threads, folder));
        var run = ComparisonDisplay.Run(context.Terminal, watcher =>
        {
            var run = Prepare(watcher);
            // A timer may be late; a budget that is over by now begins no cell.
            if (Stopwatch.GetElapsedTime(started) >= Budget) stop.Cancel();
            run.Run(stop.Token);
            return run;
        }, context.Language);
        if (IsShared && stop.IsCancellationRequested)
        {
            context.Stop.ThrowIfCancellationRequested();
            context.Print(_workers.Left);
            return ExitCodes.Success;
        }

        // Of many workers one writes the results, and times rows while the others wait.
        using var lease = IsShared ? _store.Leases.Hold(ResultsLease, context.Stop) : null;
        _store.RemoveRemains();
        var results = ComparisonCollection.Collect(plan, run, asked, Command, Machine.Line, Stopwatch.GetElapsedTime(started).TotalSeconds);
        if (IsShared && IsWritten(results)) context.Print(_workers.Written(PagePath));
        else Conclude(results, stop.IsCancellationRequested);
        lease?.Finish();
        return ExitCodes.Success;
    }

    /// <summary>Times every row, writes the results and says what is left.</summary>
    private void Conclude(ComparisonResults results, bool timeIsUp)
    {
        // Done or out of time, nothing runs any more; who pressed Ctrl+C does not want to wait, now or while rows are timed.
        if (!context.Stop.IsCancellationRequested) results = Timed(results);
        Write(results);
        context.Stop.ThrowIfCancellationRequested();
        context.Print(results.Missing.Count == 0 ? _texts.Finished(PagePath)
            : timeIsUp ? _texts.TimeIsUp(results.Missing.Count)
            : _texts.CannotRun(results.Missing.Count, results.Missing[0], PagePath));
    }

    private ComparisonResults Timed(ComparisonResults results)
    {
        context.Print(_texts.Timing);
        try
        {
            return results with { Speeds = ComparisonCollection.Speeds(results, context.Stop) };
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            return results;
        }
    }

    /// <summary>Whether the file of results holds the same cells already.</summary>
    private bool IsWritten(ComparisonResults results)
    {
        var path = Path.Combine(folder, ComparisonFile.ResultsName);
        if (!File.Exists(path)) return false;
        var written = ComparisonFile.ReadResults(path);
        return written.Missing.SequenceEqual(results.Missing) && written.Groups is { } of && of.SequenceEqual(results.Groups!)
            && Cells(written).SequenceEqual(Cells(results));

        static IEnumerable<(CellPlace, string)> Cells(ComparisonResults of) => of.Cells.Select(c => (c.Place, c.Result.Key));
    }

    /// <summary>Groups asked for now and in the sessions before, which the results in the folder name.</summary>
    /// <exception cref="UsageException">The results have rows of strategies that are not there now: they would be lost from the
    /// page.</exception>
    private IReadOnlyList<string> Asked()
    {
        if (ComparisonFile.Find(folder) is not { } path) return groups;
        var before = ComparisonFile.ReadResults(path);
        string[] gone = [.. before.Cells.Select(c => c.Result.Configuration.Policy.Strategy).Distinct().Except(FusionStrategies.Names)];
        if (gone.Length > 0)
            throw new UsageException(
            $"{path}: has rows of {string.Join(", ", gone)}, which the library does not have; give --with the .dll, or choose another folder with --out");
        return [.. (before.Groups ?? before.Cells.Select(c => c.Place.Group)).Union(groups)];
    }

    /// <summary>The cells of published results that are packed in one file; none where cells lie in the folder.</summary>
    private IEnumerable<CellResult> Packed() =>
        !_store.HasCells && ComparisonFile.Find(folder) is { } path && Path.GetFileName(path) == ComparisonFile.PackedName
        ? ComparisonFile.ReadResults(path).Cells.Select(c => c.Result).DistinctBy(c => c.Key)
        : [];

    private ComparisonRun Prepare(IComparisonWatcher? watcher) =>
        new(plan, _store)
        {
            Groups = groups,
            Only = Chosen,
            Workers = Threads,
            Machine = IsShared ? $"{Machine.Line}, {Environment.MachineName}" : Machine.Line,
            Watcher = watcher,
            Known = [.. Packed()]
        };

    private void CheckNames()
    {
        var known = new ComparisonRun(plan, _store) { Groups = groups }.Cells().SelectMany(Names).Where(name => name.Length > 0).Distinct()
            .ToArray();
        foreach (var name in Only)
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                throw new UsageException($"--only: {Choice.Unknown(name, known)}");
    }

    // A student and its teacher were asked for by a flag of their own, and no setting of an ablation begins before its learning rate is
    // chosen.
    private bool Chosen(PlannedCell cell) => Only.Count == 0 || cell.Place.Group == ComparisonGroups.Distillation
        || cell.Place is { Role: CellRole.Sweep, Group: not ComparisonGroups.Strategies }
            || Names(cell).Any(name => Only.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static string[] Names(PlannedCell cell) => [cell.Place.Variant, cell.Configuration.Policy.Strategy, cell.Place.Setting];

    private void Write(ComparisonResults results)
    {
        ComparisonFile.WriteResults(Path.Combine(folder, ComparisonFile.ResultsName), results);
        ComparisonCsv.WriteTests(Path.Combine(folder, "tests.csv"), results);
        ComparisonCsv.WriteLearning(Path.Combine(folder, "learning.csv"), results);
        if (results.Cells.Any(c => c.Place.Role == CellRole.Final))
            new ComparisonReport(new Results(results), _store.FindFilms, context.Language).Build().Save(PagePath);
        context.Result["protocol"] = results.Protocol;
        context.Result["cells"] = results.Finished;
        context.Result["missing"] = new JsonArray([.. results.Missing.Select(m => (JsonNode)m)]);
        context.Result["diverged"] = new JsonArray([.. results.Cells.Where(c => c.Result.Diverged is not null)
            .Select(c => (JsonNode)$"{ComparisonCollection.Describe(c)}: {c.Result.Diverged}")]);
        context.Result["results"] = Path.Combine(folder, ComparisonFile.ResultsName);
        context.Result["wallSeconds"] = CommandContext.Number(results.WallSeconds);
    }
}
