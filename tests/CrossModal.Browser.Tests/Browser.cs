using Microsoft.Playwright;

namespace CrossModal.Browser.Tests;

/// <summary>One headless Chromium for a class of tests, without any network.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Debian = "/usr/bin/chromium";

    // Milliseconds: the machine may be busy with other tests.
    private const float Patience = 60_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Where the browser is: CROSSMODAL_CHROMIUM, or where Debian puts it; null when there is none.</summary>
    public static string? Executable { get; } =
        new[] { Environment.GetEnvironmentVariable("CROSSMODAL_CHROMIUM"), Debian }.FirstOrDefault(File.Exists);

    /// <summary>Opens a page; whatever it says, asks for or fails at is noted.</summary>
    public async Task<OpenPage> Open(string file, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800,
        bool script = true)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            Offline = true,
            JavaScriptEnabled = script,
        });
        return await Load(context, new Uri(Path.GetFullPath(file)));
    }

    /// <summary>Opens a page of a server of this machine.</summary>
    public async Task<OpenPage> Open(Uri address, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 800,
        string language = "en-US", HttpCredentials? key = null) => await Load(await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            Locale = language,
            HttpCredentials = key,
            AcceptDownloads = true,
        }), address);

    private static async Task<OpenPage> Load(IBrowserContext context, Uri address)
    {
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        var open = new OpenPage(context, page);
        await page.GotoAsync(address.AbsoluteUri, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
        return open;
    }

    public async Task InitializeAsync()
    {
        if (Executable is null) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Executable,
            Headless = true,
            Args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--no-first-run"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
    }
}
