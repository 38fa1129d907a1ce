using System.Globalization;
using System.Xml.Linq;

namespace CrossModal.Reports.Tests;

public sealed class ChartTests
{
    [Theory]
    [InlineData(0, 1, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(0.13, 0.87, "0 0.2 0.4 0.6 0.8 1")]
    [InlineData(-3, 12, "-5 0 5 10 15")]
    [InlineData(0, 20000, "0 5000 10 k 15 k 20 k")]
    public void A_linear_axis_has_round_marks_that_hold_the_values(double low, double high, string labels)
    {
        var axis = new Axis([low, high], log: false, 0, 100);
        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(t => t.Label)));
        Assert.Equal(0, axis.At(axis.Ticks[0].Value), 6);
        Assert.Equal(100, axis.At(axis.Ticks[^1].Value), 6);
        Assert.InRange(axis.At(low), 0, 100);
    }

    [Fact]
    public void Values_that_differ_by_rounding_alone_have_few_marks()
    {
        var axis = new Axis([0.1 + 0.2, 0.3], log: false, 0, 100);
        Assert.InRange(axis.Ticks.Count, 2, 10);
        Assert.InRange(new Axis([1e6 * (0.1 + 0.2), 3e5], log: true, 0, 100).Ticks.Count, 2, 10);
    }

    [Fact]
    public void A_logarithmic_axis_gives_equal_ratios_equal_lengths()
    {
        var axis = new Axis([0.001, 1], log: true, 0, 300);
        Assert.Equal(["0.001", "0.01", "0.1", "1"],
            axis.Ticks.Where(t => Math.Log10(t.Value) % 1 is > -1e-9 and < 1e-9).Select(t => t.Label));
        Assert.Equal(100, axis.At(0.01), 6);
        Assert.Equal(200, axis.At(0.1), 6);
        Assert.False(axis.IsShown(0));
        Assert.False(axis.IsShown(double.NaN));
    }

    [Theory]
    [InlineData(0.25, 0.6, "0.3 0.4 0.5 0.6")]
    [InlineData(0.21, 0.68, "0.3 0.4 0.5 0.6")]
    [InlineData(0.18, 0.68, "0.2 0.3 0.5")]
    public void A_short_logarithmic_axis_has_three_marks_at_least(double low, double high, string labels) =>
        Assert.Equal(labels, string.Join(' ', new Axis([low, high], log: true, 0, 100).Ticks.Select(t => t.Label)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_axis_of_nothing_or_of_one_value_still_has_marks(bool log)
    {
        Assert.NotEmpty(new Axis([], log, 0, 100).Ticks);
        Assert.NotEmpty(new Axis([3, 3], log, 0, 100).Ticks);
        Assert.All(new Axis([0.0, 0.0], log, 0, 100).Ticks, t => Assert.True(double.IsFinite(t.Value)));
    }

    [Fact]
    public void A_missing_value_leaves_a_gap()
    {
        var lines = Lines(new LineChart("x", "y", new Series("a", [(0, 1), (1, 2), (2, double.NaN), (3, 4)])));
        Assert.Equal(2, lines.Count);
        Assert.Equal(2, lines[0].Count);
    }

    [Fact]
    public void A_long_curve_is_thinned_and_keeps_its_spike()
    {
        var points = Enumerable.Range(0, 100_000).Select(i => ((double)i, i == 54_321 ? 9.0 : 1.0)).ToList();
        var line = Assert.Single(Lines(new LineChart("x", "y", new Series("a", points)) { YRange = (0, 9) }));
        Assert.InRange(line.Count, 100, 1000);
        Assert.Contains(line, p => p.Y < 13);
        Assert.Equal(line.Select(p => p.X).Order(), line.Select(p => p.X));
    }

    [Fact]
    public void A_rate_is_drawn_where_it_belongs()
    {
        var report = ParsedPage.Of(new HtmlReport("a", "b") { new ReportTable([new Column("rate", 0.9)], [[Cell.Rate(0.5, 0.25, 0.75)]]) });
        var svg = report.Descendants("svg").Single();
        Assert.Equal("50.0 %, 25.0–75.0 %", svg.Attribute("aria-label")!.Value);
        Assert.Equal(89, Number(svg.Descendants("rect").Single(), "width"));
        var whisker = svg.Descendants("line").First(l => l.Attribute("class")!.Value == "whisker");
        Assert.Equal((45.5, 134.5), (Number(whisker, "x1"), Number(whisker, "x2")));
        Assert.Equal(161.2, Number(svg.Descendants("line").Single(l => l.Attribute("class")!.Value == "target"), "x1"), 1);
    }

    [Fact]
    public void Bars_begin_at_zero_and_shares_end_at_one_hundred_percent()
    {
        var svg = ParsedPage.Of(new HtmlReport("a", "b") { new BarChart("success", new Bar("red", 1.0), new Bar("blue", 0.5),
            new Bar("none", double.NaN)) { Shares = true } }).Descendants("svg").Single();
        var bars = svg.Descendants("rect").ToList();
        Assert.Equal(2, bars.Count);
        Assert.Equal(Number(bars[0], "width"), 2 * Number(bars[1], "width"), 1);
        Assert.Contains("100 %", svg.Descendants("text").Select(t => t.Value));
    }

    private static List<List<(double X, double Y)>> Lines(LineChart chart) =>
        [.. ParsedPage.Of(new HtmlReport("a", "b") { chart }).Descendants("polyline").Select(l => l.Attribute("points")!.Value.Split(' ')
            .Select(p => p.Split(',')).Select(p => (double.Parse(p[0], CultureInfo.InvariantCulture),
                double.Parse(p[1], CultureInfo.InvariantCulture))).ToList())];

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
