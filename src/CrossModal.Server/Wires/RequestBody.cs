using CrossModal.Server.Batching;
using Microsoft.AspNetCore.Http;

namespace CrossModal.Server.Wires;

/// <summary>The whole body of a request; its size and pace are bounded by the server.</summary>
internal static class RequestBody
{
    /// <summary>Receives the body.</summary>
    /// <exception cref="RefusedException">It is too large or comes too slowly.</exception>
    public static async Task<ReadOnlyMemory<byte>> Read(HttpRequest request)
    {
        // What the client claims is not allocated before it has come.
        using var body = new MemoryStream((int)Math.Clamp(request.ContentLength ?? 0, 0, 1 << 18));
        try
        {
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            throw new RefusedException(Refusal.Invalid, exception.Message);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
