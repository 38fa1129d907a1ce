using System.Net;
using CrossModal.Server.Access;
using Microsoft.AspNetCore.Builder;

namespace CrossModal.Server.Viewing;

/// <summary>Serves the viewer to this machine alone.</summary>
internal sealed class ViewServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ViewServer(WebApplication application) => _application = application;

    /// <summary>Where the page is.</summary>
    public Uri Address { get; private set; } = new("http://localhost");

    /// <summary>Begins to listen.</summary>
    /// <param name="source">The episodes.</param>
    /// <param name="policies">The policies that explain them.</param>
    /// <param name="port">The port; any free one for 0.</param>
    /// <param name="language">The language that a page begins in; null for the reader's.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<ViewServer> StartAsync(IEpisodeSource source, IViewedPolicies policies, int port = 0, string? language = null,
        CancellationToken cancellation = default)
    {
        var application = HttpHost.Builder(IPAddress.Loopback, port, limits => limits.MaxRequestBodySize = 0).Build();
        var rules = new AccessRules(null);
        application.Use(next => context => rules.Check(context, next));
        application.UseRouting();
        new ViewRoutes(new ViewApi(source, policies, language)).Map(application);
        application.UseEndpoints(_ => { });
        var address = await HttpHost.Start(application, cancellation).ConfigureAwait(false);
        return new ViewServer(application) { Address = new Uri(address, $"{AccessRules.ViewPath}/") };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }
}
