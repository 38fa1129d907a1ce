using CrossModal.Engine.Tensors;
using CrossModal.Models;

namespace CrossModal.Tabletop.Comparison;

/// <summary>Gathers finished cells into the content of <c>results.json</c>.</summary>
public static class ComparisonCollection
{
    private const int SpeedRounds = 200;
    private const int TrainingRounds = 6;
    private const int TrainingSteps = 4;

    /// <summary>Every finished cell of every group, in the order of the plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="run">The run, which knows what is finished and what was asked for.</param>
    /// <param name="command">The command that made it.</param>
    /// <param name="machine">Where it ran.</param>
    /// <param name="wallSeconds">Seconds of this session.</param>
    public static ComparisonResults Collect(ComparisonPlan plan, ComparisonRun run, string command, string machine, double wallSeconds)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(run);
        string[] groups = [ComparisonGroups.Strategies, .. ComparisonGroups.Ablations, ComparisonGroups.Distillation];
        var cells = plan.Cells(groups, run.Find).Where(c => c.Key is not null).Select(c => (c.Place, Result: run.Find(c.Key!)))
            .Where(c => c.Result is not null).Select(c => new ComparedCell(c.Place, c.Result!)).ToArray();
        return new ComparisonResults
        {
            Version = CellRunner.Version, Command = command, Protocol = plan.Protocol.Name, Machine = machine, Seeds = plan.Protocol.Seeds.Strategies,
            CellSeconds = Math.Round(cells.Select(c => c.Result).DistinctBy(c => c.Key).Sum(c => c.Timing.TrainingSeconds + c.Timing.EvaluationSeconds), 1),
            WallSeconds = Math.Round(wallSeconds, 1),
            Missing = [.. run.Cells().Where(c => c.Key is null || run.Find(c.Key) is null).Select(Describe)],
            Cells = cells,
        };
    }

    /// <summary>
    /// Times a control step of every finished row in turn, and a training step of every strategy, so that a disturbance hits all alike; nothing else
    /// should run.
    /// </summary>
    public static IReadOnlyList<SpeedRecord> Speeds(ComparisonResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var rows = results.Cells.Where(c => c.Place.Role == CellRole.Final).DistinctBy(c => c.Result.Configuration.Policy)
            .Select(c => (Name: c.Place.Setting.Length == 0 ? c.Place.Variant : $"{c.Place.Group}: {c.Place.Setting}", Policy: new LanguagePolicy(c.Result.Configuration.Policy, new RandomSource(1)),
                Times: new List<double>(), Training: new List<double>(), Cell: c)).ToArray();
        foreach (var row in rows) ControlStep.Time(row.Policy, 1);
        for (var round = 0; round < SpeedRounds; round++)
            foreach (var row in rows) row.Times.AddRange(ControlStep.Time(row.Policy, 1, warmUp: 1));
        for (var round = 0; round < TrainingRounds; round++)
            foreach (var row in rows.Where(r => r.Cell.Place.Group == ComparisonGroups.Strategies)) row.Training.AddRange(TrainingStep.Time(row.Cell.Result.Configuration, TrainingSteps));
        return [.. rows.Select(row => new SpeedRecord(row.Name, Quantile(row.Times, 0.5), Quantile(row.Times, 0.25), Quantile(row.Times, 0.75))
        {
            TrainingMilliseconds = row.Training.Count > 0 ? Quantile(row.Training, 0.25) : null,
        })];
    }

    /// <summary>A planned cell in a few words.</summary>
    public static string Describe(PlannedCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        var (place, recipe) = (cell.Place, cell.Configuration.Recipe);
        var setting = place.Setting.Length == 0 ? "" : $" ({place.Setting})";
        return FormattableString.Invariant($"{place.Group}/{place.Variant}{setting} {place.Role.ToString().ToLowerInvariant()} seed {recipe.Seed}")
            + (cell.WaitsFor is null ? FormattableString.Invariant($" lr {recipe.LearningRate} {recipe.Steps} steps") : $" waits for {cell.WaitsFor}");
    }

    private static double Quantile(List<double> values, double share)
    {
        values.Sort();
        return Math.Round(values[(int)(share * (values.Count - 1))], 4);
    }
}
