using System.Xml.Linq;
using CrossModal.Cli.Comparisons;
using CrossModal.Cli.Tests.Comparisons;
using CrossModal.Cli.Texts;
using CrossModal.Experiments.Analysis;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Publish.Pages;
using CrossModal.Publish.Questions;
using CrossModal.Reports;

namespace CrossModal.Publish.Tests.Pages;

public sealed class DocumentTests
{
    private const string Page =
        "The best is <!-- value:best S0 -->?<!-- /value --> with <!-- value:interval cross-attention-4 S0 -->?<!-- /value -->.\n\n"
        + "<!-- measured:strategies -->\n| a | b | c | d | e | f | g | h | i | j |\n|---|---|---|---|---|---|---|---|---|---|\n<!-- " +
            "/measured -->\n"
        + "<!-- value:film-cross-attention-4-failure -->?<!-- /value -->\n";

    private static readonly string[] Shown =
    [
        "headline.svg", "splits-pick.svg", "controls.svg", "learning.svg", "cost-latency.svg", "way-S0.svg", "endings-Z1.svg", "lift.svg",
            "ablation-heads.svg", "ablation-data.svg", "distillation.svg",
        "zh/headline.svg", "film-cross-attention-4-success.png", "film-cross-attention-4-failure.png",
    ];

    private static readonly Results Sample = new(SampleComparison.Build());

    [Theory]
    [InlineData("best S0", "cross-attention ×4")]
    [InlineData("parameters cross-attention-4", "246,000")]
    [InlineData("flops cross-attention-4", "14.8 MFLOP")]
    [InlineData("ms cross-attention-4", "2.80 ms")]
    [InlineData("lift cross-attention-4 Color 3", "12.7×")]
    [InlineData("mass cross-attention-4 Color 3", "0.38")]
    [InlineData("mass cross-attention-4 Color 3 pick", "0.38")]
    [InlineData("mass cross-attention-4 Color 3 no-such-task", null)]
    [InlineData("relative-parameters cross-attention-4", "+41 %")]
    [InlineData("steps data/4000_steps", "4,000")]
    [InlineData("rate cross-attention-4", "0.002")]
    [InlineData("chance", "20.0 %")]
    [InlineData("seeds", "0, 1, 2")]
    [InlineData("machine", "2 cores; 2 cores, 256-bit vectors (AVX2), .NET 10.0.9, linux-x64")]
    [InlineData("missing", "1")]
    [InlineData("work", "11.1 h")]
    [InlineData("session", "5.8 h")]
    [InlineData("success cross-attention-9 S0", null)]
    [InlineData("success cross-attention-4 Z9", null)]
    [InlineData("success cross-attention-4 S0 all NoSuchControl", null)]
    [InlineData("lift cross-attention-4 Color 5", null)]
    [InlineData("nonsense", null)]
    public void Values_have_names(string name, string? value) =>
        Assert.Equal(value, new DocumentValues(Sample, ToolLanguage.English).Find(name));

    [Fact]
    public void Shares_and_differences_are_those_of_the_page()
    {
        var values = new DocumentValues(Sample, ToolLanguage.English);
        var (first, second) = (Sample.Rows.Single(r => r.Variant == "cross-attention-4"),
            Sample.Rows.Single(r => r.Variant == "cross-attention-1"));
        Assert.Equal(Interval.Percent(first.Success("Z1", "pick")!.Interval.Value), values.Find("success cross-attention-4 Z1 pick"));
        Assert.Equal(first.Success("S0", null, Tabletop.Learning.PolicyControl.NoLanguage)!.ToString(),
            values.Find("interval cross-attention-4 S0 all NoLanguage"));
        var runs = first.Success("S0", "place")!.Runs;
        Assert.Equal(Interval.Percent(runs.Min()), values.Find("lowest cross-attention-4 S0 place"));
        Assert.Equal(Interval.Percent(runs.Max()), values.Find("highest cross-attention-4 S0 place"));
        Assert.NotEqual(values.Find("lowest cross-attention-4 S0 place"), values.Find("highest cross-attention-4 S0 place"));
        var test = PairedTest.Of([(first, second)], "S0").Single();
        Assert.StartsWith(Tables.Signed(100 * test.Difference.Value) + " [",
            values.Find("difference cross-attention-4 cross-attention-1 S0"));
        Assert.Equal(Tables.P(test.Test.PValue), values.Find("p cross-attention-4 cross-attention-1 S0"));
    }

