using System.Text.RegularExpressions;
using System.Xml.Linq;
using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Experiments.Statistics;
using CrossModal.Reports;
using CrossModal.Reports.Tests;
using CrossModal.Tabletop.Language;

namespace CrossModal.Cli.Tests.Comparisons;

public sealed partial class ComparisonReportTests
{
    private static readonly Results Sample = new(SampleComparison.Build());

    private static XElement Page { get; } = ParsedPage.Of(Build(Sample));

    [Fact]
    public void The_table_stands_beside_the_textbooks()
    {
        var rows = Page.Descendants("table").First(t => t.Value.Contains("MFLOP", StringComparison.Ordinal)).Element("tbody")!.Elements()
            .ToList();
        Assert.Equal(9, rows.Count);
        var cross = rows.Single(r => r.Value.StartsWith("cross-attention ×4", StringComparison.Ordinal)).Elements("td").Select(d => d.Value)
            .ToList();
        Assert.Equal("85 %", cross[2]);
        Assert.Equal("good", cross[4]);
        Assert.Equal("+40 %", cross[6]);
        var row = Sample.Rows.Single(r => r.Label == "cross-attention ×4");
        Assert.StartsWith(Interval.Percent(row.Success("S0")!.Interval.Value) + row.Success("S0")!.Drawn().PercentRange, cross[1]);
    }

    [Fact]
    public void What_has_not_been_run_is_said_openly()
    {
        var notice = Page.Descendants("details").Single(p => p.Attribute("class")?.Value == "notice").Value;
        Assert.StartsWith("1 planned cell has not been run, ", notice);
        Assert.EndsWith(SampleComparison.UnfinishedCell, notice);
        Assert.DoesNotContain(ParsedPage.Of(Build(new Results(SampleComparison.Build(complete: true)))).Descendants("details"), p =>
            p.Attribute("class")?.Value == "notice");
    }

    [Fact]
    public void Every_section_is_there()
    {
        var headings = Page.Descendants("h2").Select(h => h.Value).ToList();
        Assert.Equal(
            [
                "The textbook's table beside the measured one", "Which differences are larger than chance", "Task by task, split by split",
                    "Controls: success with an input withheld",
                "Learning curves", "What success costs", "From attention to action", "Attention weights of words",
                    "Episodes, with the attention map of each word",
                "Ablation: heads", "Ablation: data", "Distillation", "Protocol and machine",
            ], headings);
        Assert.Contains("Holm", Page.Value);
        Assert.Contains("McNemar", Page.Value);
    }

    [Fact]
    public void A_comparison_of_one_cell_and_one_of_none_still_make_a_page()
    {
        var file = SampleComparison.Build();
        var one = file.Cells.First(c => c.Place.Role == CellRole.Final);
        Assert.Contains(one.Place.Label, Build(new Results(file with { Cells = [one] })).ToString());
        Assert.Contains("has not been run", Build(new Results(file with { Cells = [] })).ToString());
    }

    [Fact]
    public void A_training_that_diverged_is_said_to_have()
    {
        var file = SampleComparison.Build();
        var results = new Results(file with
        {
            Cells = [.. file.Cells.Select(c =>
            c.Place.Variant == "perceiver-2" ? c with { Result = c.Result with { Diverged = "the loss became infinite at step 100",
            Tests = [], Learning = [] } }
            : c is { Place.Variant: "co-attention-1", Result.Configuration.Recipe.Seed: 1 }
                ? c with { Result = c.Result with { Diverged = "so did this", Tests = [], Learning = [] } } : c)]
        });
        var page = ParsedPage.Of(Build(results));
        Assert.Contains(page.Descendants("text"), t => t.Value == "diverged");
        Assert.Contains(page.Descendants("td"), d => d.Value == "co-attention ×1 (1 of 3 runs diverged)");
        Assert.Equal(5, results.Rows.Single(r => r.Variant == "co-attention-1").Learning.Count);
        foreach (var table in (ReportTable[])[new Tables(ToolLanguage.English).Strategies(results),
            new OutcomeTables(ToolLanguage.English).Splits(results, null),
            new OutcomeTables(ToolLanguage.English).Controls(results)]) Assert.Equal("diverged", table.Rows[7][1].Text);
        Assert.Equal(["diverged", "diverged"], new Tables(ToolLanguage.English).Sweep(results)!.Rows[7].Skip(1).Take(2)
            .Select(c => c.Text));
    }

    [Fact]
    public void A_share_joins_tasks_and_training_runs()
    {
        var row = Sample.Rows[2];
        var tests = row.Cells.SelectMany(c => c.Tests.Where(t => t.Split == "Z1" && t.Control == 0)).ToList();
        var share = row.Success("Z1")!;
        Assert.Equal((tests.Sum(t => t.Successes), tests.Sum(t => t.Episodes)), (share.Count, share.Of));
        var over = Bootstrap.Rate(row.Outcomes("Z1"));
        Assert.Equal((over.Value, over.Lower, over.Upper), (share.Interval.Value, share.Interval.Lower, share.Interval.Upper));
        Assert.Equal(3, share.Runs.Count);
        Assert.Null(row.Success("Z9"));
        Assert.Equal(share.Count, row.Outcomes("Z1").Sum(r => r.Count(b => b)));
        Assert.Equal(1, row.Endings("S0").Sum(), 12);
    }

