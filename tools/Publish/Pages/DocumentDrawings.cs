using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Publish.Pages;

/// <summary>Drawings for documents, by name.</summary>
/// <param name="results">The comparison.</param>
/// <param name="language">The language of their labels.</param>
internal sealed class DocumentDrawings(Results results, ToolLanguage language)
{
    private readonly SuccessFigures _success = new(language);
    private readonly CostFigures _cost = new(language);
    private readonly AttentionFigures _attention = new(language);

    /// <summary>All drawings there are, by name; what they show is counted when one is drawn.</summary>
    public IEnumerable<(string Name, Func<IDrawing> Draw)> All()
    {
        if (results.Rows.Count > 0)
        {
            yield return ("headline", () => _success.Headline(results));
            yield return ("splits", () => _success.Splits(results, null));
            foreach (var task in results.Tasks) yield return ($"splits-{task}", () => _success.Splits(results, task));
            if (results.Controls.Count > 1) yield return ("controls", () => _success.Controls(results));
            if (results.Controls.Contains(PolicyControl.OtherInstruction))
                yield return ("listening", () => _success.OtherInstruction(results));
            if (results.Rows.Any(r => r.Learning.Count > 0))
            {
                yield return ("learning", () => _success.Learning(results));
                yield return ("learning-by-time", () => _success.LearningByTime(results));
                yield return ("budgets", () => _cost.EqualBudgets(results));
            }

            yield return ("cost-latency", () => _cost.Latency(results));
            yield return ("cost-flops", () => _cost.Flops(results));
            yield return ("cost-parameters", () => _cost.Parameters(results));
            foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
            {
                yield return ($"neighbours-{split}", () => _success.Differences(results.Neighbours(split)));
                yield return ($"way-{split}", () => _success.OnTheWay(results, split));
                yield return ($"endings-{split}", () => _success.Endings(results, split));
            }

            if (results.Rows.Any(r => r.Cells.Any(c => c.Grounding.Count > 0))) yield return ("lift", () => _attention.Lift(results));
        }

        if (results.Further is { Rows.Count: > 0 } further)
        {
            yield return ("further", () => _success.Headline(further));
            yield return ("further-splits", () => _success.Splits(further, null));
            yield return ("further-latency", () => _cost.Latency(further));
        }

        foreach (var group in results.Ablations)
            yield return ($"ablation-{group}", () => _success.Ablation(results, group));
        if (results.Group(Results.Distillation).Any(r => r.Configuration.Teacher is not null))
            yield return ("distillation", () => _success.Ablation(results, Results.Distillation));
    }
}
