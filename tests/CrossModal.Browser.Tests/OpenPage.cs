using Microsoft.Playwright;

namespace CrossModal.Browser.Tests;

/// <summary>A page that is open, with what it did.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    public OpenPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") Problems.Add($"console {message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => Problems.Add($"uncaught: {error}");
        page.RequestFailed += (_, request) =>
        {
            // A page that no longer needs an answer ends the request itself.
            if (request.Failure != "net::ERR_ABORTED") Problems.Add($"failed: {request.Url} {request.Failure}");
        };
        page.Request += (_, request) => Requests.Add(request.Url);
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the console, uncaught exceptions, requests that failed.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Everything it asked for, itself included; pictures inside the page are not asked for.</summary>
    public List<string> Requests { get; } = [];

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