    [Fact]
    public void Neighbours_are_tested_on_the_runs_they_share()
    {
        var tests = Sample.Neighbours("S0");
        Assert.Equal(8, tests.Count);
        Assert.All(tests, t => Assert.True(t.First.Success("S0")!.Interval.Value >= t.Second.Success("S0")!.Interval.Value));
        Assert.All(tests, t => Assert.True(t.Adjusted >= t.Test.PValue));

        // Co-attention ×4 has two training runs, all others three: 2 × 4 tasks × 60 episodes at most can differ.
        var co = tests.First(t => t.First.Label == "co-attention ×4" || t.Second.Label == "co-attention ×4");
        var (a, b) = (co.First.Outcomes("S0").Take(2).SelectMany(r => r).ToList(),
            co.Second.Outcomes("S0").Take(2).SelectMany(r => r).ToList());
        Assert.Equal(a.Zip(b).Count(p => p.First && !p.Second), co.Test.OnlyFirst);
        Assert.Equal((a.Count(w => w) - b.Count(w => w)) / 480.0, co.Difference.Value, 12);
    }

    [Fact]
    public void An_ablation_says_what_it_changes_and_needs_two_rows()
    {
        Assert.Contains("Number of heads: 1, 2, 4, 8, 16. cross-attention ×4, 8,000 steps at most, training seeds: 1.", Page.Value);
        var one = Sample.File.Cells.First(c => c.Place.Group == "heads");
        Assert.Empty(new Results(Sample.File with
        {
            Cells = [.. Sample.File.Cells.Where(c =>
            c.Place.Group != "heads" && c.Place.Group != "data"), one]
        }).Ablations);
    }

    [Fact]
    public void Equal_time_reads_the_curve_where_the_quickest_ended()
    {
        var seconds = CostFigures.EqualSeconds(Sample);
        Assert.Equal(210, seconds, 6);
        var slow = Sample.Rows.Single(r => r.Label == "cross-attention ×4");
        Assert.Equal(slow.LearningByTime[1].Success.Count, CostFigures.At(Sample, slow, seconds)!.Count);
        Assert.Equal(Sample.Rows[0].Learning[^1].Success.Count, CostFigures.At(Sample, Sample.Rows[0], seconds)!.Count);
        Assert.Null(CostFigures.At(Sample, slow, 10));
    }

    [Fact]
    public void Shorter_trainings_of_their_own_stand_before_the_whole()
    {
        var row = new OutcomeTables(ToolLanguage.English).EqualBudgets(Sample).Rows.Single(r => r[0].Text == "cross-attention ×4")
            .Select(c => c.Text).ToArray();
        var budgets = Sample.Budgets(Sample.Rows.Single(r => r.Label == "cross-attention ×4"));
        Assert.Equal([2000.0, 4000.0, 8000.0], budgets.Select(b => b.X / 48));
        Assert.Equal(budgets.Select(b => Interval.Percent(b.Success.Interval.Value)), row[1..4]);
        Assert.Equal(3, row[1..4].Distinct().Count());
    }

    [Fact]
    public void Seconds_of_training_are_steps_timed_in_turn_where_they_were()
    {
        var file = SampleComparison.Build();
        var timed = new Results(file with { Speeds = [new SpeedRecord("cross-attention-4", 1, 1, 1) { TrainingMilliseconds = 30 }] });
        var row = timed.Rows.Single(r => r.Variant == "cross-attention-4");
        var whole = row.Configuration.Recipe.Steps * 0.030;
        Assert.Equal(whole, timed.TrainingSeconds(row), 9);
        Assert.Equal(whole, timed.LearningByTime(row)[^1].X, 9);
        Assert.Equal(whole * row.Learning[0].X / row.Learning[^1].X, timed.LearningByTime(row)[0].X, 9);
        Assert.Equal(row.Learning.Select(p => p.Success.Count), timed.LearningByTime(row).Select(p => p.Success.Count));

        var other = timed.Rows.Single(r => r.Variant == "cross-attention-1");
        Assert.Equal(other.LearningByTime[^1].X, timed.LearningByTime(other)[^1].X);
        Assert.Equal(other.TrainingSeconds, timed.TrainingSeconds(other));
    }

    [Fact]
    public void Layers_of_a_second_camera_are_counted_for_themselves()
    {
        var cell = Sample.File.Cells.First(c => c.Place.Variant == "cross-attention-4");
        string[] layers = ["a.0", "a.0, view 2", "a.1", "a.1, view 2"];
        var row = new Row(cell.Place, [cell.Result with { Grounding = [
            .. layers.Select(l => new GroundingRecord("pick", l, WordKind.Color, 3, 1, 0.5, 0.1))] }]);
        Assert.Equal([("a.0", 1, 1), ("a.1", 2, 1), ("a.0, view 2", 1, 2), ("a.1, view 2", 2, 2)], row.Layers);
    }

