using System.Xml.Linq;
using CrossModal.Benchmarks.Comparison;
using CrossModal.Reports;
using Figure = CrossModal.Benchmarks.Comparison.Figure;

namespace CrossModal.Benchmarks.Tests.Comparison;

public sealed class ReportTests
{
    private static readonly Configuration Configuration = new("a <machine> & more", new Dictionary<string, string>(), []);

    [Fact]
    public void The_table_marks_the_best_peer_and_judges_the_goals()
    {
        var lines = ResultTable.Lines(OutcomeTests.Layer(("ours/auto:x", 100_000), ("ours/abs:x", 110_000), ("ort/plain:x", 320_000),
            ("ort/absorb:x", 150_000))).ToList();
        Assert.Equal("layer x: sizes & more; 1 thread", lines[0]);
        Assert.Matches(@"^  ours auto\s+100\.0\s+100\.0 – 100\.0\s+90\.0\s+3/3\s+3\.20\s+\(3\.20 – 3\.20\)  3\.00: reached$", lines[2]);
        Assert.Single(lines, l => l.StartsWith(" *ort plain", StringComparison.Ordinal));
        Assert.Contains("  ours abs: 1.36x (1.36 – 1.36) as fast as ort absorb; goal 1.40: NOT reached", lines);
        Assert.DoesNotContain(lines, l => l.Contains('~', StringComparison.Ordinal));
    }

    [Fact]
    public void The_table_says_when_the_samples_were_disturbed()
    {
        var measure = new Measure("layers", "x", 2, "layer x", [new("ours", "auto:x", Role.Ours)], []);
        var samples = Enumerable.Range(0, 4).Select(r => KeptTests.At(r, 100, before: 300, measure: measure.Key, entry: "ours/auto:x"));
        var lines = ResultTable.Lines(Outcome.Of(measure, samples, 100)).ToList();
        Assert.Contains("~2/4", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("  (~) too few undisturbed samples", lines[^1], StringComparison.Ordinal);
        Assert.Equal("  nothing could be measured", ResultTable.Lines(Outcome.Of(measure, [], 100)).Last());
    }

    [Fact]
    public void Processors_that_share_a_core_are_reported()
    {
        Assert.Empty(ResultTable.SharedCores(new Dictionary<int, double> { [1] = 100, [2] = 119 }));
        Assert.Contains("2 threads", Assert.Single(ResultTable.SharedCores(new Dictionary<int, double> { [1] = 100, [2] = 190 })),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Figures_stand_beside_their_limits()
    {
        Figure[] figures = [new("alloc", "alloc:x", 1, "bytes a frame", "bytes", 1, 0), new("error", "error:x", 2, "error", "", 1, 3e-6),
            new("long", "memory:1", 1, "memory", "MB", 1, 32)];
        var lines = ResultTable.Lines(figures, new Dictionary<string, double> { ["alloc:x/1"] = 0, ["error:x/2"] = 4e-6 }).ToList();
        Assert.EndsWith("at most 0: reached", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("at most 3E-06: NOT reached", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("–", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void The_chart_is_well_formed_and_its_bars_are_as_long_as_their_ratios()
    {
        var chart = Chart([OutcomeTests.Layer(("ours/auto:x", 100_000), ("ort/plain:x", 320_000), ("ort/absorb:x", 160_000))]);
        XNamespace svg = "http://www.w3.org/2000/svg";
        Assert.Equal(svg + "svg", chart.Name);
        double Width(int style) => double.Parse(chart.Descendants(svg + "rect").Last(r => r.Attribute("class")!.Value == $"fill f{style}")
            .Attribute("width")!.Value, System.Globalization.CultureInfo.InvariantCulture);
        const int perFrame = 0, absorbed = 4, ordinary = 6;
        Assert.Equal(3.2, Width(perFrame) / Width(ordinary), 2);
        Assert.Equal(2.0, Width(absorbed) / Width(ordinary), 2);
        var texts = chart.Descendants(svg + "text").Select(t => t.Value).ToList();
        Assert.Contains("3.20×  100 µs", texts);
        Assert.Contains("a <machine> & more", texts);
    }

    [Fact]
    public void A_chart_of_nothing_is_still_a_drawing() => Assert.NotNull(Chart([]));

    private static XElement Chart(IReadOnlyList<Outcome> outcomes) =>
        XElement.Parse(SvgFile.ToText(SpeedChart.Of(outcomes, Configuration)));
}
