using System.Net;
using CrossModal.Server.Wires;
using Microsoft.AspNetCore.Http;

namespace CrossModal.Server.Access;

/// <summary>Who may use the server: on loopback every process of this machine, elsewhere whoever has a key; never a page of another
/// site.</summary>
/// <param name="keys">The keys; null on loopback without any.</param>
internal sealed class AccessRules(ApiKeys? keys)
{
    /// <summary>Below this path are pages for people, whose browsers ask for the key as a password.</summary>
    public const string ViewPath = "/view";

    // Asked by load balancers and schedulers, which have no key; they say nothing but that the server is there.
    private static readonly string[] Open = ["/healthz", "/v2/health/live", "/v2/health/ready"];

    /// <summary>Lets a request through, or answers it.</summary>
    public async Task Check(HttpContext context, RequestDelegate next)
    {
        var isPage = context.Request.Path.StartsWithSegments(ViewPath, StringComparison.Ordinal);
        if (!IsOwnSite(context.Request))
            await ErrorReply.Write(context, StatusCodes.Status403Forbidden, "requests from pages of other sites are refused")
                .ConfigureAwait(false);
        else if (keys is null || Open.Contains(context.Request.Path.Value))
            await next(context).ConfigureAwait(false);
        else if (keys.NameOf(context.Request.Headers.Authorization, isPage) is not { } name)
        {
            if (isPage) context.Response.Headers.WWWAuthenticate = "Basic realm=\"the key as password\", charset=\"UTF-8\"";
            await ErrorReply.Write(context, StatusCodes.Status401Unauthorized,
                "a valid key is needed: Authorization: Api-Key …").ConfigureAwait(false);
        }
        else
        {
            context.Items[ClientName.Item] = name;
            await next(context).ConfigureAwait(false);
        }
    }

    /// <summary>A browser names the site whose page sends a request; robots name none. On loopback, the host must be loopback too, lest a
    /// name of another site that leads here pass for this one.</summary>
    private bool IsOwnSite(HttpRequest request)
    {
        if (keys is null && !IsLoopback(request.Host.Host)) return false;
        if (request.Headers["Sec-Fetch-Site"] == "cross-site" && request.Headers["Sec-Fetch-Mode"] != "navigate") return false;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var site) && new HostString(site.Authority).Equals(request.Host));
    }

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
