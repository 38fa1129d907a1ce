using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Comparisons;

/// <summary>The page of a comparison: first what came out, then why, then how it was done.</summary>
/// <param name="results">The comparison.</param>
/// <param name="films">The films of a cell by its key, or null when it has none.</param>
/// <param name="language">The language of the page.</param>
internal sealed class ComparisonReport(Results results, Func<string, CellFilms?> films, ToolLanguage language = ToolLanguage.English)
{
    private const double Aim = 0.95;
    private const double AimUnseen = 0.90;
    private const int FilmsShown = 3;

    private static readonly JsonSerializerOptions Indented = ProtocolJson.Options(isIndented: true);

    private readonly ComparisonPageTexts _texts = new(language);
    private readonly ComparisonFigureTexts _labels = new(language);
    private readonly RowTexts _rows = new(language);
    private readonly Tables _tables = new(language);
    private readonly SuccessFigures _success = new(language);
    private readonly CostFigures _cost = new(language);
    private readonly AttentionFigures _attention = new(language);

    /// <summary>Builds the page.</summary>
    public HtmlReport Build()
    {
        var file = results.File;
        var report = new HtmlReport(_texts.Title,
            _texts.Subtitle(results.Rows.Count, results.Tasks, file.Protocol, file.Seeds.Select(s => $"{s}")), language.Tag());
        report.Add(new KeyFigures([.. Figures()]));
        var extent = new Extent(results);
        if (extent.IsPart) report.Add(new Paragraph(extent.Describe(language)));
        AddMissing(report);
        report.Add(new Figure(_success.Headline(results)));
        report.Add(new Heading(extent.IsPart ? _texts.Table : _texts.TableBesideTextbook));
        report.Add(_tables.Strategies(results));
        report.Add(new Folded(new RowOrigins(language).Title, _tables.Origins(results)));
        AddTests(report);
        AddSplits(report);
        AddControls(report);
        AddLearning(report);
        AddCost(report);
        AddAttention(report);
        AddFurther(report);
        foreach (var group in results.Ablations) AddAblation(report, group);
        AddDistillation(report);
        AddProtocol(report);
        report.Add(new ReportFooter(file.Command));
        return report;
    }

    private IEnumerable<KeyFigure> Figures()
    {
        if (results.Ranked(Results.NewLayouts).FirstOrDefault() is { } best)
            yield return Best(_texts.Best, best, Results.NewLayouts, Aim);
        if (results.Ranked(Results.UnseenPairs).FirstOrDefault() is { } unseen)
            yield return Best(_texts.BestUnseen, unseen, Results.UnseenPairs, AimUnseen);
        if (results.Concatenation?.Success(Results.NewLayouts) is { } concatenation)
        {
            var others = results.AgainstConcatenation(Results.NewLayouts);
            var apart = others.Count(t => t.Difference.Lower > 0);
            yield return new KeyFigure(_texts.BeatConcatenation, _texts.OutOf(apart, others.Count),
                _texts.BeatNote(others.All(t => t.Runs > 1), concatenation.ToString()),
                apart == others.Count ? Tone.Good : Tone.Neutral);
        }

        if (results.Ranked(Results.NewLayouts).FirstOrDefault() is { } top
            && top.Success(Results.NewLayouts, null, PolicyControl.NoLanguage) is { } without)
            yield return new KeyFigure(_texts.WithoutWords, Interval.Percent(without.Interval.Value),
                _texts.WithoutWordsNote(without.Drawn().PercentRange, results.Untold is { } chance ? Interval.Percent(chance) : null));
    }

    private KeyFigure Best(string label, Row row, string split, double aim)
    {
        var success = row.Success(split)!;
        return new KeyFigure(label, Interval.Percent(success.Interval.Value), _texts.Row(_rows.Name(row), success.Drawn().PercentRange),
            success.Interval.Value >= aim ? Tone.Good : Tone.Neutral);
    }

    private void AddMissing(HtmlReport report)
    {
        if (results.File.Missing.Count == 0) return;
        var missing = results.File.Missing;
        report.Add(new CodeBlock(_texts.Missing(missing.Count, results.File.Finished), string.Join('\n', missing)) { Notice = true });
    }

    private void AddTests(HtmlReport report)
    {
        report.Add(new Heading(_texts.Differences));
        AddNeighbours(report, results);
    }

