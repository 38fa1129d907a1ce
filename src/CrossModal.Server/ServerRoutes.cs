using System.Threading.RateLimiting;
using CrossModal.Server.Access;
using CrossModal.Server.Batching;
using CrossModal.Server.Operations;
using CrossModal.Server.Viewing;
using CrossModal.Server.Wires;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace CrossModal.Server;

/// <summary>Which address leads to what.</summary>
/// <param name="service">Answers requests.</param>
/// <param name="mapping">Where messages hold what a policy needs.</param>
/// <param name="sockets">Bounds of a WebSocket.</param>
/// <param name="keys">The keys; null when there are none.</param>
/// <param name="batch">Observations in a request at most.</param>
/// <param name="kept">Keeps the past frames of episodes.</param>
/// <param name="view">The addresses of the viewer.</param>
/// <param name="log">The log.</param>
internal sealed class ServerRoutes(StepService service, Func<ServedPolicy, ObservationMapping> mapping, SocketLimits sockets, ApiKeys? keys,
    int batch, KeptPast kept, ViewRoutes view, ILogger log)
{
    // Of the wires without connections; an episode takes a few kilobytes.
    private const int MostEpisodes = 1024;

    private readonly PartitionedRateLimiter<HttpContext> _rate = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetTokenBucketLimiter(ClientName.Of(context), _ => sockets.Rate(waiting: 0)));

    /// <summary>Adds all routes.</summary>
    public void Map(WebApplication application)
    {
        var rules = new AccessRules(keys);
        application.Use(next => context => rules.Check(context, next));
        application.Use(next => context => Limit(context, next));
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = sockets.Ping, KeepAliveTimeout = sockets.PingAnswer });
        application.UseOpenTelemetryPrometheusScrapingEndpoint();
        application.UseRouting();
        var stopping = application.Lifetime.ApplicationStopping;
        application.Map("/", context => Socket(context, null, stopping));
        application.Map("/policies/{name}", context => Socket(context, (string)context.GetRouteValue("name")!, stopping));
        application.MapGet("/healthz", context => context.Response.WriteAsync("OK\n"));
        var episodes = new ServedEpisodes(MostEpisodes, kept);
        application.MapPost("/act", new ActEndpoint(service, episodes, sockets.LongestMessage).Handle);
        MapKServe(application, new KServeEndpoint(service, batch, episodes, sockets.LongestMessage));
        view.Map(application);
        application.UseEndpoints(_ => { });
    }

    private void MapKServe(WebApplication application, KServeEndpoint kserve)
    {
        application.MapGet("/v2", KServeEndpoint.Server);
        application.MapGet("/v2/health/live", _ => Task.CompletedTask);
        application.MapGet("/v2/health/ready", context =>
        {
            context.Response.StatusCode = service.Policies.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        application.MapGet("/v2/models/{name}", context => kserve.Describe(context, Name(context)));
        application.MapGet("/v2/models/{name}/ready", context => kserve.Ready(context, Name(context)));
        application.MapPost("/v2/models/{name}/infer", context => kserve.Infer(context, Name(context)));

        static string Name(HttpContext context) => (string)context.GetRouteValue("name")!;
    }

    /// <summary>Whose requests share a bound: a page that watches takes nothing from a robot on the same machine.</summary>
    private static string Partition(HttpContext context) =>
        context.Request.Path.StartsWithSegments(AccessRules.ViewPath, StringComparison.Ordinal) ? $"page {ClientName.Of(context)}"
            : ClientName.Of(context);

    private async Task Limit(HttpContext context, RequestDelegate next)
    {
        using var lease = _rate.AttemptAcquire(context);
        if (lease.IsAcquired) await next(context).ConfigureAwait(false);
        else
            await ErrorReply.Write(context, StatusCodes.Status429TooManyRequests,
                $"over {sockets.MessagesPerSecond} requests of this client in a second").ConfigureAwait(false);
    }

    private async Task Socket(HttpContext context, string? policy, CancellationToken stopping)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await ErrorReply.Write(context, StatusCodes.Status426UpgradeRequired, "this address speaks WebSocket only")
                .ConfigureAwait(false);
            return;
        }

        ServedPolicy served;
        try
        {
            served = service.Policies.Get(policy);
        }
        catch (RefusedException refused)
        {
            await ErrorReply.Write(context, refused).ConfigureAwait(false);
            return;
        }

        await served.Ready.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        var client = ClientName.OfConnection(context);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { DangerousEnableCompression = sockets.Compression }).ConfigureAwait(false);
        log.Connected(client);
        service.Metrics.Connection(1);
        try
        {
            await new OpenPiSession(service, policy, client, mapping, kept, socket, sockets, log).Run(stopping, context.RequestAborted)
                .ConfigureAwait(false);
        }
        finally
        {
            service.Metrics.Connection(-1);
            log.Left(client);
        }
    }
}
