using CrossModal.Cli.Commands;
using CrossModal.Cli.Hosting;
using CrossModal.Cli.Tests.Comparisons;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;
using CrossModal.Reports;
using CrossModal.Reports.Tests;
using Microsoft.Playwright;

namespace CrossModal.Browser.Tests;

/// <summary>Reports as a browser shows them.</summary>
public sealed class ReportPageTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private const double LeastContrast = 4.5;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, ColorScheme, int> Views => new()
    {
        { "sample", ColorScheme.Light, 1280 }, { "sample", ColorScheme.Dark, 390 }, { "comparison", ColorScheme.Light, 390 },
            { "comparison", ColorScheme.Dark, 1280 },
    };

    [BrowserTheory]
    [MemberData(nameof(Views))]
    public async Task A_report_opens_without_a_network_and_without_a_complaint(string page, ColorScheme scheme, int width)
    {
        await using var open = await browser.Open(page == "sample" ? Sample() : Comparison(), scheme, width);
        Assert.Empty(open.Problems);
        Assert.Single(open.Requests, r => !r.StartsWith("data:", StringComparison.Ordinal));

        // What is wide scrolls on its own, not the page.
        Assert.InRange(await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        Assert.Equal(0, await open.Page.EvaluateAsync<int>("[...document.images].filter(i => !i.complete || i.naturalWidth === 0).length"));
        Assert.Equal(0, await open.Page.EvaluateAsync<int>(
            "[...document.querySelectorAll('svg.chart, svg.bar')].filter(s => !s.getAttribute('aria-label')).length"));
    }

    [BrowserTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Text_stands_out_from_the_page(ColorScheme scheme)
    {
        await using var open = await browser.Open(Comparison(), scheme);
        Assert.Equal("[]", await open.Page.EvaluateAsync<string>($$"""
            () => {
              const light = c => { const v = c / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
              const brightness = text => { const [r, g, b] = text.match(/[\d.]+/g).map(Number); return 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b); };
              const paper = brightness(getComputedStyle(document.body).backgroundColor);
              const faint = [];
              for (const element of document.querySelectorAll('h1, h2, p, td, th, figcaption, .note, .label, .value, .outcome, text.tick, text.name, text.row, text.point')) {
                const style = getComputedStyle(element);
                const ink = brightness(element.tagName === 'text' ? style.fill : style.color);
                const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
                if (contrast < {{LeastContrast}}) faint.push(`${element.tagName}.${element.getAttribute('class')} ${contrast.toFixed(2)}`);
              }
              return JSON.stringify([...new Set(faint)]);
            }
            """));
    }

    [BrowserFact]
    public async Task A_click_on_a_heading_sorts_and_another_turns_it_round()
    {
        await using var open = await browser.Open(Sample());
        var table = open.Page.Locator("table.sortable").First;
        async Task<string> Order() => string.Join(' ', await table.Locator("tbody tr td:nth-child(4)").AllTextContentsAsync());
        Assert.Equal("1.92 3.10 2.44 0.81 –", await Order());
        await table.Locator("th:nth-child(4) button").ClickAsync();
        Assert.Equal("3.10 2.44 1.92 0.81 –", await Order());
        await table.Locator("th:nth-child(4) button").ClickAsync();
        Assert.Equal("0.81 1.92 2.44 3.10 –", await Order());
        Assert.Equal("ascending", await table.Locator("th:nth-child(4)").GetAttributeAsync("aria-sort"));
        await table.Locator("th:nth-child(3) button").PressAsync("Enter");
        Assert.Equal("1.92 3.10 2.44 0.81 –", await Order());
        Assert.Empty(open.Problems);
    }

    [BrowserFact]
    public async Task A_pointer_over_a_map_shows_the_value_of_its_patch_and_a_click_or_the_keyboard_enlarges_it()
    {
        await using var open = await browser.Open(Sample());
        var map = open.Page.Locator("table.maps figure.frame").First;
        var (picture, caption, dialog) = (map.Locator("img"), map.Locator("figcaption"), open.Page.Locator("dialog.zoom"));
        var values = (await map.GetAttributeAsync("data-values"))!.Split(' ');
        await picture.ScrollIntoViewIfNeededAsync();
        var box = (await picture.BoundingBoxAsync())!;
        await open.Page.Mouse.MoveAsync(box.X + box.Width * 1.5f / 8, box.Y + box.Height * 2.5f / 8);
        Assert.Equal($"{values[2 * 8 + 1]}× (3, 2)", await caption.TextContentAsync());
        await open.Page.Mouse.MoveAsync(0, 0);
        Assert.Equal("4.2× at (0, 0)", await caption.TextContentAsync());
        await picture.ClickAsync();
        Assert.True(await dialog.IsVisibleAsync());
        Assert.True((await dialog.Locator("img").BoundingBoxAsync())!.Width > 2 * box.Width);
        await open.Page.Keyboard.PressAsync("Escape");
        Assert.False(await dialog.IsVisibleAsync());
        await picture.PressAsync("Enter");
        Assert.True(await dialog.IsVisibleAsync());
        Assert.Empty(open.Problems);
    }

    [BrowserFact]
    public async Task A_report_reads_the_same_without_scripts()
    {
        await using var open = await browser.Open(Sample(), script: false);
        Assert.Equal(0, await open.Page.Locator("th button").CountAsync());
        Assert.Equal(5, await open.Page.Locator("table.sortable tbody tr").CountAsync());
        Assert.Empty(open.Problems);
    }

    [BrowserTheory]
    [InlineData(ColorScheme.Light, "rgb(255, 255, 255)")]
    [InlineData(ColorScheme.Dark, "rgb(20, 22, 26)")]
    public async Task A_drawing_in_a_file_follows_the_reader_into_the_dark(ColorScheme scheme, string paper)
    {
        SvgFile.Save(_folder["dots.svg"], SampleReport.Dots("cross-attention"));
        await using var open = await browser.Open(_folder["dots.svg"], scheme);
        Assert.Empty(open.Problems);
        Assert.Equal(paper, await open.Page.EvaluateAsync<string>("getComputedStyle(document.querySelector('rect.paper')).fill"));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The page of a comparison, made by the command.</summary>
    private string Comparison()
    {
        var file = SampleComparison.Build();
        ComparisonFile.WriteResults(_folder["results.json"], file);
        var filmed = file.Cells.First(c => c.Place.Role == CellRole.Final).Result.Key;
        CellFile.WriteFilms(_folder[$"films/cell_{filmed}.json"], SampleComparison.Films(filmed));
        Assert.Equal(0, AllCommands.Tool(AllCommands.List())
            .Run(["report", "--results", _folder["results.json"], "--out", _folder["comparison.html"]],
            new Terminal(TextWriter.Null, TextWriter.Null)));
        return _folder["comparison.html"];
    }

    private string Sample()
    {
        SampleReport.Build().Save(_folder["report.html"]);
        return _folder["report.html"];
    }
}