    private void AddNeighbours(HtmlReport report, Results results)
    {
        foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
        {
            var neighbours = results.Neighbours(split);
            if (neighbours.Count == 0) continue;
            report.Add(new Subheading(_texts.Neighbours(_labels.Split(split))));
            report.Add(new Figure(_success.Differences(neighbours)));
            report.Add(_tables.Tests(neighbours));
            if (results.AgainstConcatenation(split) is { Count: > 0 } against)
                report.Add(new Folded(_texts.AgainstConcatenation, _tables.Tests(against)));
            report.Add(new Folded(_texts.Spread, _tables.TrainingSeeds(results, split)));
        }
    }

    private void AddSplits(HtmlReport report)
    {
        report.Add(new Heading(_texts.Splits));
        report.Add(new ReportTable([.. _texts.SplitColumns.Select(title => new Column(title))],
            [.. results.Splits.Select(s => (IReadOnlyList<Cell>)[s, _texts.Split(s, Results.Describe(s))])]));
        report.Add(new Subheading(_texts.AllTasks));
        report.Add(new Figure(_success.Splits(results, null)));
        foreach (var task in results.Tasks)
        {
            report.Add(new Subheading(task));
            report.Add(new Figure(_success.Splits(results, task)));
        }
    }

    private void AddControls(HtmlReport report)
    {
        if (results.Controls.Count < 2) return;
        report.Add(new Heading(_texts.Controls));
        report.Add(new Figure(_success.Controls(results),
            _texts.ControlsCaption));
        if (results.Controls.Contains(PolicyControl.OtherInstruction))
            report.Add(new Figure(_success.OtherInstruction(results), _texts.OtherInstruction));
    }

    private void AddLearning(HtmlReport report)
    {
        if (results.Rows.All(r => r.Learning.Count == 0)) return;
        report.Add(new Heading(_texts.Learning));
        report.Add(new Figure(_success.Learning(results), _texts.LearningCaption));
        report.Add(new Figure(_success.LearningByTime(results), _texts.ByTimeCaption));
        report.Add(new Figure(_cost.EqualBudgets(results), _texts.BudgetsCaption));
        if (_tables.Sweep(results) is { } sweep) report.Add(new Folded(_texts.LearningRates, sweep));
    }

    private void AddCost(HtmlReport report)
    {
        report.Add(new Heading(_texts.Cost));
        report.Add(new Figure(_cost.Latency(results), _texts.Front));
        report.Add(new Figure(_cost.Flops(results)));
        report.Add(new Figure(_cost.Parameters(results)));
    }

    private void AddAttention(HtmlReport report)
    {
        report.Add(new Heading(_texts.Way));
        foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
        {
            report.Add(new Subheading(_labels.Split(split)));
            report.Add(new Figure(_success.OnTheWay(results, split), _texts.WayCaption));
            report.Add(new Figure(_success.Endings(results, split), _texts.EndingsCaption));
        }

        if (results.Rows.Any(r => r.Cells.Any(c => c.Grounding.Count > 0)))
        {
            report.Add(new Heading(_texts.AttentionWeights));
            report.Add(new Figure(_attention.Lift(results), _texts.LiftCaption));
        }

        AddFilms(report);
    }

    private void AddFilms(HtmlReport report)
    {
        var shown = results.Ranking(Results.NewLayouts)
            .Select(row => (Row: row, Films: row.Cells.Select(c => films(c.Key)).FirstOrDefault(f => f is { Films.Count: > 0 })))
            .Where(f => f.Films is not null).ToList();
        if (shown.Count == 0) return;
        report.Add(new Heading(_texts.Films));
        report.Add(new ColorBar(AttentionFigures.Drawing));
        foreach (var (row, kept) in shown)
        {
            var (good, bad) = (kept!.Films.Where(f => f.Failure == Tabletop.Evaluation.FailureReason.None).Take(FilmsShown),
                kept.Films.Where(f => f.Failure != Tabletop.Evaluation.FailureReason.None).Take(FilmsShown));
            report.Add(new Folded(_rows.Name(row), [.. good.Concat(bad).Select(f => _attention.Film(row, f))])
            {
                Open = row == shown[0].Row,
            });
        }
    }

