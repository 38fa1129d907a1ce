using System.Text.RegularExpressions;
using CrossModal.Reports;
using CrossModal.Server.Viewing;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace CrossModal.Browser.Tests.Viewing;

/// <summary>The viewer in both languages, light and dark, on a phone and on a desk; and what links and data may do to it.</summary>
public sealed partial class ViewerLookTests(Browser browser, ViewerCase viewer) : IClassFixture<Browser>, IClassFixture<ViewerCase>
{
    public static TheoryData<string, ColorScheme, int, bool> Looks => new()
    {
        { "en-US", ColorScheme.Light, 1280, false }, { "en-US", ColorScheme.Dark, 390, true }, { "zh-CN", ColorScheme.Dark, 1280, true },
            { "zh-CN", ColorScheme.Light, 390, false },
    };

    [BrowserTheory]
    [MemberData(nameof(Looks))]
    public async Task Axe_finds_no_serious_fault_nothing_is_too_wide_and_no_request_leaves_the_machine(string language, ColorScheme scheme, int width, bool two)
    {
        var page = two ? viewer.Two : viewer.One;
        await using var open = await browser.Open(ViewerCase.At(page, "w=2&t=4"), scheme, width, height: 844, language);
        await ViewerCase.Settled(open.Page);
        await open.Page.Locator(".head").First.WaitForAsync();
        Assert.InRange(await open.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        await NoSeriousFault(open.Page);
        await open.Page.Keyboard.PressAsync("?");
        await open.Page.Locator("dialog[open]").WaitForAsync();
        await NoSeriousFault(open.Page);
        Assert.All(open.Requests.Where(r => !r.StartsWith("blob:", StringComparison.Ordinal) && !r.StartsWith("data:", StringComparison.Ordinal)),
            r => Assert.StartsWith(page.GetLeftPart(UriPartial.Authority) + "/view/", r, StringComparison.Ordinal));
        Assert.Empty(open.Problems);
    }

    [BrowserTheory]
    [InlineData("en-US", "en", "Method", "中文")]
    [InlineData("zh-CN", "zh-CN", "方法", "English")]
    public async Task The_page_begins_in_the_readers_language_and_a_button_changes_it(string language, string tag, string method, string other)
    {
        await using var open = await browser.Open(viewer.One, language: language);
        await ViewerCase.Settled(open.Page);
        Assert.Equal(tag, await open.Page.GetAttributeAsync("html", "lang"));
        Assert.Equal(method, await open.Page.TextContentAsync("label[for=method]"));
        await open.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = other, Exact = true }).ClickAsync();
        Assert.NotEqual(method, await open.Page.TextContentAsync("label[for=method]"));
        Assert.NotEqual(tag, await open.Page.GetAttributeAsync("html", "lang"));
    }

    [Fact]
    public void Every_text_is_there_in_both_languages()
    {
        var (english, chinese) = (Texts("english.js"), Texts("chinese.js"));
        Assert.Equal(english.Keys.Order(), chinese.Keys.Order());
        Assert.True(english.Count > 100);
        foreach (var (name, text) in english)
            Assert.Equal(Place().Matches(text).Select(m => m.Value).Order(), Place().Matches(chinese[name]).Select(m => m.Value).Order());
    }

    [Fact]
    public void Every_text_that_the_page_asks_for_is_there()
    {
        var known = Texts("english.js").Keys.ToHashSet();
        var asked = PageAssets.Names.Where(n => n.EndsWith(".js", StringComparison.Ordinal)).SelectMany(n => Asked().Matches(Source(n)).Select(m => m.Groups[1].Value)).Distinct().ToList();
        Assert.True(asked.Count > 60);
        Assert.DoesNotContain(asked, name => !known.Contains(name));
        Assert.DoesNotContain(CrossModal.Explain.MapMethods.Names, name => !known.Contains(name));
    }

    [Fact]
    public void The_viewer_has_the_colours_of_reports()
    {
        var reports = Color().Matches(ReportStyle.Colors).Select(m => m.Value).ToList();
        var sheet = Color().Matches(Source("view.css")).Select(m => m.Value).ToList();
        Assert.Equal(30, reports.Count);

        // Light, dark by the system, dark by choice.
        Assert.Equal([.. reports, .. reports.Skip(15)], sheet);
    }

    [BrowserTheory]
    [InlineData(ColorScheme.Light, "dark", "rgb(20, 22, 26)")]
    [InlineData(ColorScheme.Dark, "light", "rgb(255, 255, 255)")]
    [InlineData(ColorScheme.Dark, "auto", "rgb(20, 22, 26)")]
    public async Task The_theme_is_the_systems_unless_one_is_chosen(ColorScheme system, string chosen, string paper)
    {
        await using var open = await browser.Open(viewer.One, system);
        await ViewerCase.Settled(open.Page);
        await open.Page.SelectOptionAsync("#theme", chosen);
        Assert.Equal(paper, await open.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }

    [BrowserTheory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task The_verdict_stays_in_sight_wherever_the_page_is_scrolled_to(int width)
    {
        await using var open = await browser.Open(viewer.One, width: width, height: 700);
        await ViewerCase.Settled(open.Page);
        foreach (var place in new[] { "0", "document.documentElement.scrollHeight" })
        {
            await open.Page.EvaluateAsync($"() => window.scrollTo(0, {place})");
            var box = (await open.Page.Locator(".verdict").BoundingBoxAsync())!;
            Assert.InRange(box.Y, 0, 700 - box.Height);
        }
    }

    [BrowserFact]
    public async Task A_link_leads_to_the_same_view()
    {
        await using var first = await browser.Open(ViewerCase.At(viewer.One, "e=first&t=6&w=3&m=raw&l=fusion.layers.1.cross_attn&h=1&s=1&x=red+cup&lang=zh&theme=dark"));
        await ViewerCase.Settled(first.Page);
        await using var second = await browser.Open(new Uri(first.Page.Url));
        await ViewerCase.Settled(second.Page);
        foreach (var page in new[] { first.Page, second.Page })
        {
            Assert.Equal(["first", "6", "raw", "fusion.layers.1.cross_attn", "1", "red cup", "dark"], await page.EvaluateAsync<string[]>(
                "['episode', 'step', 'method', 'layer', 'head', 'other', 'theme'].map(id => document.getElementById(id).value)"));
            Assert.Equal("true", await page.Locator(".chip").Nth(3).GetAttributeAsync("aria-pressed"));
            Assert.True(await page.IsCheckedAsync("#smooth"));
            Assert.False(await page.Locator("#message").IsVisibleAsync());
        }
    }

    [BrowserTheory]
    [InlineData("e=none", "The link names the episode “none”")]
    [InlineData("e=first&t=99", "The link names step 99; the episode has steps 0 to 11.")]
    [InlineData("e=first&w=9", "The link names word 10; the instruction has 4 words.")]
    [InlineData("e=first&m=magic", "The link names the method “magic”")]
    [InlineData("e=first&g=-dq", "The link names the part “-dq” of the action")]
    [InlineData("e=first&m=raw&l=nowhere", "there is no layer 'nowhere'")]
    [InlineData("e=first&m=raw&h=7", "has heads 0 to 1, not 7")]
    [InlineData("t=x&q=1", "The link has parts that mean nothing here: t=x, q.")]
    public async Task A_wrong_link_gets_a_clear_message_and_a_page_that_works(string hash, string message)
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, hash));
        var page = open.Page;
        await page.GetByText(message).First.WaitForAsync();
        await page.Locator(".chip").First.WaitForAsync();
        await page.Keyboard.PressAsync("End");
        Assert.Equal("11", await page.InputValueAsync("#step"));
    }

    [BrowserFact]
    public async Task Text_of_data_is_never_markup()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "e=third"));
        await ViewerCase.Settled(open.Page);
        Assert.Contains("img", await open.Page.Locator(".chips").TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await open.Page.Locator("img").CountAsync());
        Assert.Equal("made · CrossModal", await open.Page.TitleAsync());
        Assert.True(await open.Page.Locator(".chip.unknown").CountAsync() > 0);
        Assert.Empty(open.Problems);
    }

    private static async Task NoSeriousFault(IPage page)
    {
        var result = await page.RunAxe();
        Assert.Empty(result.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{v.Id}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}"));
    }

    private static Dictionary<string, string> Texts(string file) =>
        Text().Matches(Source(file)).ToDictionary(m => m.Groups[1].Success ? m.Groups[1].Value : m.Groups[2].Value, m => m.Groups[3].Value);

    private static string Source(string file) => System.Text.Encoding.UTF8.GetString(PageAssets.Find(file)!);

    [GeneratedRegex(@"(?:'([\w-]+)'|\b(\w+)): '([^']*)'")]
    private static partial Regex Text();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"\bt\('([\w-]+)'")]
    private static partial Regex Asked();

    [GeneratedRegex(@"--\w+: #[0-9a-f]{6}")]
    private static partial Regex Color();
}