    [Theory]
    [InlineData("strategies", 9, 10)]
    [InlineData("neighbours-S0", 8, 8)]
    [InlineData("concatenation-Z1", 8, 8)]
    [InlineData("seeds-S0", 9, 3)]
    [InlineData("splits", 9, 8)]
    [InlineData("splits-place", 9, 8)]
    [InlineData("controls", 9, 7)]
    [InlineData("way-Z1", 9, 7)]
    [InlineData("lift", 20, 5)]
    [InlineData("budgets", 9, 6)]
    [InlineData("sweep", 9, 4)]
    [InlineData("ablation-heads", 5, 11)]
    [InlineData("missing", 1, 1)]
    public void Tables_have_names(string name, int rows, int columns)
    {
        var table = new DocumentTables(Sample, ToolLanguage.English).Find(name);
        Assert.NotNull(table);
        Assert.Equal(rows, table.Count);
        Assert.All(table, row => Assert.Equal(columns, row.Length));
    }

    [Fact]
    public void Strategies_outside_the_textbooks_table_have_tables_and_values_of_their_own()
    {
        var cell = Sample.File.Cells.First(c => c.Place is { Variant: "concat-tokens-2", Role: CellRole.Final });
        var whole = new Results(Sample.File with
        {
            Cells = [.. ComparisonVariants.OfTextbook.Select(v => (v.Name, v.Label)).Append(("lava", "LAVA")).Append(("vilt", "ViLT"))
                .Select(v => cell with { Place = cell.Place with { Variant = v.Item1, Label = v.Item2 } })],
        });
        var tables = new DocumentTables(whole, ToolLanguage.English);
        Assert.Equal([["ViLT", .. tables.Find("splits")![0][1..]]], tables.Find("further-splits")!.Skip(1));
        Assert.Equal(["**LAVA**", "ViLT"], tables.Find("further")!.Select(row => row[0]));
        Assert.Equal(whole.Further.Rows[1].Success("S0")!.ToString(),
            new DocumentValues(whole, ToolLanguage.English).Find("interval vilt S0"));
    }

    [Fact]
    public void Tables_of_Chinese_documents_name_rows_and_verdicts_in_Chinese()
    {
        var tables = new DocumentTables(Sample, ToolLanguage.Chinese);
        Assert.Equal(["交叉注意力，1 层", "交叉注意力，2 层", "**交叉注意力，4 层**"], tables.Find("strategies")!.Skip(2).Take(3).Select(row => row[0]));
        Assert.All(tables.Find("neighbours-S0")!, row => Assert.Contains(row[^1], (string[])["是", "否", "只训练一次"]));
        Assert.EndsWith("（基准）", tables.Find("strategies")![0][5], StringComparison.Ordinal);
        Assert.Equal([["all-absorbed"], ["cross-attention-4"]], Table().Tables["ways"]);
        Assert.Equal([["全部 token，吸收投影"], ["cross-attention-4"]], Table().TableIn(ToolLanguage.Chinese, "ways")!);
        Assert.Equal([["all tokens, projections absorbed"], ["cross-attention-4"]], Table().TableIn(ToolLanguage.English, "ways")!);
        Assert.Equal("cross-attention-4，未训练", AnswerNames.Of("untrained:cross-attention-4", ToolLanguage.Chinese));

        static Answer Table() => new()
        {
            Question = 4,
            Command = "",
            Machine = "",
            Tables = { ["ways"] = [["all-absorbed"], ["cross-attention-4"]] },
        };
    }

