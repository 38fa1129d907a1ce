using System.Xml.Linq;
using CrossModal.Cli.Findings;
using CrossModal.Cli.Reports;
using CrossModal.Cli.Tests.Reports;
using CrossModal.Tabletop.Comparison;
using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Cli.Tests.Findings;

public sealed class ComparisonReportTests
{
    private static readonly Results Sample = new(SampleComparison.Build());

    private static XElement Page { get; } = HtmlReportTests.Parse(Build(Sample));

    [Fact]
    public void The_table_stands_beside_the_textbooks()
    {
        var rows = Page.Descendants("table").First(t => t.Value.Contains("MFLOP", StringComparison.Ordinal)).Element("tbody")!.Elements().ToList();
        Assert.Equal(9, rows.Count);
        var cross = rows.Single(r => r.Value.StartsWith("cross-attention ×4", StringComparison.Ordinal)).Elements("td").Select(d => d.Value).ToList();
        Assert.Equal("85 %", cross[2]);
        Assert.Equal("good", cross[4]);
        Assert.Equal("+40 %", cross[6]);
        var row = Sample.Rows.Single(r => r.Label == "cross-attention ×4");
        Assert.StartsWith(Interval.Percent(row.Success("S0")!.Interval.Value) + row.Success("S0")!.Interval.PercentRange, cross[1]);
    }

    [Fact]
    public void What_has_not_been_run_is_said_openly()
    {
        var notice = Page.Descendants("details").Single(p => p.Attribute("class")?.Value == "notice").Value;
        Assert.StartsWith("1 planned cell has not been run, ", notice);
        Assert.EndsWith(SampleComparison.UnfinishedCell, notice);
        Assert.DoesNotContain(HtmlReportTests.Parse(Build(new Results(SampleComparison.Build(complete: true)))).Descendants("details"), p => p.Attribute("class")?.Value == "notice");
    }

    [Fact]
    public void Every_section_is_there()
    {
        var headings = Page.Descendants("h2").Select(h => h.Value).ToList();
        Assert.Equal(
            [
                "The textbook's table beside the measured one", "Which differences are real", "Task by task, split by split", "Controls: what is withheld must be missed",
                "Learning: who is still on a plateau", "What success costs", "From looking to doing", "Where words look", "Episodes, with what the words look at",
                "Ablation: heads", "Ablation: data", "Distillation", "How it was done",
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
        var results = new Results(file with { Cells = [.. file.Cells.Select(c => c.Place.Variant == "perceiver-2" ? c with { Result = c.Result with { Diverged = "the loss became infinite at step 100", Tests = [], Learning = [] } }
            : c is { Place.Variant: "co-attention-1", Result.Configuration.Recipe.Seed: 1 } ? c with { Result = c.Result with { Diverged = "so did this", Tests = [], Learning = [] } } : c)] });
        var page = HtmlReportTests.Parse(Build(results));
        Assert.Contains(page.Descendants("text"), t => t.Value == "diverged");
        Assert.Contains(page.Descendants("td"), d => d.Value == "co-attention ×1 (1 of 3 runs diverged)");
        Assert.Equal(5, results.Rows.Single(r => r.Variant == "co-attention-1").Learning.Count);
    }

    [Fact]
    public void A_share_joins_tasks_and_training_runs()
    {
        var row = Sample.Rows[2];
        var tests = row.Cells.SelectMany(c => c.Tests.Where(t => t.Split == "Z1" && t.Control == 0)).ToList();
        var share = row.Success("Z1")!;
        Assert.Equal((tests.Sum(t => t.Successes), tests.Sum(t => t.Episodes)), (share.Count, share.Of));
        Assert.Equal(WilsonInterval.Of(share.Count, share.Of).Lower, share.Interval.Low);
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
        var (a, b) = (co.First.Outcomes("S0").Take(2).SelectMany(r => r).ToList(), co.Second.Outcomes("S0").Take(2).SelectMany(r => r).ToList());
        Assert.Equal(a.Zip(b).Count(p => p.First && !p.Second), co.Test.OnlyFirst);
        Assert.Equal((a.Count(w => w) - b.Count(w => w)) / 480.0, co.Difference.Value, 12);
    }

    [Fact]
    public void Equal_time_reads_the_curve_where_the_quickest_ended()
    {
        var seconds = CostFigures.EqualSeconds(Sample);
        Assert.Equal(210, seconds, 6);
        var slow = Sample.Rows.Single(r => r.Label == "cross-attention ×4");
        Assert.Equal(slow.LearningByTime[1].Success.Count, CostFigures.At(slow, seconds)!.Count);
        Assert.Equal(Sample.Rows[0].Learning[^1].Success.Count, CostFigures.At(Sample.Rows[0], seconds)!.Count);
        Assert.Null(CostFigures.At(slow, 10));
    }

    internal static HtmlReport Build(Results results) => new ComparisonReport(results, key => results.Rows.Any(r => r.Label == "cross-attention ×4" && r.Cells[0].Key == key) ? SampleComparison.Films(key) : null).Build();
}
