using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Reports;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Comparisons;

/// <summary>The numbers behind the drawings of outcomes, as tables for documents.</summary>
/// <param name="language">The language of headings and names.</param>
internal sealed class OutcomeTables(ToolLanguage language)
{
    private static readonly WordKind[] Kinds = [WordKind.Verb, WordKind.Color, WordKind.Shape];

    private readonly ComparisonTableTexts _texts = new(language);
    private readonly RowTexts _rows = new(language);

    /// <summary>Success in every split, all tasks together or one.</summary>
    public ReportTable Splits(Results results, string? task) => new(
        [_texts.Strategy, .. results.Splits.Select(s => new Column(s))],
        [.. results.Rows.Select(row => (IReadOnlyList<Cell>)[_rows.Name(row),
            .. results.Splits.Select(s => Percent(row, row.Success(s, task)))])]);

    /// <summary>Success on new layouts with something withheld.</summary>
    public ReportTable Controls(Results results) => new(
        [_texts.Strategy, .. results.Controls.Select(c => new Column(new ComparisonFigureTexts(language).Of(c))), _texts.Changed],
        [.. results.Rows.Select(row => (IReadOnlyList<Cell>)
        [
            _rows.Name(row), .. results.Controls.Select(c => Percent(row, row.Success(Results.NewLayouts, null, c))),
            row.Changed(PolicyControl.OtherInstruction) is { } changed ? new Cell(Interval.Percent(changed)) : "–",
        ])]);

    /// <summary>Pointing, touching, succeeding, and how failures end.</summary>
    public ReportTable OnTheWay(Results results, string split) => new(
        [.. _texts.Way.Select(title => new Column(title))],
        [.. results.Rows.Where(r => r.Success(split) is not null).Select(row => (IReadOnlyList<Cell>)
            [_rows.Name(row), Percent(row, row.Pointing(split)), Percent(row, row.TargetFirst(split)), Percent(row, row.Success(split)),
                .. row.Endings(split).Skip(1).Select(e => new Cell(Interval.Percent(e)))])]);

    /// <summary>Lift of each kind of word in every layer.</summary>
    public ReportTable Lift(Results results) => new(
        [.. _texts.Lift.Select(title => new Column(title))],
        [.. results.Rows.SelectMany(row =>
        {
            var byKind = Kinds.Select(row.Grounding).ToList();
            return row.Layers.Select(layer => (IReadOnlyList<Cell>)
                [_rows.Name(row), _rows.Layer(layer.Number, layer.View),
                    .. byKind.Select(g => g.FirstOrDefault(r => r.Layer == layer.Key) is { } record
                    ? new Cell(HtmlWriter.Fixed(record.Lift, 1) + "×") : "–")]);
        })]);

    /// <summary>Validation success after equal samples, shorter trainings of their own first, and after equal time.</summary>
    public ReportTable EqualBudgets(Results results)
    {
        var shorter = results.Rows.SelectMany(row => results.Budgets(row).SkipLast(1)).Select(p => p.X).Distinct().Order().ToList();
        return new ReportTable(
            [_texts.Strategy, .. shorter.Select(samples => new Column(_texts.AfterSamples(samples))),
                .. _texts.Budgets.Select(title => new Column(title))],
            [.. results.Rows.Where(r => r.Learning.Count > 0).Select(row => (IReadOnlyList<Cell>)
            [
                _rows.Name(row), .. shorter.Select(samples =>
                    Percent(row, results.Budgets(row).SkipLast(1).Where(p => p.X == samples).Select(p => p.Success).FirstOrDefault())),
                Percent(row, CostFigures.AtEnd(row)), Percent(row, CostFigures.At(results, row, CostFigures.EqualSeconds(results))),
                    HtmlWriter.Fixed(results.TrainingSeconds(row), 0),
            ])]);
    }

    private Cell Percent(Row row, Share? share) =>
        share is null ? row.HasDiverged ? _rows.Diverged : "–"
            : Cell.Percent(share.Interval.Value, share.Interval.Lower, share.Interval.Upper);
}
