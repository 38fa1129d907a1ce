using System.Globalization;
using System.Xml.Linq;

namespace CrossModal.Reports.Tests;

public sealed class DrawingTests
{
    public static TheoryData<string> Names => ["dots", "curves", "scatter", "groups", "bars"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_drawing_in_a_file_is_an_svg_that_needs_nothing_else(string name)
    {
        var text = SvgFile.ToText(Drawing(name, "<red> & co"));
        var svg = XElement.Parse(text);
        Assert.Equal(XName.Get("svg", "http://www.w3.org/2000/svg"), svg.Name);
        Assert.Equal(Drawing(name, "<red> & co").Description, svg.Element(svg.Name.Namespace + "title")!.Value);
        Assert.DoesNotMatch("href|url\\(|@import", text);
        Assert.Contains("prefers-color-scheme: dark", text);
        Assert.Equal(text, SvgFile.ToText(Drawing(name, "<red> & co")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Everything_lies_inside_the_drawing(string name)
    {
        var drawing = Drawing(name, "cross-attention");
        foreach (var element in Draw(drawing).Descendants())
            foreach (var (attribute, most) in new[] { ("x", drawing.Width), ("x1", drawing.Width), ("x2", drawing.Width),
                ("cx", drawing.Width), ("y", drawing.Height), ("y1", drawing.Height), ("y2", drawing.Height), ("cy", drawing.Height) })
                if (element.Attribute(attribute) is { } value && element.Attribute("transform") is null)
                    Assert.InRange(double.Parse(value.Value, CultureInfo.InvariantCulture), 0, most);
    }

    [Fact]
    public void A_dot_lies_where_its_value_is_and_its_interval_around_it()
    {
        var plot = new DotPlot([new DotPanel("success")],
            [new DotRow("a", [new Dot(new Interval(0.5, 0.25, 0.75))]), new DotRow("b", [new Dot(new Interval(1, 1, 1))]),
            new DotRow("c", [new Dot(new Interval(0, 0, 0))])]);
        var drawn = Draw(plot);
        var (circles, interval) = (drawn.Descendants("circle").Select(c => Number(c, "cx")).ToList(),
            drawn.Descendants("line").First(l => l.Attribute("class")!.Value.StartsWith("interval", StringComparison.Ordinal)));
        Assert.Equal((circles[1] + circles[2]) / 2, circles[0], 1);
        Assert.Equal(circles[1] - circles[2], 2 * (Number(interval, "x2") - Number(interval, "x1")), 1);
    }

    [Fact]
    public void A_long_title_is_drawn_closer_so_that_it_stays_in_its_panel()
    {
        const string title = "The textbook's network, to the letter";
        var curve = new Curve("a", [new(0, new Interval(0, 0, 0)), new(1, new Interval(1, 1, 1))]);
        var chart = Draw(new CurveChart("samples", "success",
            [.. new[] { title, "short", "b", "c" }.Select(name => new CurvePanel(name, curve))]));
        var across = chart.Descendants("line").First(l => l.Attribute("class")!.Value == "axis");
        var lengths = chart.Descendants("text").ToLookup(t => t.Value, t => t.Attribute("textLength")?.Value);
        Assert.Equal(Number(across, "x2") - Number(across, "x1"), double.Parse(lengths[title].Single()!, CultureInfo.InvariantCulture), 1);
        Assert.Null(lengths["short"].Single());
    }

    [Fact]
    public void The_name_of_a_row_is_drawn_closer_where_it_would_leave_the_drawing()
    {
        var name = new string('n', 90);
        var names = Draw(new DotPlot([new DotPanel("one")], [new DotRow(name, [[]]), new DotRow("short", [[]])])).Descendants("text")
            .DistinctBy(t => t.Value).ToDictionary(t => t.Value, t => (Right: Number(t, "x"), Length: t.Attribute("textLength")?.Value));
        Assert.Equal(names[name].Right, double.Parse(names[name].Length!, CultureInfo.InvariantCulture), 1);
        Assert.Null(names["short"].Length);
    }

    [Fact]
    public void A_description_names_each_curve_by_what_tells_it_from_the_others()
    {
        Curve Line(string name) => new(name, [new(0, new Interval(0.1, 0, 1)), new(1, new Interval(0.5, 0, 1))]);
        Assert.Equal("samples, success: S0 50.0 %, Z1 50.0 %",
            new CurveChart("samples", "success", new CurvePanel("", Line("S0"), Line("Z1"))).Description);
        Assert.Equal("samples, success: a 50.0 %; b, S0 50.0 %, b, Z1 50.0 %",
            new CurveChart("samples", "success", new CurvePanel("a", Line("S0")), new CurvePanel("b", Line("S0"), Line("Z1"))).Description);
    }

    [Fact]
    public void What_was_not_measured_is_said_to_be_so()
    {
        var drawn = Draw(SampleReport.Dots("a"));
        Assert.Equal(2, drawn.Descendants("text").Count(t => t.Value == "not run"));
        Assert.Contains("co-attention not run", SampleReport.Dots("a").Description);
        Assert.Single(drawn.Descendants("polygon"), p =>
            p.Attribute("class")!.Value.StartsWith("hollow", StringComparison.Ordinal)
            && p.Parent!.Value.Contains("(textbook)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_that_does_not_fit_the_panels_is_refused() =>
        Assert.Throws<ArgumentException>(() => Draw(new DotPlot([new DotPanel("one"), new DotPanel("two")], [new DotRow("a", [])])));

    [Fact]
    public void Names_of_points_do_not_lie_on_each_other()
    {
        var crowd = new ScatterChart("x", "y", [.. Enumerable.Range(0, 9)
            .Select(i => new ScatterPoint($"strategy {i}", 100 + i, new Interval(0.9 + 0.004 * i, 0.88, 0.95)))]);
        var boxes = Draw(crowd).Descendants("text").Where(t => t.Attribute("class")!.Value == "point").Select(t =>
        {
            var (width, x) = (6.4 * t.Value.Length, Number(t, "x"));
            var left = t.Attribute("text-anchor")!.Value switch { "end" => x - width, "middle" => x - width / 2, _ => x };
            return (Left: left, Right: left + width, Y: Number(t, "y"));
        }).ToList();
        Assert.Equal(9, boxes.Count);
        foreach (var (i, a) in boxes.Index())
            foreach (var b in boxes.Skip(i + 1))
                Assert.False(a.Left < b.Right && b.Left < a.Right && Math.Abs(a.Y - b.Y) < 9, $"{a} lies on {b}");
    }

    [Fact]
    public void Nothing_cheaper_beats_what_the_line_joins()
    {
        var line = Assert.Single(Draw(SampleReport.Scatter("cross")).Descendants("polyline"));
        Assert.Equal(2, line.Attribute("points")!.Value.Split(' ').Length);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.372, "0.372")]
    [InlineData(45.13, "45.1")]
    [InlineData(245_123, "245 k")]
    [InlineData(1_240_000, "1.24 M")]
    [InlineData(double.NaN, "–")]
    public void A_figure_has_three_digits(double value, string text) => Assert.Equal(text, Axis.Figure(value));

    private static IDrawing Drawing(string name, string text) => name switch
    {
        "dots" => SampleReport.Dots(text),
        "curves" => SampleReport.Curves(text),
        "scatter" => SampleReport.Scatter(text),
        "groups" => new GroupedBars("speed", [("ours", 0), (text, 1)],
            [new BarPanel(text, [new BarGroup(text, [new GroupedBar(0, 1, "1 ms"), new GroupedBar(1, 2, text)])])])
        {
            Level = 1,
            Notes = [text]
        },
        _ => new StackedBars(["success", text], [new StackedRow(text, [0.7, 0.3])]),
    };

    private static XElement Draw(IDrawing drawing) =>
        ParsedPage.Of(new HtmlReport("a", "b") { new Figure(drawing) }).Descendants("svg").Single();

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
