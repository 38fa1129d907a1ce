using System.Text.Json.Nodes;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Leases;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Comparisons;

/// <summary>Says who works on which cell of a comparison and how long it will take; only looks.</summary>
/// <param name="context">Where to print, and the result.</param>
/// <param name="run">The comparison.</param>
/// <param name="store">Its folder.</param>
/// <param name="silence">How long a worker may give no sign of life.</param>
internal sealed class ComparisonStatus(CommandContext context, ComparisonRun run, CellStore store, TimeSpan silence)
{
    private readonly WorkerTexts _texts = new(context.Language);

    /// <summary>Prints a line for every cell under way, and a summary.</summary>
    public int Print()
    {
        var (cells, finished, workers, seconds) = (run.Cells(), 0, 0, 0.0);
        var rows = new JsonArray();
        foreach (var cell in cells)
        {
            if (cell.Key is not null && run.Find(cell.Key) is not null)
            {
                finished++;
                continue;
            }

            var lease = cell.Key is null ? null : store.Leases.Find(cell.Key);
            var silent = lease?.Quiet > silence;
            if (lease is { State: var state, Quiet: var quiet })
            {
                if (!silent) workers++;
                Add(rows, cell, state, quiet?.TotalSeconds, silent);
            }

            seconds += run.Estimate(cell, lease?.State is { } at && Enum.TryParse<CellPhase>(at.Phase, ignoreCase: true, out var phase)
                ? new CellStatus(phase, at.Share) : null);
        }

        var minutes = seconds / 60 / Math.Max(1, workers);
        context.Print(_texts.Summary(finished, cells.Count, workers, minutes));
        context.Result["finished"] = finished;
        context.Result["planned"] = cells.Count;
        context.Result["workers"] = workers;
        context.Result["minutesLeft"] = CommandContext.Number(Math.Round(minutes, 1));
        context.Result["running"] = rows;
        return ExitCodes.Success;
    }

    private void Add(JsonArray rows, PlannedCell cell, LeaseState state, double? quiet, bool silent)
    {
        var (name, holder) = (ComparisonCollection.Describe(cell), state.Holder);
        context.Print(_texts.Running(name, Tool.OneLine(holder?.Host ?? "?"), holder?.Process ?? 0, state.Phase, state.Share,
            _texts.Quiet(quiet, silent)));
        rows.Add((JsonNode)new JsonObject
        {
            ["cell"] = name,
            ["key"] = cell.Key,
            ["host"] = holder?.Host,
            ["process"] = holder?.Process,
            ["since"] = holder?.Since.ToString("O"),
            ["phase"] = state.Phase,
            ["share"] = state.Share,
            ["quietSeconds"] = quiet is { } time ? CommandContext.Number(Math.Round(time, 1)) : null,
            ["silent"] = silent,
        });
    }
}
