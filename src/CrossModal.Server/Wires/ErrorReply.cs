using System.Text.Json;
using CrossModal.Server.Batching;
using Microsoft.AspNetCore.Http;

namespace CrossModal.Server.Wires;

/// <summary>An error over HTTP: the honest status code, and one line of JSON.</summary>
internal static class ErrorReply
{
    /// <summary>Writes the error, unless the reply has begun.</summary>
    public static async Task Write(HttpContext context, Exception exception)
    {
        if (context.Response.HasStarted) return;
        await Write(context, Status(exception), exception.Message).ConfigureAwait(false);
    }

    /// <summary>Writes the error.</summary>
    public static async Task Write(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "1";

        // What is still to come of the request is not waited for.
        if (status == StatusCodes.Status408RequestTimeout) context.Response.Headers.Connection = "close";
        using var stream = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("error", message);
            writer.WriteEndObject();
        }

        await context.Response.Body.WriteAsync(stream.ToArray(), context.RequestAborted).ConfigureAwait(false);
    }

    private static int Status(Exception exception) => exception is not RefusedException refused ? StatusCodes.Status400BadRequest
        : refused.Refusal switch
        {
            Refusal.Invalid => StatusCodes.Status400BadRequest,
            Refusal.Slow => StatusCodes.Status408RequestTimeout,
            Refusal.Unknown => StatusCodes.Status404NotFound,
            Refusal.Busy => StatusCodes.Status429TooManyRequests,
            Refusal.Unsafe => StatusCodes.Status500InternalServerError,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
}
