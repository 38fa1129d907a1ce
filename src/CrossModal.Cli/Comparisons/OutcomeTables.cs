using System.Globalization;
using CrossModal.Experiments.Analysis;
using CrossModal.Reports;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Comparisons;

/// <summary>The numbers behind the drawings of outcomes, as tables for documents.</summary>
internal static class OutcomeTables
{
    private static readonly WordKind[] Kinds = [WordKind.Verb, WordKind.Color, WordKind.Shape];

    /// <summary>Success in every split, all tasks together or one.</summary>
    public static ReportTable Splits(Results results, string? task) => new(
        ["Strategy", .. results.Splits.Select(s => new Column(s))],
        [.. results.Rows.Select(row => (IReadOnlyList<Cell>)[row.Label,
            .. results.Splits.Select(s => Percent(row, row.Success(s, task)))])]);

    /// <summary>Success on new layouts with something withheld.</summary>
    public static ReportTable Controls(Results results) => new(
        ["Strategy", .. results.Controls.Select(c => new Column(SuccessFigures.Describe(c))), "does something else"],
        [.. results.Rows.Select(row => (IReadOnlyList<Cell>)
        [
            row.Label, .. results.Controls.Select(c => Percent(row, row.Success(Results.NewLayouts, null, c))),
            row.Changed(PolicyControl.OtherInstruction) is { } changed ? new Cell(Interval.Percent(changed)) : "–",
        ])]);

    /// <summary>Pointing, touching, succeeding, and how failures end.</summary>
    public static ReportTable OnTheWay(Results results, string split) => new(
        ["Strategy", "Points at the right object", "Touches it first", "Success", "Out of time", "Moved another object",
            "Lifted the wrong object"],
        [.. results.Rows.Where(r => r.Success(split) is not null).Select(row => (IReadOnlyList<Cell>)
            [row.Label, Percent(row, row.Pointing(split)), Percent(row, row.TargetFirst(split)), Percent(row, row.Success(split)),
                .. row.Endings(split).Skip(1).Select(e => new Cell(Interval.Percent(e)))])]);

    /// <summary>Lift of each kind of word in every layer.</summary>
    public static ReportTable Lift(Results results) => new(
        ["Strategy", "Layer", "Verbs", "Colours", "Shapes"],
        [.. results.Rows.SelectMany(row =>
        {
            var byKind = Kinds.Select(row.Grounding).ToList();
            return row.Layers.Select(layer => (IReadOnlyList<Cell>)
                [row.Label, layer.Name, .. byKind.Select(g => g.FirstOrDefault(r => r.Layer == layer.Key) is { } record
                    ? new Cell(HtmlWriter.Fixed(record.Lift, 1) + "×") : "–")]);
        })]);

    /// <summary>Validation success after equal samples, shorter trainings of their own first, and after equal time.</summary>
    public static ReportTable EqualBudgets(Results results)
    {
        var shorter = results.Rows.SelectMany(row => results.Budgets(row).SkipLast(1)).Select(p => p.X).Distinct().Order().ToList();
        return new ReportTable(
            ["Strategy", .. shorter.Select(samples =>
                new Column(string.Create(CultureInfo.InvariantCulture, $"After a training of {samples:N0} samples"))),
                "After equal samples", "After equal time", "Seconds of the whole training"],
            [.. results.Rows.Where(r => r.Learning.Count > 0).Select(row => (IReadOnlyList<Cell>)
            [
                row.Label, .. shorter.Select(samples =>
                    Percent(row, results.Budgets(row).SkipLast(1).Where(p => p.X == samples).Select(p => p.Success).FirstOrDefault())),
                Percent(row, CostFigures.AtEnd(row)), Percent(row, CostFigures.At(results, row, CostFigures.EqualSeconds(results))),
                    HtmlWriter.Fixed(results.TrainingSeconds(row), 0),
            ])]);
    }

    private static Cell Percent(Row row, Share? share) =>
        share is null ? row.HasDiverged ? row.Absent : "–" : Cell.Percent(share.Interval.Value, share.Interval.Lower, share.Interval.Upper);
}
