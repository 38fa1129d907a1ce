using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Comparisons;

/// <summary>How much of the published protocol a comparison is.</summary>
/// <param name="results">The comparison.</param>
internal sealed class Extent(Results results)
{
    private static readonly ComparisonProtocol Whole = ComparisonProtocols.Full;

    /// <summary>Whether every training is shorter than those of the published table, so that strategies that learn slowly have not learned
    /// yet.</summary>
    public bool IsPart => Steps is > 0 and var steps && steps < Whole.Recipe.Steps;

    private int Steps => Final.Select(c => c.Result.Configuration.Recipe.Steps).DefaultIfEmpty().Max();

    private IEnumerable<ComparedCell> Final => results.File.Cells.Where(c => c.Place.Role == CellRole.Final);

    /// <summary>What it is a part of, in words.</summary>
    public string Describe(ToolLanguage language = ToolLanguage.English) => new ComparisonPageTexts(language).Part(
        Steps, Whole.Recipe.Steps, Final.SelectMany(c => c.Result.Configuration.Recipe.Tasks).Distinct().Count(), Whole.Recipe.Tasks.Count,
        results.File.Seeds.Count, Whole.Seeds.Strategies.Count,
        Final.Select(c => Tests(c.Result.Configuration.Evaluation)).DefaultIfEmpty().Max(), Whole.Episodes.Headline);

    private static int Tests(EvaluationPlan plan) =>
        plan.Tests.Where(t => t is { Split: Results.NewLayouts, Control: PolicyControl.None }).Sum(t => t.Episodes);
}