    [Fact]
    public void A_strategy_that_touches_nothing_is_not_said_to_be_untested()
    {
        var cell = Sample.File.Cells.First(c => c.Place is { Group: Results.Strategies, Role: CellRole.Final });
        var nothing = cell.Result.Tests.Select(t =>
            t with { Touched = EpisodeBits.Encode(new bool[t.Episodes]), TargetFirst = EpisodeBits.Encode(new bool[t.Episodes]) }).ToList();
        var plot = new SuccessFigures(ToolLanguage.English).OnTheWay(new Results(Sample.File with
        {
            Cells = [
            cell with { Result = cell.Result with { Tests = nothing } }]
        }), "S0");
        Assert.Contains("touches nothing", plot.Description);
        Assert.DoesNotContain("not run", plot.Description);
    }

    [Fact]
    public void The_librarys_strategies_outside_the_textbooks_table_stand_apart_once_it_is_whole()
    {
        var cell = Sample.File.Cells.First(c => c.Place is { Variant: "concat-tokens-2", Role: CellRole.Final });
        ComparedCell Named(string variant, string label, CellRole role = CellRole.Final) =>
            cell with { Place = cell.Place with { Variant = variant, Label = label, Role = role } };
        var book = ComparisonVariants.OfTextbook.Select(v => Named(v.Name, v.Label)).ToList();
        ComparedCell[] others = [Named("film", "FiLM"), Named("lava", "LAVA"), Named("vilt", "ViLT"),
            Named("lava", "LAVA", CellRole.Sweep)];

        // One that is not the library's own stands below the textbook's, whether or not whoever reads the results has it.
        var whole = new Results(Sample.File with { Cells = [.. book, .. others] });
        Assert.Equal([.. ComparisonVariants.OfTextbook.Select(v => v.Name), "film"], whole.Rows.Select(r => r.Variant));
        Assert.Equal(["lava", "vilt"], whole.Further.Rows.Select(r => r.Variant));
        Assert.Empty(whole.Cells(CellRole.Sweep));
        Assert.Equal("lava", Assert.Single(whole.Further.Cells(CellRole.Sweep)).Place.Variant);
        Assert.Contains(ParsedPage.Of(Build(whole)).Descendants("h2"), h => h.Value == "The library's other strategies");
        // The textbook says nothing of these, so nothing stands beside them.
        Assert.All(new Tables(ToolLanguage.English).Strategies(whole.Further).Rows, row => Assert.Equal(7, row.Count));

        var part = new Results(Sample.File with { Cells = [.. book.Skip(1), .. others] });
        Assert.Equal(book.Count - 1 + 3, part.Rows.Count);
        Assert.Empty(part.Further.Rows);
        Assert.Empty(new Tables(ToolLanguage.English).Strategies(part.Further).Rows);
    }

    [Fact]
    public void A_page_in_Chinese_has_no_English_heading_caption_heading_of_a_column_or_label()
    {
        // Strategies and settings that are not the library's keep their names: here of one word.
        var page = ParsedPage.Of(Build(new Results(Sample.File with
        {
            Cells = [.. Sample.File.Cells.Select(c => c with { Place = c.Place with
                { Label = c.Place.Label.Replace(' ', '-'), Setting = c.Place.Setting.Replace(' ', '-') } })],
        }), ToolLanguage.Chinese));
        string[] kinds = ["h1", "h2", "h3", "summary", "th", "figcaption", "p", "text"];
        var texts = page.Descendants().Where(e => kinds.Contains(e.Name.LocalName)
            && e.Ancestors().All(a => a.Name.LocalName != "footer")).Select(e => e.Value).ToList();
        Assert.True(texts.Count > 200, $"{texts.Count}");
        Assert.Equal([], texts.Where(text => EnglishWords().IsMatch(text)).Distinct());
        Assert.Contains("交叉注意力，4 层", texts);
        Assert.Contains(page.Descendants("td"), cell => cell.Value == "良好");
        Assert.Contains("zh-CN", Build(Sample, ToolLanguage.Chinese).ToString(), StringComparison.Ordinal);
    }

    // Two small words in a row, outside of what names a file or a layer.
    [GeneratedRegex(@"(?<![\w./-])[a-z]{2,},? [a-z]{2,}(?![\w./-])")]
    private static partial Regex EnglishWords();

    internal static HtmlReport Build(Results results, ToolLanguage language = ToolLanguage.English) =>
        new ComparisonReport(results, key => results.Rows.Any(r => r.Variant == "cross-attention-4" && r.Cells[0].Key == key)
        ? SampleComparison.Films(key) : null, language).Build();
}
