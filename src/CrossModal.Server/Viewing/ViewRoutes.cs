using CrossModal.Engine.Formats;
using CrossModal.Server.Access;
using CrossModal.Server.Batching;
using CrossModal.Server.Wires;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CrossModal.Server.Viewing;

/// <summary>The addresses of the viewer, below <c>/view</c>.</summary>
/// <param name="api">Answers what the page asks.</param>
internal sealed class ViewRoutes(ViewApi api)
{
    private const string Json = "application/json";

    // Nothing from elsewhere, no script or style but the files of the page, and no page around it.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds all routes.</summary>
    public void Map(WebApplication application)
    {
        application.MapGet(AccessRules.ViewPath, context =>
        {
            context.Response.Redirect($"{AccessRules.ViewPath}/");
            return Task.CompletedTask;
        });
        application.MapGet($"{AccessRules.ViewPath}/{{file?}}", Asset);
        Map(application, "about", (_, _) => Now(api.About()));
        Map(application, "episodes", (_, _) => Now(api.Episodes()));
        Map(application, "episode", (query, _) => Now(api.Episode(query)));
        Map(application, "timeline", api.Timeline);
        Map(application, "maps", api.Maps);
        Map(application, "heads", api.Heads);
        Map(application, "faithfulness", api.Faithfulness);
        Map(application, "frame", (query, _) => Now(api.Frame(query)), "image/png");
        Map(application, "recording", (query, _) => Now(EpisodeArchive.Of(api, query)), "application/zip", "episode.zip");
        Map(application, "film", (query, stop) => Film.Of(api, query, stop), "video/mp4", "film.mp4");
        Map(application, "page", (query, stop) => SavedPage.Of(api, query, stop), "text/html; charset=utf-8", "view.html");

        static Task<byte[]> Now(byte[] bytes) => Task.FromResult(bytes);
    }

    private static void Map(WebApplication application, string name, Func<ViewQuery, CancellationToken, Task<byte[]>> answer,
        string type = Json, string? file = null) => application.MapGet($"{AccessRules.ViewPath}/api/{name}", async context =>
    {
        Secure(context.Response);
        try
        {
            var query = new ViewQuery(context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString()));
            var bytes = await answer(query, context.RequestAborted).ConfigureAwait(false);
            context.Response.ContentType = type;
            if (file is not null) context.Response.Headers.ContentDisposition = $"attachment; filename=\"{file}\"";
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RefusedException or ArgumentException or NotSupportedException or FileFormatException
            or IOException)
        {
            await ErrorReply.Write(context, exception).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page asks for something else by now.
        }
    });

    private static async Task Asset(HttpContext context)
    {
        Secure(context.Response);
        var name = (string?)context.GetRouteValue("file") ?? PageAssets.Index;
        if (PageAssets.Find(name) is not { } bytes)
        {
            await ErrorReply.Write(context, new RefusedException(Refusal.Unknown, $"the viewer has no file '{name}'")).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = PageAssets.TypeOf(name);
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static void Secure(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}
