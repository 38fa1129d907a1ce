using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace CrossModal.Server.Access;

/// <summary>The program below the servers: Kestrel and routes over HTTP 1.1, and nothing else.</summary>
internal static class HttpHost
{
    /// <summary>A server that is yet to be built.</summary>
    /// <param name="address">Where it will listen.</param>
    /// <param name="port">The port; any free one for 0.</param>
    /// <param name="limit">Sets bounds of connections and requests.</param>
    /// <param name="certificate">The certificate of HTTPS; null for HTTP.</param>
    public static WebApplicationBuilder Builder(IPAddress address, int port, Action<KestrelServerLimits> limit,
        X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "CrossModal.Server" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            limit(kestrel.Limits);
            kestrel.Listen(address, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (certificate is not null) listen.UseHttps(certificate);
            });
        });
        if (certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        return builder;
    }

    /// <summary>Begins to listen.</summary>
    /// <returns>The address, with the port.</returns>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<Uri> Start(WebApplication application, CancellationToken cancellation)
    {
        await application.StartAsync(cancellation).ConfigureAwait(false);
        return new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }
}
