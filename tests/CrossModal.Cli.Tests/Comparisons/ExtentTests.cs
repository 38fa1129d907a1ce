using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Reports.Tests;
using CrossModal.Tabletop.Evaluation;

namespace CrossModal.Cli.Tests.Comparisons;

/// <summary>What a page may say, given how many steps, runs and settings stand behind it.</summary>
public sealed class ExtentTests
{
    private static readonly ComparisonResults Whole = SampleComparison.Build();

    [Fact]
    public void A_part_of_the_published_comparison_says_so_and_has_nothing_of_the_textbook_beside_it()
    {
        var page = Page(Quick());
        Assert.Contains("1,400 of 8,000 training steps, 1 of 4 tasks, 1 training seed instead of 3, 60 test episodes on new layouts " +
            "instead of 2,000", page.Value);
        Assert.Contains("no interval over training runs exists", page.Value);
        Assert.DoesNotContain(page.Descendants("h2"), h => h.Value.Contains("textbook", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(page.Descendants("th"), t => t.Value.Equals("textbook", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(page.Descendants("text"), t => t.Value == "textbook");
        Assert.All(page.Descendants("table").First(t => t.Value.Contains("MFLOP", StringComparison.Ordinal)).Element("tbody")!.Elements(),
            row => Assert.EndsWith("1no interval over runs", row.Value));

        var whole = Page(Whole);
        Assert.DoesNotContain("A part of the published comparison", whole.Value);
        Assert.Contains(whole.Descendants("text"), t => t.Value == "textbook");
    }

    [Fact]
    public void An_ablation_is_shown_only_where_it_was_asked_for()
    {
        Assert.Equal(["heads", "data"], new Results(Whole).Ablations);
        Assert.Equal(["data"], new Results(Whole with { Groups = ["strategies", "data"] }).Ablations);
        Assert.Empty(new Results(Whole with { Groups = ["strategies"] }).Ablations);
        Assert.DoesNotContain(Page(Whole with { Groups = ["strategies", "distillation"] }).Descendants("h2"), h =>
            h.Value.StartsWith("Ablation", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_choices_the_table_has_the_rows_that_have_made_theirs()
    {
        var cell = Whole.Cells.First(c => c is { Place: { Group: "strategies", Role: CellRole.Final } });
        var results = new Results(Whole with
        {
            Groups = [ComparisonGroups.Chosen],
            Cells = [.. new[] { ("a", "a, as usual"), ("b", "b, as usual"), ("b", "b, 4 rounds") }.Select(row =>
                cell with { Place = new CellPlace(ComparisonGroups.Chosen, row.Item1, row.Item1, CellRole.Final, row.Item2) })],
        });
        Assert.Equal(["b, as usual", "b, 4 rounds"],
            new Tables(ToolLanguage.English).Ablation(results, ComparisonGroups.Chosen).Rows.Select(row => row[0].Text));
    }

    [Fact]
    public void Rows_are_told_apart_by_the_interval_over_runs_whatever_the_p_value_says()
    {
        // Three runs of each: the first is far better once and a little worse twice, over many episodes.
        var (a, b) = (Row("a", 95, 40, 40), Row("b", 50, 42, 42));
        var test = Assert.Single(PairedTest.Of([(a, b)], "S0"));
        Assert.True(test is { Adjusted: < 0.001, Runs: 3, IsSignificant: false }, $"{test}");
        Assert.True(Assert.Single(PairedTest.Of([(Row("a", 60, 62, 61), Row("b", 20, 30, 25))], "S0")).IsSignificant);

        // Of one run there is no interval over runs, however small the p-value.
        var one = Assert.Single(PairedTest.Of([(Row("a", 95), Row("b", 5))], "S0"));
        Assert.True(one is { Adjusted: < 0.001, Runs: 1, IsSignificant: null });
        Assert.Equal("one run", new Tables(ToolLanguage.English).Tests([one]).Rows[0][^1].Text);
        Assert.Contains("speaks of these trained policies on these episodes, not of the next training",
            new Tables(ToolLanguage.English).Tests([one]).Caption);
        Assert.Equal("one run: interval over episodes alone",
            Assert.Single(new SuccessFigures(ToolLanguage.English).Differences([one]).Legend).Name);
    }

    [Fact]
    public void A_share_of_one_run_or_of_nothing_but_failures_has_the_interval_over_episodes()
    {
        foreach (var counts in ((int, int)[][])[[(30, 40)], [(0, 40), (0, 40)], [(40, 40), (40, 40), (40, 40)]])
        {
            var (share, wilson) = (new Share(counts), WilsonInterval.Of(counts.Sum(c => c.Item1), counts.Sum(c => c.Item2)));
            Assert.Equal((wilson.Rate, wilson.Lower, wilson.Upper), (share.Interval.Value, share.Interval.Lower, share.Interval.Upper));
        }

        // Three runs that lie far apart: the interval reaches from near the lowest to near the highest.
        var far = new Share([(236, 1000), (706, 1000), (747, 1000)]);
        Assert.InRange(far.Interval.Lower, 0.22, 0.27);
        Assert.InRange(far.Interval.Upper, 0.71, 0.76);
        Assert.Equal(0.563, far.Interval.Value, 3);
        Assert.Equal(far.Interval, new Share([(236, 1000), (706, 1000), (747, 1000)]).Interval);
    }

    /// <summary>As compare --quick leaves it: one task, one seed, 1,400 steps.</summary>
    private static ComparisonResults Quick() => Whole with
    {
        Protocol = "quick",
        Seeds = [0],
        Missing = [],
        Cells = [.. Whole.Cells.Where(c => c.Place.Group == "strategies" && c.Place.Role == CellRole.Final
            && c.Result.Configuration.Recipe.Seed == 0).Select(c => c with
        {
            Result = c.Result with
            {
                Configuration = c.Result.Configuration with
                {
                    Recipe = c.Result.Configuration.Recipe with { Steps = 1400, Tasks = ["pick"] },
                    Evaluation = c.Result.Configuration.Evaluation with { Tests = [
                        .. c.Result.Configuration.Evaluation.Tests.Where(t => t.Task == "pick")] },
                },
                Tests = [.. c.Result.Tests.Where(t => t.Task == "pick")],
            },
        })],
    };

    private static System.Xml.Linq.XElement Page(ComparisonResults file) => ParsedPage.Of(ComparisonReportTests.Build(new Results(file)));

    /// <summary>A row whose runs solve so many of 100 episodes.</summary>
    private static Row Row(string name, params int[] runs)
    {
        var cell = Whole.Cells.First(c => c is { Place: { Group: "strategies", Role: CellRole.Final } });
        var test = cell.Result.Tests.First(t => t is { Split: "S0", Control: 0 });
        return new Row(cell.Place with { Variant = name, Label = name }, [.. runs.Select((solved, seed) => cell.Result with
        {
            Configuration = cell.Result.Configuration with { Recipe = cell.Result.Configuration.Recipe with { Seed = (ulong)seed } },
            Tests = [test with { Episodes = 100, Succeeded = EpisodeBits.Encode([.. Enumerable.Range(0, 100).Select(e => e < solved)]) }],
        })]);
    }
}
