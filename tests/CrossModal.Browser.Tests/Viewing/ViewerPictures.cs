using CrossModal.Cli.Viewing;
using CrossModal.Policies;
using CrossModal.Server.Viewing;
using CrossModal.Tabletop.Tasks;
using Microsoft.Playwright;

namespace CrossModal.Browser.Tests.Viewing;

/// <summary>Makes the pictures of docs/viewer.md where CROSSMODAL_WRITE_PICTURES names a policy trained on the tabletop, and
/// CROSSMODAL_WRITE_PICTURES_AGAINST perhaps another.</summary>
public sealed class ViewerPictures(Browser browser) : IClassFixture<Browser>
{
    private const int LargestFile = 150_000;
    private static readonly string? Run = Environment.GetEnvironmentVariable("CROSSMODAL_WRITE_PICTURES");
    private static readonly string? Against = Environment.GetEnvironmentVariable("CROSSMODAL_WRITE_PICTURES_AGAINST");

    public static TheoryData<string, string, ColorScheme, int, int, bool> Pictures => new()
    {
        { "light", "t=4&w=2&m=raw&lang=en", ColorScheme.Light, 1280, 960, false }, { "dark", "t=5&w=2&m=raw&lang=en", ColorScheme.Dark, 1280, 960, true },
            { "phone", "t=4&w=2&m=raw&lang=en", ColorScheme.Light, 390, 844, false },
            { "chinese", "t=4&w=2&m=raw&lang=zh", ColorScheme.Light, 1280, 960, false },
    };

    [BrowserTheory]
    [MemberData(nameof(Pictures))]
    public async Task A_picture_of_the_page_is_written(string name, string hash, ColorScheme scheme, int width, int height, bool two)
    {
        if (Run is null) return;
        var trained = PolicyFolder.Load(Run);
        using var source = new TabletopEpisodes(trained, [.. trained.Source["tabletop/".Length..].Split('+').Select(RobotTasks.Find)], 4, 1, "demo");
        using var policies = new FixedPolicies([new ViewedPolicy("demo", trained),
            .. two && Against is not null ? [new ViewedPolicy("another", PolicyFolder.Load(Against))] : (ViewedPolicy[])[]]);
        await using var server = await ViewServer.StartAsync(source, policies);
        await using var open = await browser.Open(ViewerCase.At(server.Address, $"e={source.List()[2].Id}&{hash}"), scheme, width, height);
        await ViewerCase.Settled(open.Page);
        await open.Page.Locator(".head").First.WaitForAsync();
        var path = Path.Combine(Folder(), $"viewer-{name}.png");
        await open.Page.ScreenshotAsync(new PageScreenshotOptions { Path = path });
        Assert.InRange(new FileInfo(path).Length, 1, LargestFile);
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CrossModal.slnx"))) folder = folder.Parent;
        return Path.Combine(folder!.FullName, "docs", "images");
    }
}
