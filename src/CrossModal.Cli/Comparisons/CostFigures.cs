using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Reports;

namespace CrossModal.Cli.Comparisons;

/// <summary>Drawings of what success costs.</summary>
/// <param name="language">The language of names and labels.</param>
internal sealed class CostFigures(ToolLanguage language)
{
    private const double Million = 1e6;

    private static readonly (string Word, int Group)[] Families =
        [("concat", 6), ("textbook", 4), ("co-attention", 1), ("perceiver", 2), ("multi-view", 5)];

    private readonly ComparisonFigureTexts _texts = new(language);
    private readonly RowTexts _rows = new(language);

    /// <summary>Success on new layouts against the milliseconds of a control step.</summary>
    public ScatterChart Latency(Results results) =>
        Chart(results, _texts.Latency, row => results.Latency(row).Median);

    /// <summary>Success on new layouts against the operations of a control step.</summary>
    public ScatterChart Flops(Results results) =>
        Chart(results, _texts.Flops, row => row.Flops / Million);

    /// <summary>Success on new layouts against parameters.</summary>
    public ScatterChart Parameters(Results results) => Chart(results, _texts.Parameters, row => row.Parameters);

    /// <summary>Success on validation layouts after equal samples, and after as much time as the training of the quickest
    /// strategy took.</summary>
    public DotPlot EqualBudgets(Results results)
    {
        var seconds = EqualSeconds(results);
        return new DotPlot([new DotPanel(_texts.EqualSamples), new DotPanel(_texts.EqualTime(seconds)),
            new DotPanel(_texts.WholeTraining) { Shares = false }],
            [.. results.Rows.Where(r => r.Learning.Count > 0).Select(row => new DotRow(_rows.Name(row),
                SuccessFigures.Dots(AtEnd(row)), SuccessFigures.Dots(At(results, row, seconds)),
                    [new Dot(new Interval(results.TrainingSeconds(row), double.NaN, double.NaN), 6)])
                { Missing = row.HasDiverged ? _rows.Diverged : null })])
        {
            Missing = _texts.NoPoint,
        };
    }

    /// <summary>Success on validation layouts at the end of the training, or null where there is no end because it diverged.</summary>
    public static Share? AtEnd(Row row) => row.HasDiverged ? null : row.Learning[^1].Success;

    /// <summary>Seconds that every strategy's whole training took at least.</summary>
    public static double EqualSeconds(Results results) =>
        results.Rows.Where(row => !row.HasDiverged).Select(results.LearningByTime).Where(curve => curve.Count > 0)
            .Select(curve => curve[^1].X).DefaultIfEmpty(0).Min();

    /// <summary>Success on validation layouts at the last point of the learning curve within a time, or null when there is none.</summary>
    public static Share? At(Results results, Row row, double seconds)
    {
        if (row.HasDiverged) return null;

        // Points lie at shares of the budget: one a breath too late still counts.
        var within = results.LearningByTime(row).Where(p => p.X <= seconds * 1.02).ToList();
        return within.Count == 0 ? null : within[^1].Success;
    }

    private ScatterChart Chart(Results results, string across, Func<Row, double> cost) => new(across, _texts.NewLayoutSuccess,
        [.. results.Rows.Where(r => r.Success(Results.NewLayouts) is not null)
            .Select(row => new ScatterPoint(_rows.Name(row), cost(row), row.Success(Results.NewLayouts)!.Drawn(), Family(row)))])
    { LogX = true };

    private static int Family(Row row) => Families.FirstOrDefault(f =>
        row.Configuration.Policy.Strategy.Contains(f.Word, StringComparison.Ordinal)).Group;
}
