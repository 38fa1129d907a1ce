using System.IO.Compression;
using CrossModal.Client;
using CrossModal.Datasets;
using CrossModal.Server;
using CrossModal.Tests.Policies;
using Microsoft.Playwright;

namespace CrossModal.Browser.Tests.Viewing;

/// <summary>The viewer on a server that robots use.</summary>
public sealed class LiveViewerTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private const string Key = "0123456789abcdef";
    private readonly TemporaryFolder _folder = new();

    [BrowserFact]
    public async Task A_page_shows_what_a_client_sends_now_and_saves_it_as_an_episode()
    {
        await using var server = await Start(null);
        await using var client = new PolicyClient(new Uri($"ws://127.0.0.1:{server.Address.Port}/"),
            new PolicyClientOptions { Deadline = TimeSpan.FromSeconds(30) });
        await client.ActAsync(Request(0));
        await using var open = await browser.Open(new Uri(server.Address, "view"));
        var page = open.Page;
        await page.GetByText("No client has sent anything yet").WaitForAsync();
        var sent = new List<float[]>();
        for (var i = 1; i <= 6; i++) sent.Add([.. (await client.ActAsync(Request(i))).Action]);
        await page.WaitForFunctionAsync("() => document.querySelector('#step').value === '5'");
        await ViewerCase.Settled(page);
        Assert.Equal(["pick", "up", "red", "cup"], await page.Locator(".chip").AllTextContentsAsync());
        Assert.Equal(["sent", "prediction"], await page.Locator(".legend > span").AllTextContentsAsync());
        Assert.Contains("small", await page.Locator("#episode option").First.TextContentAsync(), StringComparison.Ordinal);
        Assert.True(await page.GetByText("Monitor: probability of failure").IsVisibleAsync());
        await page.Keyboard.PressAsync("Home");
        Assert.False(await page.IsCheckedAsync("#follow"));
        sent.Add([.. (await client.ActAsync(Request(7))).Action]);
        await page.WaitForFunctionAsync("() => document.querySelector('#step').max === '6'");
        Assert.Equal("0", await page.InputValueAsync("#step"));
        await page.Keyboard.PressAsync("s");
        var download = await page.RunAndWaitForDownloadAsync(() =>
            page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Episode (ZIP)" }).ClickAsync());
        await ZipFile.ExtractToDirectoryAsync(await download.PathAsync(), _folder["data"]);
        using var source = Recordings.Open(_folder["data"]);
        Assert.Equal(sent, source.Numbers(source.Episodes[0], source.Action));
        Assert.Equal("pick up red cup", source.Episodes[0].Instruction);
        await page.Keyboard.PressAsync("Escape");
        await client.ActAsync(Request(8, "red cup"));
        await page.WaitForFunctionAsync("() => document.querySelectorAll('#episode option').length === 2");
        Assert.Empty(open.Problems);
    }

    [BrowserFact]
    public async Task With_keys_a_browser_gives_one_as_the_password()
    {
        await File.WriteAllTextAsync(_folder["keys"], $"desk: {Key}\n");
        await using var server = await Start(_folder["keys"]);
        var page = new Uri(server.Address, "view");
        await using var right = await browser.Open(page, key: new HttpCredentials { Username = "any", Password = Key });
        await right.Page.GetByText("No client has sent anything yet").WaitForAsync();
        Assert.Empty(right.Problems);
        await using var wrong = await browser.Open(page, key: new HttpCredentials { Username = "any", Password = Key + "x" });
        Assert.Equal(0, await wrong.Page.Locator("#app").CountAsync());
    }

    public void Dispose() => _folder.Dispose();

    private async Task<PolicyServer> Start(string? keys)
    {
        ViewerCase.Trained(_folder["small"], 1, watched: true);
        var server = await PolicyServer.StartAsync(new ServerOptions
        {
            Policies = [new("small", _folder["small"])],
            Listen = new ServerListen { Port = 0, KeysFile = keys },
            Limits = new ServerLimits { LongestWait = TimeSpan.FromSeconds(30) },
        });
        await server.WaitUntilReadyAsync();
        return server;
    }

    private static PolicyRequest Request(int step, string instruction = "pick up red cup")
    {
        var pixels = new byte[32 * 32 * 3];
        Array.Fill(pixels, (byte)(20 * step));
        return new PolicyRequest(instruction).SetImage("front", pixels, 32, 32).SetImage("side", pixels, 32, 32)
            .SetState("state", new float[SmallPolicy.Proprioception]);
    }
}