    [Theory]
    [InlineData("neighbours-Z9")]
    [InlineData("ablation-nothing")]
    [InlineData("nonsense")]
    public void Other_tables_do_not_exist(string name) => Assert.Null(new DocumentTables(Sample, ToolLanguage.English).Find(name));

    [Fact]
    public void The_command_fills_pages_and_draws_pictures_and_then_has_nothing_left_to_do()
    {
        using var folder = new TemporaryFolder();
        var file = SampleComparison.Build();
        var key = file.Cells.Single(c => c.Place is { Group: "strategies", Variant: "cross-attention-4", Role: CellRole.Final }
            && c.Result.Configuration.Recipe.Seed == 0).Result.Key;
        ComparisonFile.WriteResults(folder["results.json"], file);
        CellFile.WriteFilms(folder[$"films/name_{key}.json"], SampleComparison.Films(key));
        Directory.CreateDirectory(folder["docs"]);
        File.WriteAllText(folder["docs/results.md"], Page + string.Concat(Shown.Select(name => $"![](images/results/{name})\n")));
        File.WriteAllText(folder["docs/questions.md"],
            "<!-- value:many -->?<!-- /value --> by <!-- value:command 4 -->?<!-- /value -->\n<!-- measured:ways -->\n| a |\n|---|\n<!-- " +
            "/measured -->\n");
        new Answer
        {
            Question = 4,
            Command = "question --number 4",
            Machine = "m",
            Tables = { ["ways"] = [["x"]] },
            Values = { ["many"] = "7.0×" }
        }.Write(folder.Path);
        var run = PublishRun.Of("docs", "--results", folder.Path, "--docs", folder["docs"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var filled = File.ReadAllText(folder["docs/results.md"]);
        Assert.StartsWith($"The best is <!-- value:best S0 -->cross-attention ×4<!-- /value --> with <!-- value:interval cross-attention-4 S0 -->{Sample.Rows[4].Success("S0")}", filled);
        Assert.Contains("| **cross-attention ×4** | **", filled);
        Assert.Equal("<!-- value:many -->7.0×<!-- /value --> by <!-- value:command 4 -->question --number 4<!-- /value -->\n<!-- " +
            "measured:ways -->\n| a |\n|---|\n| x |\n<!-- /measured -->\n", File.ReadAllText(folder["docs/questions.md"]));
        Assert.Contains("failure -->pick up the red cup<!-- /value -->", filled);

        // What no page shows is not drawn.
        Assert.Equal(Shown.Order(), Directory.GetFiles(folder["docs/images/results"], "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder["docs/images/results"], f).Replace('\\', '/')).Order());
        Assert.All(Shown.Where(name => name.EndsWith(".svg", StringComparison.Ordinal)), name =>
            Assert.NotEmpty(XElement.Load(folder[$"docs/images/results/{name}"]).Elements()));
        Assert.Contains("新布局 (S0)", File.ReadAllText(folder["docs/images/results/zh/headline.svg"]));
        Assert.Contains("New layouts (S0)", File.ReadAllText(folder["docs/images/results/headline.svg"]));
        Assert.Equal("everything was up to date", PublishRun.Of("docs", "--results", folder.Path, "--docs", folder["docs"]).Output.Trim());
    }

    [Fact]
    public void Bad_input_is_one_line()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("none: there is no such folder", PublishRun.Of("docs", "--results", folder["none"]).OnlyError());
        ComparisonFile.WriteResults(folder["results.json"], SampleComparison.Build());
        Directory.CreateDirectory(folder["docs"]);
        File.WriteAllText(folder["docs/results.md"], "<!-- value:success nobody S0 -->1<!-- /value -->");
        var run = PublishRun.Of("docs", "--results", folder.Path, "--docs", folder["docs"]);
        Assert.Contains("results.md: line 1: there is no value 'success nobody S0'", run.OnlyError());
        Assert.Equal(2, run.ExitCode);
    }
}
