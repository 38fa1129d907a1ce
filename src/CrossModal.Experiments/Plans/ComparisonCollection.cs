using CrossModal.Engine.Tensors;
using CrossModal.Experiments.Cells;
using CrossModal.Policies;

namespace CrossModal.Experiments.Plans;

/// <summary>Gathers finished cells into the content of <c>results.json</c>.</summary>
internal static class ComparisonCollection
{
    /// <summary>Times a control step of every row is timed.</summary>
    public const int SpeedRounds = 200;

    private const int TrainingRounds = 6;
    private const int TrainingSteps = 4;

    /// <summary>Every finished cell of the strategies, whichever rows the plan is about, of distillation, and of the ablations that were
    /// asked for.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="run">The run, which knows what is finished and what was asked for.</param>
    /// <param name="groups">Groups asked for, now or in an earlier session.</param>
    /// <param name="command">The command that made it.</param>
    /// <param name="machine">Where it ran.</param>
    /// <param name="wallSeconds">Seconds of this session.</param>
    public static ComparisonResults Collect(ComparisonPlan plan, ComparisonRun run, IReadOnlyList<string> groups, string command,
        string machine, double wallSeconds)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(groups);
        var whole = new ComparisonPlan(plan.Protocol) { Strategies = ComparisonVariants.All, Teachers = plan.Teachers ?? plan.Strategies };
        string[] shown = [ComparisonGroups.Strategies, .. ComparisonGroups.Ablations.Where(groups.Contains), ComparisonGroups.Distillation];
        var cells = whole.Cells(shown, run.Find).Where(c => c.Key is not null).Select(c => (c.Place, Result: run.Find(c.Key!)))
            .Where(c => c.Result is not null).Select(c => new ComparedCell(c.Place, c.Result!)).ToArray();
        return new ComparisonResults
        {
            Version = CellRunner.Version,
            Command = command,
            Protocol = plan.Protocol.Name,
            Machine = machine,
            Seeds = plan.Protocol.Seeds.Strategies,
            Groups = groups,
            CellSeconds = Math.Round(cells.Select(c => c.Result).DistinctBy(c => c.Key)
                .Sum(c => c.Timing.TrainingSeconds + c.Timing.EvaluationSeconds), 1),
            WallSeconds = Math.Round(wallSeconds, 1),
            Missing = [.. run.Cells().Where(c => c.Key is null || run.Find(c.Key) is null).Select(Describe)],
            Cells = cells,
        };
    }

    /// <summary>
    /// Times a control step of every finished row in turn, and a training step of every strategy, so that a disturbance hits all alike;
    /// nothing else should run.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static IReadOnlyList<SpeedRecord> Speeds(ComparisonResults results, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(results);
        var rows = results.Cells.Where(c => c.Place.Role == CellRole.Final).DistinctBy(c => c.Result.Configuration.Policy)
            .Select(c => new
            {
                Name = c.Place.Setting.Length == 0 ? c.Place.Variant : $"{c.Place.Group}: {c.Place.Setting}",
                Step = new CompiledStep(new LanguagePolicy(c.Result.Configuration.Policy, new RandomSource(1))),
                Times = new List<double>(),
                Training = new List<double>(),
                Cell = c,
            }).ToArray();
        foreach (var row in rows) row.Step.Time();
        for (var round = 0; round < SpeedRounds; round++)
        {
            stop.ThrowIfCancellationRequested();
            foreach (var row in rows) row.Times.Add(row.Step.Time());
        }

        for (var round = 0; round < TrainingRounds; round++)
        {
            foreach (var row in rows.Where(r => r.Cell.Place.Group == ComparisonGroups.Strategies))
            {
                stop.ThrowIfCancellationRequested();
                row.Training.AddRange(TrainingStep.Time(row.Cell.Result.Configuration, TrainingSteps));
            }
        }

        return [.. rows.Select(row => new SpeedRecord(row.Name, Quantile(row.Times, 0.5), Quantile(row.Times, 0.25),
            Quantile(row.Times, 0.75))
        {
            TrainingMilliseconds = row.Training.Count > 0 ? Quantile(row.Training, 0.25) : null,
        })];
    }

    /// <summary>A planned cell in a few words.</summary>
    public static string Describe(PlannedCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell.WaitsFor is null ? Describe(cell.Place, cell.Configuration)
            : $"{Name(cell.Place, cell.Configuration)} waits for {cell.WaitsFor}";
    }

    /// <summary>A finished cell in a few words.</summary>
    public static string Describe(ComparedCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return Describe(cell.Place, cell.Result.Configuration);
    }

    private static string Describe(CellPlace place, CellConfiguration configuration) =>
        FormattableString.Invariant(
            $"{Name(place, configuration)} lr {configuration.Recipe.LearningRate} {configuration.Recipe.Steps} steps");

    private static string Name(CellPlace place, CellConfiguration configuration) =>
        FormattableString.Invariant(
            $"{place.Group}/{place.Variant}{(place.Setting.Length == 0 ? "" : $" ({place.Setting})")} {place.Role.ToString().ToLowerInvariant()} seed {configuration.Recipe.Seed}");

    private static double Quantile(List<double> values, double share)
    {
        values.Sort();
        return Math.Round(values[(int)(share * (values.Count - 1))], 4);
    }
}
