using System.Net.WebSockets;

namespace CrossModal.Server.Wires;

/// <summary>Whole messages over a WebSocket, within bounds of size and time.</summary>
/// <param name="socket">The WebSocket.</param>
/// <param name="limits">The bounds.</param>
internal sealed class MessageSocket(WebSocket socket, SocketLimits limits)
{
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(1);

    private byte[] _current = new byte[1 << 14];
    private byte[] _next = new byte[1 << 14];

    /// <summary>Receives a message; one call at a time.</summary>
    /// <returns>The message, which stays until the call after the next; null when the client closed the connection.</returns>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="InvalidDataException">The message is too large, or no binary one.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or the connection was given up.</exception>
    public async Task<ReadOnlyMemory<byte>?> Receive(CancellationToken end)
    {
        (_current, _next) = (_next, _current);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        var length = 0;
        while (true)
        {
            var result = await socket.ReceiveAsync(_current.AsMemory(length), limit.Token).ConfigureAwait(false);
            if (result.MessageType == WebSocketMessageType.Close) return null;
            if (result.MessageType == WebSocketMessageType.Text)
                throw new InvalidDataException("a text message came where a binary one is needed");
            length += result.Count;
            if (result.EndOfMessage) return _current.AsMemory(0, length);

            // A connection may be silent for long, a message may not.
            limit.CancelAfter(limits.LongestMessage);
            if (length < _current.Length) continue;
            if (length >= limits.LargestMessage)
                throw new InvalidDataException($"a message has over {limits.LargestMessage} bytes, the bound of this server");
            Array.Resize(ref _current, Math.Min(2 * length, limits.LargestMessage));
        }
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="OperationCanceledException">The client did not take it in time.</exception>
    public async Task Send(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken end)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(limits.LongestMessage);
        await socket.SendAsync(message, type, true, limit.Token).ConfigureAwait(false);
    }

    /// <summary>Closes the connection, and waits a moment for the client to do so: what it still sends is dropped.</summary>
    /// <param name="status">Why.</param>
    /// <param name="reason">Why, in words.</param>
    /// <param name="pending">The receive that is under way; null for none.</param>
    public async Task Close(WebSocketCloseStatus status, string reason, Task? pending)
    {
        using var limit = new CancellationTokenSource(LongestClose);
        try
        {
            await socket.CloseOutputAsync(status, reason, limit.Token).ConfigureAwait(false);
            if (pending is { IsFaulted: false }) await pending.WaitAsync(limit.Token).ConfigureAwait(false);
            while (socket.State == WebSocketState.CloseSent)
                await socket.ReceiveAsync(_current.AsMemory(), limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException
            or InvalidDataException)
        {
            socket.Abort();
        }
    }
}
