using System.Globalization;
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
    public string Describe()
    {
        var tasks = Final.SelectMany(c => c.Result.Configuration.Recipe.Tasks).Distinct().Count();
        var seeds = results.File.Seeds.Count;
        var episodes = Final.Select(c => Tests(c.Result.Configuration.Evaluation)).DefaultIfEmpty().Max();
        return string.Create(CultureInfo.InvariantCulture,
            $"A part of the published comparison: {Steps:N0} of {Whole.Recipe.Steps:N0} training steps, ")
            + $"{tasks} of {Whole.Recipe.Tasks.Count} tasks, {Count(seeds, "training seed")} instead of {Whole.Seeds.Strategies.Count}, "
            + string.Create(CultureInfo.InvariantCulture,
                $"{Count(episodes, "test episode")} on new layouts instead of {Whole.Episodes.Headline:N0}. ")
            + "Strategies that learn slowly have not learned yet after so few steps, so the textbook's numbers do not stand beside these."
            + (seeds == 1 ? " Intervals are over the episodes of one training run: no interval over training runs exists." : "");
    }

    private static int Tests(EvaluationPlan plan) =>
        plan.Tests.Where(t => t is { Split: Results.NewLayouts, Control: PolicyControl.None }).Sum(t => t.Episodes);

    private static string Count(int number, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {what}{(number == 1 ? "" : "s")}");
}
