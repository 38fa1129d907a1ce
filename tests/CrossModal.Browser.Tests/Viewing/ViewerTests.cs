using System.Text.Json;
using CrossModal.Imaging;
using CrossModal.Server.Viewing;
using Microsoft.Playwright;

namespace CrossModal.Browser.Tests.Viewing;

/// <summary>The controls of the viewer, with pointer and keyboard.</summary>
public sealed class ViewerTests(Browser browser, ViewerCase viewer) : IClassFixture<Browser>, IClassFixture<ViewerCase>
{
    [BrowserFact]
    public async Task A_word_under_the_pointer_shows_its_map_and_a_click_pins_it()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "m=raw"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        var (canvas, red, message) = (page.Locator(".picture canvas").First, page.Locator(".chip").Nth(2), page.Locator("#message"));
        Assert.Equal("small: map of all words (mean) over the camera front", await canvas.GetAttributeAsync("aria-label"));
        await red.HoverAsync();
        await page.WaitForFunctionAsync("() => document.querySelector('.picture canvas').getAttribute('aria-label').includes('map of red')");
        await page.Mouse.MoveAsync(0, 0);
        await page.WaitForFunctionAsync("() => document.querySelector('.picture canvas').getAttribute('aria-label').includes('all words')");
        await red.ClickAsync();
        await page.Mouse.MoveAsync(0, 0);
        Assert.Equal("true", await red.GetAttributeAsync("aria-pressed"));
        Assert.Contains("w=2", new Uri(page.Url).Fragment, StringComparison.Ordinal);
        await ViewerCase.Settled(page);
        Assert.Contains("red", await page.Locator(".verdict").TextContentAsync(), StringComparison.Ordinal);
        await red.ClickAsync();
        Assert.Equal("false", await red.GetAttributeAsync("aria-pressed"));
        Assert.False(await message.IsVisibleAsync());
        Assert.Empty(open.Problems);
    }

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_map_has_the_colours_that_reports_draw(bool smooth)
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, $"t=3&m=raw{(smooth ? "&s=1" : "")}"));
        var page = open.Page;
        await ViewerCase.Settled(page);

        // A word under the pointer is drawn in colours, whatever the verdict on the pinned map.
        await page.Locator(".chip").Nth(3).HoverAsync();
        await page.WaitForFunctionAsync("() => document.querySelector('.picture canvas').getAttribute('aria-label').includes('map of cup')");
        var episode = viewer.Episodes.Open("first")!;
        var policy = viewer.First;
        var weights = await policy.Maps(episode, 3, "direction", maps => maps.Map(new MapChoice(ViewerCase.Method)).Of(3), default);
        for (var camera = 0; camera < 2; camera++)
        {
            var photo = episode.Find(3)!.Pictures[camera];
            var drawn = await Pixels(page, camera);
            var expected = HeatMap.Overlay(photo, weights.AsSpan(16 * camera, 16), 4, 4, new HeatMapOptions
            {
                Enlarge = drawn.Width / photo.Width,
                Style = smooth ? HeatMapStyle.Smooth : HeatMapStyle.Nearest,
            }, Letterbox.Fit(photo.Width, photo.Height, policy.Policy.ImageSize));
            Assert.Equal((expected.Width, expected.Height), (drawn.Width, drawn.Height));
            Assert.InRange(expected.Pixels.Zip(drawn.Pixels, (a, b) => Math.Abs(a - b)).Max(), 0, 4);
        }
    }

    [BrowserFact]
    public async Task A_map_that_is_not_faithful_is_grey_and_says_so_on_the_picture_and_on_the_card()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "m=raw"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        for (var step = 0; step < MadeEpisodes.Steps; step++)
        {
            var asked = await page.APIRequest.GetAsync(new Uri(viewer.One, $"api/faithfulness?episode=first&policy=small&step={step}&method=raw").AbsoluteUri);
            var verdict = JsonDocument.Parse(await asked.TextAsync()).RootElement.GetProperty("verdict").GetString();
            var picture = await Pixels(page, 0);
            var isGrey = Enumerable.Range(0, picture.Pixels.Length / 3).All(i =>
                picture.Pixels[3 * i] == picture.Pixels[3 * i + 1] && picture.Pixels[3 * i] == picture.Pixels[3 * i + 2]);
            Assert.Equal(verdict != "faithful", isGrey);
            Assert.Equal(verdict switch { "faithful" => "faithful", "chance" => "no better than chance", _ => "effect below noise" },
                await page.Locator(".verdict .outcome").TextContentAsync());
            await page.Keyboard.PressAsync("ArrowRight");
            await ViewerCase.Settled(page);
        }
    }

    [BrowserFact]
    public async Task Method_layer_head_and_part_of_the_action_choose_the_map()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "m=raw"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        var layers = await page.Locator("#layer option").AllTextContentsAsync();
        Assert.Equal("sharpest: " + layers.Single(l => layers[0].EndsWith(l, StringComparison.Ordinal)), layers[0]);
        await page.SelectOptionAsync("#layer", layers[2]);
        await page.SelectOptionAsync("#head", "1");
        await ViewerCase.Settled(page);
        Assert.Contains($"l={layers[2]}", page.Url, StringComparison.Ordinal);
        Assert.Contains("h=1", page.Url, StringComparison.Ordinal);
        Assert.Equal("true", await page.Locator($".head[data-key='{layers[2]} 1']").GetAttributeAsync("aria-pressed"));
        await page.SelectOptionAsync("#method", "gradient-albef");
        await ViewerCase.Settled(page);
        Assert.False(await page.Locator("#layer").IsVisibleAsync());
        await page.SelectOptionAsync("#target", "gripper");
        await ViewerCase.Settled(page);
        Assert.Contains("g=gripper", page.Url, StringComparison.Ordinal);
        await page.SelectOptionAsync("#method", "masking");
        await ViewerCase.Settled(page);
        Assert.True(await page.Locator(".chip").First.IsDisabledAsync());
        Assert.True(await page.GetByText("This method has one map of the whole decision").IsVisibleAsync());
        await page.CheckAsync("#smooth");
        await page.CheckAsync("#plain");
        Assert.Contains("s=1&o=1", page.Url, StringComparison.Ordinal);
        await page.WaitForFunctionAsync("() => document.querySelector('.picture canvas').getAttribute('aria-label') === 'camera front'");
        Assert.Empty(open.Problems);
    }

    [BrowserTheory]
    [InlineData(2, "by lift")]
    [InlineData(1, "by concentration")]
    public async Task Heads_stand_best_first_and_a_click_shows_one(int word, string by)
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, $"w={word}"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        await page.GetByText(by).WaitForAsync();
        var figures = (await page.Locator(".head .note").AllTextContentsAsync()).Select(f => double.Parse(f.TrimEnd('×'), System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(8, figures.Count);
        Assert.Equal(figures.OrderDescending(), figures);
        var third = page.Locator(".head").Nth(2);
        var key = (await third.GetAttributeAsync("data-key"))!.Split(' ');
        await third.ClickAsync();
        await ViewerCase.Settled(page);
        Assert.Equal((ViewerCase.Method, key[0], key[1]), (await page.InputValueAsync("#method"), await page.InputValueAsync("#layer"), await page.InputValueAsync("#head")));
    }

    [BrowserFact]
    public async Task A_patch_under_the_pointer_lists_the_words_by_their_weight_on_it()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "t=2&m=raw"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        var canvas = page.Locator(".picture canvas").First;
        await canvas.ScrollIntoViewIfNeededAsync();
        var box = (await canvas.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width * 2.5f / 4, box.Y + box.Height * 1.5f / 4);
        Assert.Equal("row 2, column 3, front", await page.Locator(".patch .note").TextContentAsync());
        var weights = await viewer.First.Maps(viewer.Episodes.Open("first")!, 2, "direction", maps =>
            maps.Map(new MapChoice(ViewerCase.Method)).Rows.Select((row, w) => (Word: maps.Words[w], Value: 16 * row[6])).OrderByDescending(x => x.Value).ToList(), default);
        Assert.Equal(weights.Select(w => w.Word), await page.Locator(".words .text").AllTextContentsAsync());
        var shown = (await page.Locator(".words .value").AllTextContentsAsync()).Select(v => float.Parse(v.TrimEnd('×'), System.Globalization.CultureInfo.InvariantCulture));
        foreach (var (expected, value) in weights.Zip(shown)) Assert.Equal(expected.Value, value, 0.02f);
        Assert.True(await page.Locator(".outline").First.IsVisibleAsync());
        await page.Mouse.MoveAsync(0, 0);
        Assert.Equal(0, await page.Locator(".words li").CountAsync());
    }

    [BrowserFact]
    public async Task Plots_have_prediction_recording_monitor_and_counterfactual_and_a_click_goes_to_the_step()
    {
        await using var open = await browser.Open(viewer.One, height: 1400);
        var page = open.Page;
        await ViewerCase.Settled(page);
        Assert.Equal(["recording", "prediction"], await page.Locator(".legend > span").AllTextContentsAsync());
        Assert.Equal(["dx", "dy", "dz", "close", "Monitor: probability of failure", "Counterfactual: change of the action under the other instruction, σ"],
            await page.Locator("svg.chart").EvaluateAllAsync<string[]>("charts => charts.map(c => c.getAttribute('aria-label'))"));
        Assert.Equal(2, await page.Locator("svg.chart").First.Locator("polyline").CountAsync());
        var box = (await page.Locator("svg.chart").First.BoundingBoxAsync())!;
        await page.Mouse.ClickAsync(box.X + box.Width * (52 + 578 * 7 / 11f) / 640, box.Y + box.Height / 2);
        Assert.Equal("7", await page.InputValueAsync("#step"));
        Assert.Equal("pick up cup", await page.InputValueAsync("#other"));
        await page.FillAsync("#other", "cup cup");
        await page.ClickAsync("form.other button");
        await page.GetByText("“cup cup”").WaitForAsync();
        Assert.Contains("x=cup+cup", page.Url, StringComparison.Ordinal);
        Assert.Empty(open.Problems);
    }

    [BrowserFact]
    public async Task The_scrubber_has_markers_plays_and_ends_at_the_last_step()
    {
        await using var open = await browser.Open(viewer.One);
        var page = open.Page;
        await ViewerCase.Settled(page);
        Assert.Equal([$"{MadeEpisodes.Closes}", $"{MadeEpisodes.Opens}"], await page.Locator(".marks .closes, .marks .opens").EvaluateAllAsync<string[]>("marks => marks.map(m => m.dataset.step)"));
        Assert.Equal(1, await page.Locator(".marks .stops").CountAsync());
        Assert.True(await page.Locator(".marks .differs").CountAsync() > 0);
        await page.GetByLabel("Next marker").ClickAsync();
        await page.WaitForFunctionAsync($"() => Number(document.querySelector('#step').value) > 0");
        await page.Locator(".marks .opens").ClickAsync();
        Assert.Equal($"{MadeEpisodes.Opens}", await page.InputValueAsync("#step"));
        Assert.Contains("gripper opens", await page.Locator(".status").TextContentAsync(), StringComparison.Ordinal);
        await page.GetByLabel("Previous step").ClickAsync();
        await page.GetByLabel("Next step").ClickAsync();
        await page.GetByLabel("Play").ClickAsync();
        await page.WaitForFunctionAsync("() => document.querySelector('#step').value === '11' && document.querySelector('[aria-label=Play]')");
        await page.Locator("#step").FillAsync("5");
        Assert.Contains("t=5", page.Url, StringComparison.Ordinal);
        await ViewerCase.Settled(page);
        Assert.Empty(open.Problems);
    }

    [BrowserFact]
    public async Task Two_policies_stand_side_by_side_on_one_scale()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.Two, "t=1&w=2&m=raw"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        Assert.Equal(["A: small", "B: other"], await page.Locator(".panel h3").AllTextContentsAsync());
        Assert.Equal(4, await page.Locator(".picture canvas").CountAsync());
        Assert.Equal(2, await page.Locator(".verdict").CountAsync());
        Assert.Equal(1, await page.Locator("canvas.bar").CountAsync());
        Assert.Equal(["recording", "prediction A", "prediction B"], await page.Locator(".legend > span").AllTextContentsAsync());
        await page.Locator(".chip").Nth(2).HoverAsync();
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('.picture canvas')].every(c => c.getAttribute('aria-label').includes('map of red'))");
        Assert.NotEqual((await Pixels(page, 0)).Pixels, (await Pixels(page, 2)).Pixels);
        Assert.Empty(open.Problems);
    }

    private static async Task<RgbImage> Pixels(IPage page, int canvas)
    {
        var url = await page.Locator(".picture canvas").Nth(canvas).EvaluateAsync<string>("c => c.toDataURL('image/png')");
        using var stream = new MemoryStream(Convert.FromBase64String(url[(url.IndexOf(',', StringComparison.Ordinal) + 1)..]));
        return Png.Read(stream, "canvas");
    }
}
