using System.Diagnostics;
using System.Runtime.ExceptionServices;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Leases;

namespace CrossModal.Experiments.Plans;

/// <summary>Works through the cells of a plan side by side, one thread each.</summary>
/// <remarks>No cell knows of the others that run beside it: the number of workers, here and in other processes that share the folder, changes
/// nothing but the time. A comparison that is stopped or killed goes on where it was.</remarks>
/// <param name="plan">What is compared.</param>
/// <param name="store">Where results are kept.</param>
internal sealed class ComparisonRun(ComparisonPlan plan, CellStore store)
{
    private static readonly TimeSpan LocalPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ReportPause = TimeSpan.FromMilliseconds(200);
    private readonly object _gate = new();
    private readonly Dictionary<string, CellResult> _finished = [];
    private readonly Dictionary<string, RunningCell> _running = [];
    private readonly ComparisonEstimate _estimate = new();
    private Exception? _failure;
    private long _reported;

    /// <summary>Groups to run.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [ComparisonGroups.Strategies];

    /// <summary>Which of their cells.</summary>
    public Func<PlannedCell, bool> Only { get; init; } = _ => true;

    /// <summary>Finished cells that do not lie in the store.</summary>
    public IReadOnlyList<CellResult> Known { get; init; } = [];

    /// <summary>Cells side by side.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>The machine, for the record.</summary>
    public string Machine { get; init; } = "";

    /// <summary>Who watches.</summary>
    public IComparisonWatcher? Watcher { get; init; }

    /// <summary>The cells of the groups, each key once, as far as they are known.</summary>
    public IReadOnlyList<PlannedCell> Cells() =>
        [.. plan.Cells(Groups, Find).Where(Only).DistinctBy(cell => cell.Key ?? $"{cell.Place} {cell.Configuration.Recipe}")];

    /// <summary>A finished cell, or null.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">Its file is damaged; the message names it.</exception>
    public CellResult? Find(string key)
    {
        lock (_gate)
        {
            if (_finished.TryGetValue(key, out var known)) return known;
            if ((store.Find(key) ?? Known.FirstOrDefault(c => c.Key == key)) is not { } found) return null;
            _estimate.Learn(found);
            return _finished[key] = found;
        }
    }

    /// <summary>Estimated seconds that a cell takes on one thread, or has to go.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="status">What it does at the moment; null when it is not begun.</param>
    public double Estimate(PlannedCell cell, CellStatus? status = null)
    {
        ArgumentNullException.ThrowIfNull(cell);
        lock (_gate)
        {
            var whole = _estimate.Of(cell.Configuration);
            return status is null or { Phase: CellPhase.Teacher or CellPhase.Pretraining } ? whole
                : whole * (1 - status.Share * (status.Phase == CellPhase.Testing ? 1 : 0.6));
        }
    }

    /// <summary>Runs until every cell is finished or it is asked to stop.</summary>
    /// <param name="cancellation">Stops all cells after the step they are at; what is done so far is kept.</param>
    /// <returns>Whether every cell is finished.</returns>
    /// <exception cref="Engine.Formats.FileFormatException">A file is damaged; the message names it.</exception>
    /// <exception cref="IOException">A file cannot be written; the message names it.</exception>
    public bool Run(CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var threads = Enumerable.Range(0, Math.Max(1, Workers))
            .Select(i => new Thread(() => Work(stop)) { IsBackground = true, Name = $"cell worker {i + 1}" }).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
        return Cells().All(cell => cell.Key is not null && Find(cell.Key) is not null);
    }

    private void Work(CancellationTokenSource stop)
    {
        var runner = new CellRunner(store) { Machine = Machine };
        try
        {
            while (Next(stop.Token) is var (cell, lease)) Work(runner, cell, lease, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            lock (_gate) _failure ??= error;
            stop.Cancel();
        }
        finally
        {
            lock (_gate) Monitor.PulseAll(_gate);
        }
    }

    private void Work(CellRunner runner, PlannedCell cell, CellLease lease, CancellationToken stop)
    {
        CellResult? result = null;
        try
        {
            // Whatever is tested may be a row of the table, one that a sweep has run included.
            result = runner.Run(cell.Configuration, cell.Configuration.Evaluation.Tests.Count > 0, status => Report(cell, status), stop,
                lease);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Another worker goes on with it.
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(cell.Key!);
                if (result is not null)
                {
                    _finished[result.Key] = result;
                    _estimate.Learn(result);
                    Watcher?.Finished(cell, result, State());
                }

                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The next cell to run; waits while none is free but those under way, here or elsewhere, may make some known or be given back;
    /// null when there is nothing left to do.</summary>
    private (PlannedCell Cell, CellLease Lease)? Next(CancellationToken stop)
    {
        lock (_gate)
        {
            while (!stop.IsCancellationRequested)
            {
                var elsewhere = false;
                foreach (var cell in Cells().Where(c => c.Key is { } key && !_running.ContainsKey(key) && Find(key) is null))
                {
                    if (store.Leases.Take(cell.Key!) is not { } lease) elsewhere = true;
                    else if (Find(cell.Key!) is null)
                    {
                        _running[cell.Key!] = new RunningCell(cell, null);
                        return (cell, lease);
                    }
                    else
                    {
                        // It was finished between the two looks.
                        lease.Finish();
                    }
                }

                if (_running.Count == 0 && !elsewhere) return null;
                Monitor.Wait(_gate, elsewhere ? store.Leases.Pause : LocalPause);
            }

            return null;
        }
    }

    private void Report(PlannedCell cell, CellStatus status)
    {
        lock (_gate)
        {
            var (before, now) = (_running[cell.Key!].Status, Stopwatch.GetTimestamp());
            _running[cell.Key!] = new RunningCell(cell, status);

            // How far the whole is takes a look at the folder, which may be a file server's.
            if (before?.Phase == status.Phase && Stopwatch.GetElapsedTime(_reported, now) < ReportPause) return;
            _reported = now;
            Watcher?.Changed(State());
        }
    }

    private ComparisonState State()
    {
        var cells = Cells();
        var finished = cells.Count(c => c.Key is not null && _finished.ContainsKey(c.Key));
        var seconds = cells.Where(c => c.Key is null || !_finished.ContainsKey(c.Key))
            .Sum(c => Estimate(c, c.Key is { } key && _running.TryGetValue(key, out var running) ? running.Status : null));
        return new ComparisonState(finished, cells.Count, [.. _running.Values], TimeSpan.FromSeconds(seconds / Math.Max(1, Workers)));
    }
}
