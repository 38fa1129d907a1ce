using System.IO.Compression;
using System.Text;
using CrossModal.Datasets;
using Microsoft.Playwright;

namespace CrossModal.Browser.Tests.Viewing;

/// <summary>What the viewer saves.</summary>
public sealed class ViewerSaveTests(Browser browser, ViewerCase viewer) : IClassFixture<Browser>, IClassFixture<ViewerCase>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [BrowserFact]
    public async Task A_picture_and_the_plots_are_saved_by_the_page_itself()
    {
        await using var open = await browser.Open(ViewerCase.At(viewer.One, "t=3&w=2"));
        await ViewerCase.Settled(open.Page);
        var picture = await File.ReadAllBytesAsync(await Save(open.Page, "Picture (PNG)", "first-3.png"));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture[..4]);
        using var stream = new MemoryStream(picture);
        Assert.InRange(Imaging.Png.Read(stream, "picture").Width, 480, 4000);
        var plots = await File.ReadAllTextAsync(await Save(open.Page, "Plots (SVG)", "first.svg"));
        Assert.Equal("svg", System.Xml.Linq.XDocument.Parse(plots).Root!.Name.LocalName);
        Assert.Contains("Monitor: probability of failure", plots, StringComparison.Ordinal);
        Assert.DoesNotContain("var(--", plots, StringComparison.Ordinal);
        Assert.Empty(open.Problems);
    }

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_in_one_file_shows_the_episode_without_a_server(bool two)
    {
        await using (var open = await browser.Open(ViewerCase.At(two ? viewer.Two : viewer.One, "t=3&w=2&m=raw&l=fusion.layers.1.cross_attn")))
        {
            await ViewerCase.Settled(open.Page);
            File.Copy(await Save(open.Page, "One-file page (HTML)", "first.html"), _folder["saved.html"]);
        }

        await using var saved = await browser.Open(_folder["saved.html"]);
        var page = saved.Page;
        await ViewerCase.Settled(page);
        Assert.Equal("3", await page.InputValueAsync("#step"));
        Assert.Equal(two ? 2 : 1, await page.Locator(".verdict").CountAsync());
        Assert.DoesNotContain("not measured", await page.Locator(".verdict").First.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal("small: map of red over the camera front", await page.Locator(".picture canvas").First.GetAttributeAsync("aria-label"));
        await page.Keyboard.PressAsync("ArrowRight");
        await ViewerCase.Settled(page);
        Assert.Equal("4", await page.Locator(".picture canvas").First.GetAttributeAsync("data-step"));
        Assert.False(await page.Locator("form.other").IsVisibleAsync());
        Assert.Equal(1, await page.Locator("#method option").CountAsync());
        await page.Keyboard.PressAsync("s");
        Assert.Equal(2, await page.Locator("dialog .choices button").CountAsync());
        Assert.Single(saved.Requests, r => !r.StartsWith("blob:", StringComparison.Ordinal) && !r.StartsWith("data:", StringComparison.Ordinal));
        Assert.Empty(saved.Problems);
    }

    [BrowserFact]
    public async Task An_episode_is_saved_as_a_folder_that_data_sets_are_read_from()
    {
        await using var open = await browser.Open(viewer.One);
        await ViewerCase.Settled(open.Page);
        await ZipFile.ExtractToDirectoryAsync(await Save(open.Page, "Episode (ZIP)", "first.zip"), _folder["data"]);
        using var source = Recordings.Open(_folder["data"]);
        Assert.Equal(("pick up red cup", MadeEpisodes.Steps), (source.Episodes[0].Instruction, source.Episodes[0].Length));
        Assert.Equal(MadeEpisodes.Names, source.Cameras.Select(c => c.Name));
        var (episode, steps) = (viewer.Episodes.Open("first")!, source.Numbers(source.Episodes[0], source.Action));
        for (var i = 0; i < steps.Length; i++) Assert.Equal(episode.Find(i)!.Recorded, steps[i]);
        Assert.Equal(episode.Find(5)!.Pictures[1].Pixels, source.Frames(source.Episodes[0], "side").ElementAt(5).Pixels);
    }

    [BrowserFact]
    public async Task A_film_is_saved_where_ffmpeg_is_and_a_line_says_so_where_it_is_not()
    {
        await using var open = await browser.Open(viewer.One);
        await ViewerCase.Settled(open.Page);
        if (Ffmpeg.IsInstalled)
        {
            var film = await File.ReadAllBytesAsync(await Save(open.Page, "Film (MP4)", "first.mp4"));
            Assert.Equal("ftyp", Encoding.ASCII.GetString(film, 4, 4));
            return;
        }

        await open.Page.Keyboard.PressAsync("s");
        Assert.True(await open.Page.GetByText("A film needs the program ffmpeg").IsVisibleAsync());
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> Save(IPage page, string button, string name)
    {
        await page.Keyboard.PressAsync("s");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = button }).ClickAsync());
        Assert.Equal(name, download.SuggestedFilename);
        var path = await download.PathAsync();
        await page.Keyboard.PressAsync("Escape");
        return path;
    }
}
