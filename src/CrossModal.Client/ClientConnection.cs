using System.Net;
using System.Net.WebSockets;
using CrossModal.Client.Wire;

namespace CrossModal.Client;

/// <summary>What came back: a map, or the text of an error.</summary>
internal readonly record struct WireReply(Dictionary<string, object?>? Message, string? Error);

/// <summary>One connection to a policy server.</summary>
internal sealed class ClientConnection : IDisposable
{
    private readonly ClientWebSocket _socket;
    private readonly int _largest;
    private byte[] _buffer = new byte[1 << 14];

    private ClientConnection(ClientWebSocket socket, int largest) => (_socket, _largest) = (socket, largest);

    /// <summary>What the server says of its policy.</summary>
    public IReadOnlyDictionary<string, object?> Metadata { get; private set; } = new Dictionary<string, object?>();

    /// <summary>Connects and receives the server's first message.</summary>
    /// <exception cref="WebSocketException">No server answers.</exception>
    /// <exception cref="PolicyServerException">The server refuses, or speaks another protocol.</exception>
    public static async Task<ClientConnection> Open(Uri server, PolicyClientOptions options, CancellationToken end)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(10);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(20);
        if (options.ApiKey is { } key) socket.Options.SetRequestHeader("Authorization", $"Api-Key {key}");
        var connection = new ClientConnection(socket, options.LargestReply);
        try
        {
            await socket.ConnectAsync(server, end).ConfigureAwait(false);
            var first = await connection.Receive(end).ConfigureAwait(false);
            connection.Metadata = first.Message ?? throw new PolicyServerException(first.Error!);
            return connection;
        }
        catch (WebSocketException) when (socket.HttpStatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            socket.Dispose();
            throw new PolicyServerException(options.ApiKey is null ? "the server asks for an API key" : "the server refuses the API key");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message and receives the reply.</summary>
    /// <param name="message">The message; it must stay as it is until the reply is there.</param>
    /// <param name="longest">How long the sending may take: a message that was sent in part leaves the connection useless.</param>
    /// <param name="end">Ends the connection.</param>
    /// <exception cref="IOException">The connection was closed, or sending took too long.</exception>
    public async Task<WireReply> Exchange(ReadOnlyMemory<byte> message, TimeSpan longest, CancellationToken end)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(longest);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, true, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            throw new IOException($"sending an observation took over {longest.TotalSeconds:0.#} s");
        }

        return await Receive(end).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task<WireReply> Receive(CancellationToken end)
    {
        var length = 0;
        while (true)
        {
            var result = await _socket.ReceiveAsync(_buffer.AsMemory(length), end).ConfigureAwait(false);
            length += result.Count;
            if (result.MessageType == WebSocketMessageType.Close)
                throw new IOException($"the server closed it ({(int?)_socket.CloseStatus} {_socket.CloseStatusDescription})");
            if (result.EndOfMessage)
                return result.MessageType == WebSocketMessageType.Text
                    ? new WireReply(null, System.Text.Encoding.UTF8.GetString(_buffer, 0, length).Trim())
                    : new WireReply(Map(_buffer[..length]), null);
            if (length < _buffer.Length) continue;
            if (length >= _largest) throw new PolicyServerException($"the server's reply has over {_largest} bytes");
            Array.Resize(ref _buffer, Math.Min(2 * length, _largest));
        }
    }

    private static Dictionary<string, object?> Map(byte[] message)
    {
        try
        {
            return MessageReader.ReadMap(message);
        }
        catch (WireFormatException exception)
        {
            throw new PolicyServerException($"the server's reply is no message of this protocol: {exception.Message}");
        }
    }
}
