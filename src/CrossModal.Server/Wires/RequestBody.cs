using CrossModal.Server.Batching;
using Microsoft.AspNetCore.Http;

namespace CrossModal.Server.Wires;

/// <summary>The whole body of a request; its size and pace are bounded by the server.</summary>
internal static class RequestBody
{
    /// <summary>Receives the body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="longest">How long the body may take.</param>
    /// <exception cref="RefusedException">It is too large or comes too slowly.</exception>
    public static async Task<ReadOnlyMemory<byte>> Read(HttpRequest request, TimeSpan longest)
    {
        var aborted = request.HttpContext.RequestAborted;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        limit.CancelAfter(longest);

        // What the client claims is not allocated before it has come.
        using var body = new MemoryStream((int)Math.Clamp(request.ContentLength ?? 0, 0, 1 << 18));
        try
        {
            await request.Body.CopyToAsync(body, limit.Token).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            throw new RefusedException(Refusal.Invalid, exception.Message);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            throw new RefusedException(Refusal.Slow, $"the body took over {longest.TotalSeconds:0.#} s, the bound of this server");
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