    private void AddFurther(HtmlReport report)
    {
        var further = results.Further;
        if (further.Rows.Count == 0) return;
        report.Add(new Heading(_texts.Further));
        report.Add(new Figure(_success.Headline(further)));
        report.Add(_tables.Strategies(further));
        report.Add(new Folded(new RowOrigins(language).Title, _tables.Origins(further)));
        AddNeighbours(report, further);
        report.Add(new Figure(_cost.Latency(further), _texts.Front));
        report.Add(new Folded(_texts.EverySplit, new Figure(_success.Splits(further, null))));
        if (further.Controls.Count > 1) report.Add(new Folded(_texts.Withheld, new Figure(_success.Controls(further))));
        report.Add(new Folded(_texts.Learning, new Figure(_success.Learning(further))));
        if (_tables.Sweep(further) is { } sweep) report.Add(new Folded(_texts.LearningRates, sweep));
    }

    private void AddAblation(HtmlReport report, string group)
    {
        report.Add(new Heading(_texts.Ablation(group)));
        report.Add(new Figure(_success.Ablation(results, group), Caption(group)));
        report.Add(new Folded(_texts.Numbers, _tables.Ablation(results, group)));
        foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
        {
            var rows = results.Group(group).Where(r => r.Success(split) is not null).ToList();
            var tests = PairedTest.Of(rows.Skip(1).Select((r, i) => (r, rows[i])), split);
            if (tests.Count > 0) report.Add(new Folded(_texts.AgainstPrevious(_labels.Split(split)), _tables.Tests(tests)));
        }
    }

    /// <summary>What an ablation changes, and about what.</summary>
    private string Caption(string group)
    {
        var cells = results.Group(group).SelectMany(row => row.Cells).ToList();
        var (steps, seeds) = (cells.Max(c => c.Configuration.Recipe.Steps),
            cells.Select(c => c.Configuration.Recipe.Seed).Distinct().Count());
        var rows = results.File.Cells.Where(c => c.Place.Group == group && c.Place.Role == CellRole.Final)
            .Select(c => _rows.Strategy(c.Place.Variant, c.Place.Label)).Distinct().ToList();
        return _texts.AblationCaption(group, rows is [var only] ? only : null, steps, seeds);
    }

    private void AddDistillation(HtmlReport report)
    {
        var rows = results.Group(Results.Distillation);
        // A teacher without a student is not shown.
        if (rows.All(r => r.Configuration.Teacher is null)) return;
        report.Add(new Heading(_texts.Distillation));
        report.Add(new Figure(_success.Ablation(results, Results.Distillation)));
        var distilled = rows.FirstOrDefault(r => r.Configuration.Teacher is not null);
        if (distilled is not null && rows.FirstOrDefault(r => r.Configuration.Teacher is null
            && r.Configuration.Policy == distilled.Configuration.Policy) is { } alone)
            foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
                if (PairedTest.Of([(distilled, alone)], split) is [var test])
                    report.Add(new Paragraph(_texts.Student(_labels.Split(split), Tables.Signed(100 * test.Difference.Value),
                        Tables.Signed(100 * test.Difference.Lower), Tables.Signed(100 * test.Difference.Upper), test.Difference.Value >= 0,
                        test.Runs > 1, Tables.P(test.Test.PValue))));
        report.Add(new Folded(_texts.Numbers, _tables.Ablation(results, Results.Distillation)));
    }

    private void AddProtocol(HtmlReport report)
    {
        var file = results.File;
        report.Add(new Heading(_texts.Protocol));
        report.Add(new ReportTable(["", ""],
            [.. _texts.Run(file, results.Machine, Duration(file.CellSeconds), Duration(file.WallSeconds))
                .Select(line => (IReadOnlyList<Cell>)[line.Name, line.Value])]));
        report.Add(new Folded(_texts.EveryCell, _tables.Cells(results)));
        foreach (var row in results.Group(Results.Strategies))
            report.Add(new CodeBlock(_texts.Configuration(_rows.Name(row)),
                JsonSerializer.Serialize(row.Configuration with { Evaluation = row.Configuration.Evaluation with { Tests = [] } },
                (JsonTypeInfo<CellConfiguration>)Indented.GetTypeInfo(typeof(CellConfiguration)))));
        if (results.Rows.Count > 0)
            report.Add(new CodeBlock(_texts.Tests, string.Join('\n', results.Rows[0].Configuration.Evaluation.Tests
                .Select(t => _texts.Test(t.Task, t.Split, t.Control.ToString(), t.Episodes)))));
    }

    /// <summary>Seconds as hours and minutes.</summary>
    internal static string Duration(double seconds) => seconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : seconds < 7200 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h");
}
