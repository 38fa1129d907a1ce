using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Reports;
using CrossModal.Tabletop.Learning;

namespace CrossModal.Cli.Comparisons;

/// <summary>The page of a comparison: first what came out, then why, then how it was done.</summary>
/// <param name="results">The comparison.</param>
/// <param name="films">The films of a cell by its key, or null when it has none.</param>
internal sealed class ComparisonReport(Results results, Func<string, CellFilms?> films)
{
    private const double Aim = 0.95;
    private const double AimUnseen = 0.90;
    private const int FilmsShown = 3;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        TypeInfoResolver = ProtocolJson.Default,
    };

    /// <summary>Builds the page.</summary>
    public HtmlReport Build()
    {
        var file = results.File;
        var report = new HtmlReport("Fusion strategies compared on robot tasks", string.Create(CultureInfo.InvariantCulture,
            $"{results.Rows.Count} strategies, {string.Join(", ", results.Tasks)}; protocol {file.Protocol}, training seeds {string.Join(", ", file.Seeds)}; every strategy sees the same data, budget and test episodes"));
        report.Add(new KeyFigures([.. Figures()]));
        var extent = new Extent(results);
        if (extent.IsPart) report.Add(new Paragraph(extent.Describe()));
        AddMissing(report);
        report.Add(new Figure(SuccessFigures.Headline(results)));
        report.Add(new Heading(extent.IsPart ? "The table" : "The textbook's table beside the measured one"));
        report.Add(Tables.Strategies(results));
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
        if (results.Ranking(Results.NewLayouts).FirstOrDefault() is { } best)
            yield return Best("Best on new layouts", best, Results.NewLayouts, Aim);
        if (results.Ranking(Results.UnseenPairs).FirstOrDefault() is { } unseen)
            yield return Best("Best on unseen colour–shape pairs", unseen, Results.UnseenPairs, AimUnseen);
        if (results.Concatenation?.Success(Results.NewLayouts) is { } concatenation)
        {
            var others = results.AgainstConcatenation(Results.NewLayouts);
            var apart = others.Count(t => t.Difference.Lower > 0);
            var over = others.All(t => t.Runs > 1) ? "training runs and episodes" : "episodes, where there is one run";
            yield return new KeyFigure("Beat mean-pooled concatenation", $"{apart} of {others.Count}",
                $"the interval of the difference over {over} lies above 0; it reaches {concatenation}",
                apart == others.Count ? Tone.Good : Tone.Neutral);
        }

        if (results.Ranking(Results.NewLayouts).FirstOrDefault() is { } told
            && told.Success(Results.NewLayouts, null, PolicyControl.NoLanguage) is { } untold)
            yield return new KeyFigure("The best, words withheld", Interval.Percent(untold.Interval.Value),
                $"{untold.Drawn().PercentRange}{(results.Untold is { } chance ? $"; guessing what is meant: {Interval.Percent(chance)}" : "")}");
    }

    private static KeyFigure Best(string label, Row row, string split, double aim)
    {
        var success = row.Success(split)!;
        return new KeyFigure(label, Interval.Percent(success.Interval.Value), $"{row.Label}, {success.Drawn().PercentRange}",
            success.Interval.Value >= aim ? Tone.Good : Tone.Neutral);
    }

    private void AddMissing(HtmlReport report)
    {
        if (results.File.Missing.Count == 0) return;
        var missing = results.File.Missing;
        report.Add(new CodeBlock(
            $"{missing.Count} planned {(missing.Count == 1 ? "cell has" : "cells have")} not been run, {results.File.Finished} have: some rows are incomplete or say “not run”", string.Join('\n', missing))
        { Notice = true });
    }

    private void AddTests(HtmlReport report)
    {
        report.Add(new Heading("Which differences are real"));
        AddNeighbours(report, results);
    }

    private static void AddNeighbours(HtmlReport report, Results results)
    {
        foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
        {
            var neighbours = results.Neighbours(split);
            if (neighbours.Count == 0) continue;
            report.Add(new Subheading($"Neighbours in the ranking: {SuccessFigures.Title(split)}"));
            report.Add(new Figure(SuccessFigures.Differences(neighbours)));
            report.Add(Tables.Tests(neighbours));
            if (results.AgainstConcatenation(split) is { Count: > 0 } against)
                report.Add(new Folded("Each strategy against mean-pooled concatenation", Tables.Tests(against)));
            report.Add(new Folded("Spread over training seeds", Tables.TrainingSeeds(results, split)));
        }
    }

    private void AddSplits(HtmlReport report)
    {
        report.Add(new Heading("Task by task, split by split"));
        report.Add(new ReportTable(["Split", "Scenes"], [.. results.Splits.Select(s => (IReadOnlyList<Cell>)[s, Results.Describe(s)])]));
        report.Add(new Subheading("All tasks"));
        report.Add(new Figure(SuccessFigures.Splits(results, null)));
        foreach (var task in results.Tasks)
        {
            report.Add(new Subheading(task));
            report.Add(new Figure(SuccessFigures.Splits(results, task)));
        }
    }

    private void AddControls(HtmlReport report)
    {
        if (results.Controls.Count < 2) return;
        report.Add(new Heading("Controls: what is withheld must be missed"));
        report.Add(new Figure(SuccessFigures.Controls(results),
            "Success on new layouts, all tasks, when something is withheld from the trained policy; with another's words it is judged by " +
            "its own goal, with another goal by that. Chance: doing, perfectly, any one of the things that could have been asked in the " +
            "scene."));
        if (results.Controls.Contains(PolicyControl.OtherInstruction))
            report.Add(new Figure(SuccessFigures.OtherInstruction(results),
                "The same scenes, with another goal asked for: behaviour has changed when another object is touched first or the tool " +
                "ends elsewhere."));
    }

    private void AddLearning(HtmlReport report)
    {
        if (results.Rows.All(r => r.Learning.Count == 0)) return;
        report.Add(new Heading("Learning: who is still on a plateau"));
        report.Add(new Figure(SuccessFigures.Learning(results),
            "Bands are 95 % intervals over training runs and their validation episodes, over episodes alone where there is one run; the " +
            "other strategies are grey."));
        report.Add(new Figure(SuccessFigures.LearningByTime(results),
            "The same against seconds of training: steps times what one takes, rows timed in turn on one thread."));
        report.Add(new Figure(CostFigures.EqualBudgets(results),
            "Two readings of one race on validation layouts: everyone has seen the same samples, or everyone has trained as long as the " +
            "quickest needed."));
        if (Tables.Sweep(results) is { } sweep) report.Add(new Folded("Learning rates tried", sweep));
    }

    private void AddCost(HtmlReport report)
    {
        report.Add(new Heading("What success costs"));
        report.Add(new Figure(CostFigures.Latency(results), "The dotted line joins the strategies that nothing cheaper reaches."));
        report.Add(new Figure(CostFigures.Flops(results)));
        report.Add(new Figure(CostFigures.Parameters(results)));
    }

    private void AddAttention(HtmlReport report)
    {
        report.Add(new Heading("From looking to doing"));
        foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
        {
            report.Add(new Subheading(SuccessFigures.Title(split)));
            report.Add(new Figure(SuccessFigures.OnTheWay(results, split),
                "At the first step: the object nearest to where the policy points. Then the first object the fingers push or grasp, " +
                "among episodes in which any is."));
            report.Add(new Figure(SuccessFigures.Endings(results, split), "How episodes end."));
        }

        if (results.Rows.Any(r => r.Cells.Any(c => c.Grounding.Count > 0)))
        {
            report.Add(new Heading("Where words look"));
            report.Add(new Figure(AttentionFigures.Lift(results),
                "Lift: attention (mean over heads) on the right object over the share of the picture it covers; 1 is chance. Every " +
                    "layer, in the order they run. Strategies without attention from words to patches are not here."));
        }

        AddFilms(report);
    }

    private void AddFilms(HtmlReport report)
    {
        var shown = results.Ranking(Results.NewLayouts)
            .Select(row => (Row: row, Films: row.Cells.Select(c => films(c.Key)).FirstOrDefault(f => f is { Films.Count: > 0 })))
            .Where(f => f.Films is not null).ToList();
        if (shown.Count == 0) return;
        report.Add(new Heading("Episodes, with what the words look at"));
        report.Add(new ColorBar(AttentionFigures.Drawing));
        foreach (var (row, kept) in shown)
        {
            var (good, bad) = (kept!.Films.Where(f => f.Failure == Tabletop.Evaluation.FailureReason.None).Take(FilmsShown),
                kept.Films.Where(f => f.Failure != Tabletop.Evaluation.FailureReason.None).Take(FilmsShown));
            report.Add(new Folded(row.Label, [.. good.Concat(bad).Select(f => AttentionFigures.Film(row.Label, f))])
            {
                Open = row == shown[
                0].Row
            });
        }
    }

    private void AddFurther(HtmlReport report)
    {
        var further = results.Further;
        if (further.Rows.Count == 0) return;
        report.Add(new Heading("The library's other strategies"));
        report.Add(new Figure(SuccessFigures.Headline(further)));
        report.Add(Tables.Strategies(further));
        AddNeighbours(report, further);
        report.Add(new Figure(CostFigures.Latency(further), "The dotted line joins the strategies that nothing cheaper reaches."));
        report.Add(new Folded("Success in every split", new Figure(SuccessFigures.Splits(further, null))));
        if (further.Controls.Count > 1) report.Add(new Folded("With something withheld", new Figure(SuccessFigures.Controls(further))));
        report.Add(new Folded("Learning", new Figure(SuccessFigures.Learning(further))));
        if (Tables.Sweep(further) is { } sweep) report.Add(new Folded("Learning rates tried", sweep));
    }

    private void AddAblation(HtmlReport report, string group)
    {
        report.Add(new Heading($"Ablation: {group.Replace('-', ' ')}"));
        report.Add(new Figure(SuccessFigures.Ablation(results, group), Caption(group)));
        report.Add(new Folded("Numbers", Tables.Ablation(results, group)));
        foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
        {
            var rows = results.Group(group).Where(r => r.Success(split) is not null).ToList();
            var tests = PairedTest.Of(rows.Skip(1).Select((r, i) => (r, rows[i])), split);
            if (tests.Count > 0) report.Add(new Folded($"Each against the one above: {SuccessFigures.Title(split)}", Tables.Tests(tests)));
        }
    }

    /// <summary>What an ablation changes, and about what.</summary>
    private string Caption(string group)
    {
        var cells = results.Group(group).SelectMany(row => row.Cells).ToList();
        var (steps, seeds) = (cells.Max(c => c.Configuration.Recipe.Steps),
            cells.Select(c => c.Configuration.Recipe.Seed).Distinct().Count());
        var what = ComparisonGroups.Ablations.Contains(group) ? ComparisonGroups.Summary(group) : group;
        var rows = results.File.Cells.Where(c => c.Place.Group == group && c.Place.Role == CellRole.Final).Select(c => c.Place.Label)
            .Distinct().ToList();
        var about = rows is [var only] ? $"{only}, " : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{char.ToUpperInvariant(what[0])}{what[1..]}. {about}{steps:N0} steps at most, training seeds: {seeds}.");
    }

    private void AddDistillation(HtmlReport report)
    {
        var rows = results.Group(Results.Distillation);
        // A teacher alone teaches nobody yet.
        if (rows.All(r => r.Configuration.Teacher is null)) return;
        report.Add(new Heading("Distillation"));
        report.Add(new Figure(SuccessFigures.Ablation(results, Results.Distillation)));
        var taught = rows.FirstOrDefault(r => r.Configuration.Teacher is not null);
        if (taught is not null && rows.FirstOrDefault(r => r.Configuration.Teacher is null
            && r.Configuration.Policy == taught.Configuration.Policy) is { } alone)
            foreach (var split in results.Splits.Where(s => s is Results.NewLayouts or Results.UnseenPairs))
                if (PairedTest.Of([(taught, alone)], split) is [var test])
                    report.Add(new Paragraph(
                        $"{SuccessFigures.Title(split)}: the student with a teacher is {Tables.Signed(100 * test.Difference.Value)} points [{Tables.Signed(100 * test.Difference.Lower)}, {Tables.Signed(100 * test.Difference.Upper)}] {(test.Difference.Value >= 0 ? "ahead of" : "behind")} the one without{(test.Runs > 1 ? "" : ", over the episodes of one run")}; exact McNemar p of these trained policies {Tables.P(test.Test.PValue)}."));
        report.Add(new Folded("Numbers", Tables.Ablation(results, Results.Distillation)));
    }

    private void AddProtocol(HtmlReport report)
    {
        var file = results.File;
        report.Add(new Heading("How it was done"));
        report.Add(new ReportTable(["", ""],
        [
            ["Protocol", file.Protocol], ["Training seeds", string.Join(", ", file.Seeds)],
                ["Cells", $"{file.Finished} run, {file.Missing.Count} not run"],
            ["Machine", results.Machine], ["Work", $"{Duration(file.CellSeconds)} of one core, over all sessions"],
                ["Last session", Duration(file.WallSeconds)], ["Version", file.Version],
        ]));
        report.Add(new Folded("Every cell", Tables.Cells(results)));
        foreach (var row in results.Group(Results.Strategies))
            report.Add(new CodeBlock($"Configuration: {row.Label}",
                JsonSerializer.Serialize(row.Configuration with { Evaluation = row.Configuration.Evaluation with { Tests = [] } },
                (JsonTypeInfo<CellConfiguration>)Indented.GetTypeInfo(typeof(CellConfiguration)))));
        if (results.Rows.Count > 0)
            report.Add(new CodeBlock("Tests of every cell",
            string.Join('\n', results.Rows[0].Configuration.Evaluation.Tests.Select(t =>
            $"{t.Task,-12}{t.Split,-6}{t.Control,-22}{t.Episodes} episodes"))));
    }

    /// <summary>Seconds as hours and minutes.</summary>
    internal static string Duration(double seconds) => seconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : seconds < 7200 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h");
}
