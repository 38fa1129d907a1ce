using System.Text.RegularExpressions;
using CrossModal.Imaging;

namespace CrossModal.Reports.Tests;

public sealed class HtmlReportTests
{
    private const string Hostile = "<script>alert(\"1\")</script> & ' ]]> 红\u001b[31m \ud83d";

    [Fact]
    public void A_page_with_every_part_is_well_formed()
    {
        var page = ParsedPage.Of(SampleReport.Build());
        Assert.Equal("html", page.Name);
        Assert.Equal(["h1", "p"], page.Element("body")!.Element("header")!.Elements().Select(e => e.Name.LocalName));
        Assert.Equal(4, page.Descendants("h2").Count());
        Assert.Equal(5, page.Descendants("table").First().Element("tbody")!.Elements().Count());
    }

    [Fact]
    public void Hostile_text_stays_text_everywhere()
    {
        var page = SampleReport.Build(Hostile).ToString();
        Assert.DoesNotContain("<script>alert", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u001b', page);
        var parsed = ParsedPage.Of(SampleReport.Build(Hostile));
        Assert.Equal([TableSorting.Script, PictureZoom.Script], parsed.Descendants("script").Select(e => e.Value));
        Assert.StartsWith("Comparing <script>alert(\"1\")</script> & ' ]]> 红\ufffd[31m \ufffd", parsed.Descendants("h1").Single().Value);
    }

    [Fact]
    public void A_page_refers_to_nothing_outside_itself()
    {
        var page = SampleReport.Build().ToString();
        Assert.DoesNotMatch(@"https?:", page);
        Assert.DoesNotMatch(@"@import|url\(|<link|<iframe|<object", page);
        Assert.All(ParsedPage.Of(SampleReport.Build()).Descendants("img"), i =>
            Assert.StartsWith("data:image/png;base64,", i.Attribute("src")!.Value));
    }

    [Fact]
    public void Empty_elements_are_closed_the_way_html_wants()
    {
        // <div/> would leave everything after it inside the div.
        var selfClosed = Regex.Matches(SampleReport.Build().ToString(), @"<([a-z0-9]+)[^<>]*/>").Select(m => m.Groups[1].Value).Distinct();
        Assert.Subset(new HashSet<string> { "meta", "img", "line", "rect", "polyline", "polygon", "circle" }, selfClosed.ToHashSet());
    }

    [Fact]
    public void Only_a_table_that_can_be_sorted_brings_a_script()
    {
        Assert.DoesNotContain("<script", new HtmlReport("a", "b") { new ReportTable(["one"], [["1"]]) }.ToString());
        Assert.Contains("<script>", new HtmlReport("a", "b") { new ReportTable(["one"], [["1"]]) { Sortable = true } }.ToString());
        Assert.Equal("0.25", ParsedPage.Of(new HtmlReport("a", "b") { new ReportTable(["one"],
            [[Cell.Rate(0.25, 0.2, 0.3)]]) { Sortable = true } }).Descendants("td").Single().Attribute("data-key")!.Value);
    }

    [Fact]
    public void Pictures_bring_one_script_and_maps_the_value_of_every_patch()
    {
        var map = new CaptionedPicture(new RgbImage(8, 8), "map") { Values = new PatchValues(1, 4, [0.5f, 0.25f, 0.25f, 0]) };
        var page = ParsedPage.Of(new HtmlReport("a", "b") { new Gallery(8, map),
            new Folded("more", new HeatMapGrid(["one"], [new HeatMapRow("red", [map])], "above")) });
        Assert.Equal(PictureZoom.Script, Assert.Single(page.Descendants("script")).Value);
        Assert.All(page.Descendants("figure"), figure =>
            Assert.Equal(("2 1 1 0", "4"), (figure.Attribute("data-values")!.Value, figure.Attribute("data-columns")!.Value)));
        Assert.Equal("above", page.Descendants("div").Single(d => d.Attribute("class")?.Value == "scroll").ElementsBeforeSelf()
            .Last().Value);
    }

    [Fact]
    public void A_long_page_begins_with_links_to_its_sections()
    {
        HtmlReport Of(int sections, string language)
        {
            var report = new HtmlReport("a", "b", language);
            for (var i = 0; i < sections; i++) report.Add(new Heading($"section {i}"));
            return report;
        }

        Assert.Empty(ParsedPage.Of(Of(4, "en")).Descendants("nav"));
        var page = ParsedPage.Of(Of(5, "zh"));
        Assert.Equal(("zh", "目录"), (page.Attribute("lang")!.Value, page.Descendants("nav").Single().Attribute("aria-label")!.Value));
        Assert.Equal(page.Descendants("h2").Select(h => ("#" + h.Attribute("id")!.Value, h.Value)),
            page.Descendants("a").Select(a => (a.Attribute("href")!.Value, a.Value)));
    }

    [Fact]
    public void Equal_runs_give_equal_pages() => Assert.Equal(SampleReport.Build().ToString(), SampleReport.Build().ToString());

    [Fact]
    public void A_saved_page_is_utf8_without_a_mark()
    {
        using var folder = new TemporaryFolder();
        SampleReport.Build("红").Save(folder["new/report.html"]);
        var bytes = File.ReadAllBytes(folder["new/report.html"]);
        Assert.Equal((byte)'<', bytes[0]);
        Assert.Contains("Comparing 红", File.ReadAllText(folder["new/report.html"]));
    }

    [Fact]
    public void The_footer_names_version_machine_seed_and_command()
    {
        var footer = ParsedPage.Of(new HtmlReport("a", "b") { new ReportFooter("crossmodal train --seed 7", 7) }).Descendants("footer")
            .Single().Value;
        Assert.Matches(@"CrossModal \d+\.\d+\.\d+ · \d+ cores?, \d+-bit vectors.* · seed 7crossmodal train --seed 7", footer);
    }

    [Fact]
    public void A_row_that_does_not_fit_its_columns_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            new HtmlReport("a", "b") { new ReportTable(["one", "two"], [["1"]]) }.ToString());
        Assert.Contains("1 cells under 2 columns", error.Message);
        Assert.Throws<ArgumentException>(() => new HtmlReport("a", "b") { new HeatMapGrid(["one"],
            [new HeatMapRow("red", [])]) }.ToString());
    }
}
