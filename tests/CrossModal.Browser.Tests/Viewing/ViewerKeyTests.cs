namespace CrossModal.Browser.Tests.Viewing;

/// <summary>The viewer without a pointer.</summary>
public sealed class ViewerKeyTests(Browser browser, ViewerCase viewer) : IClassFixture<Browser>, IClassFixture<ViewerCase>
{
    [BrowserFact]
    public async Task Steps_words_markers_and_episodes_have_keys()
    {
        await using var open = await browser.Open(viewer.One);
        var page = open.Page;
        await ViewerCase.Settled(page);
        foreach (var (key, step) in new[] { ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("Shift+ArrowRight", 11),
            ("Shift+ArrowLeft", 1), ("End", 11), ("Home", 0) })
        {
            await page.Keyboard.PressAsync(key);
            Assert.Equal($"{step}", await page.InputValueAsync("#step"));
        }

        await page.Keyboard.PressAsync("End");
        await page.Keyboard.PressAsync("[");
        var marker = int.Parse(await page.InputValueAsync("#step"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(marker, MadeEpisodes.Opens, 10);
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("]");
        Assert.NotEqual("0", await page.InputValueAsync("#step"));
        await page.Keyboard.PressAsync("3");
        Assert.Equal("true", await page.Locator(".chip").Nth(2).GetAttributeAsync("aria-pressed"));
        await page.Keyboard.PressAsync("0");
        Assert.Equal(0, await page.Locator(".chip[aria-pressed=true]").CountAsync());
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync(" ");
        await page.GetByLabel("Pause").WaitForAsync();
        await page.Keyboard.PressAsync(" ");
        await page.GetByLabel("Play").WaitForAsync();
        await page.Keyboard.PressAsync("PageDown");
        await page.WaitForFunctionAsync(
            "() => document.querySelector('#episode').value === 'second' && document.querySelectorAll('.chip').length === 3");
        await page.Keyboard.PressAsync("PageUp");
        await page.WaitForFunctionAsync(
            "() => document.querySelector('#episode').value === 'first' && document.querySelectorAll('.chip').length === 4");
        Assert.Empty(open.Problems);
    }

    [BrowserFact]
    public async Task Maps_have_keys()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "m=raw"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        await page.Keyboard.PressAsync("l");
        await ViewerCase.Settled(page);
        Assert.Equal("fusion.layers.0.cross_attn", await page.InputValueAsync("#layer"));
        await page.Keyboard.PressAsync("h");
        Assert.Equal("0", await page.InputValueAsync("#head"));
        await page.Keyboard.PressAsync("h");
        await page.Keyboard.PressAsync("h");
        Assert.Equal("", await page.InputValueAsync("#head"));
        await page.Keyboard.PressAsync("m");
        Assert.Equal("rollout", await page.InputValueAsync("#method"));
        await page.Keyboard.PressAsync("m");
        await page.Keyboard.PressAsync("g");
        Assert.Equal("gripper", await page.InputValueAsync("#target"));
        await page.Keyboard.PressAsync("b");
        Assert.True(await page.IsCheckedAsync("#smooth"));
        await page.Keyboard.PressAsync("o");
        Assert.True(await page.IsCheckedAsync("#plain"));
        await page.Keyboard.PressAsync("t");
        Assert.Equal("light", await page.InputValueAsync("#theme"));
        await page.Keyboard.PressAsync("z");
        Assert.Equal("zh-CN", await page.GetAttributeAsync("html", "lang"));
    }

    [BrowserFact]
    public async Task Arrows_choose_a_patch_once_a_picture_has_the_focus()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "m=raw"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        await page.Keyboard.PressAsync("i");
        Assert.Equal("row 3, column 3, front", await page.Locator(".patch .note").TextContentAsync());
        foreach (var key in new[] { "ArrowRight", "ArrowRight", "ArrowUp" }) await page.Keyboard.PressAsync(key);
        Assert.Equal("row 2, column 4, front", await page.Locator(".patch .note").TextContentAsync());
        Assert.Equal(4, await page.Locator(".words li").CountAsync());
        Assert.Equal("0", await page.InputValueAsync("#step"));
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal("1", await page.InputValueAsync("#step"));
    }

    [BrowserFact]
    public async Task Dialogs_and_the_other_instruction_have_keys()
    {
        await using var open = await browser.Open(viewer.One);
        var page = open.Page;
        await ViewerCase.Settled(page);
        await page.Keyboard.PressAsync("?");
        Assert.Equal(21, await page.Locator("dialog[open] tr").CountAsync());
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("s");
        Assert.True(await page.Locator("dialog[open] .choices button").CountAsync() >= 4);
        await page.Keyboard.PressAsync("Escape");

        // The event that removes a closed dialog is sent later, in a task of its own.
        await page.WaitForFunctionAsync("() => document.querySelector('dialog') === null");
        await page.Keyboard.PressAsync("x");
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.TypeAsync("red 12 m");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText("“red 12 m”").WaitForAsync();
        Assert.Equal("0", await page.InputValueAsync("#step"));
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("c");
        await page.Locator("#message").WaitForAsync();
        Assert.Contains("link", await page.Locator("#message").TextContentAsync(), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task The_tabulator_reaches_every_control_and_each_shows_that_it_has_the_focus()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "m=raw&w=2"));
        var page = open.Page;
        await ViewerCase.Settled(page);
        await page.Locator(".head").First.WaitForAsync();
        await page.EvaluateAsync("() => { window.reached = new Set(); document.body.focus(); }");
        var all = await page.EvaluateAsync<int>(
            "() => (window.wanted = [...document.querySelectorAll('button, select, input, .picture canvas')].filter(e => !e.disabled && " +
            "e.offsetParent)).length");
        for (var i = 0; i < all + 2; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            await page.EvaluateAsync(
                "() => { const e = document.activeElement; if (getComputedStyle(e).outlineStyle !== 'none') window.reached.add(e); }");
        }

        Assert.Equal("", await page.EvaluateAsync<string>(
            "() => window.wanted.filter(e => !window.reached.has(e)).map(e => e.outerHTML).join('\\n')"));
    }
}
