using System.Buffers;
using System.Net.WebSockets;
using CrossModal.Client.Wire;

namespace CrossModal.Client;

/// <summary>Asks a policy server that speaks openpi's WebSocket for actions, within a deadline.</summary>
/// <remarks>
/// A missed deadline or a broken connection is an answer, <see cref="PolicyReply.HoldStill"/>, and no exception; the connection is made
/// anew in the background. A reply that comes late belongs to an earlier observation and is dropped. For one control loop: calls must not
/// overlap.
/// </remarks>
public sealed class PolicyClient : IAsyncDisposable
{
    private readonly Uri _server;
    private readonly PolicyClientOptions _options;
    private readonly CancellationTokenSource _end = new();
    private readonly ArrayBufferWriter<byte> _message = new(1 << 18);
    private Task<ClientConnection> _connection;
    private Task<WireReply>? _reply;
    private long _asked;
    private int _busy;

    /// <summary>A client, which begins to connect.</summary>
    /// <param name="server">The server, such as <c>ws://localhost:8000</c>.</param>
    /// <param name="options">How it behaves.</param>
    /// <exception cref="ArgumentException">The address is none of a WebSocket.</exception>
    public PolicyClient(Uri server, PolicyClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (!server.IsAbsoluteUri || server.Scheme is not ("ws" or "wss"))
            throw new ArgumentException($"PolicyClient: '{server}' is no address that begins with ws:// or wss://", nameof(server));
        (_server, _options) = (server, options ?? new PolicyClientOptions());
        _connection = Connect();
    }

    /// <summary>Waits for the connection and gives what the server says of its policy: text and numbers by key.</summary>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="PolicyServerException">The server refuses the connection, or does not speak this protocol.</exception>
    public async Task<IReadOnlyDictionary<string, object?>> ConnectAsync(CancellationToken cancellation = default) =>
        (await _connection.WaitAsync(cancellation).ConfigureAwait(false)).Metadata;

    /// <summary>Asks for the action of an observation.</summary>
    /// <param name="request">The observation.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The action, or that the robot is to hold still: no answer came within <see cref="PolicyClientOptions.Deadline"/>.</returns>
    /// <exception cref="PolicyServerException">The server refuses the observation or the connection, and says why.</exception>
    /// <exception cref="InvalidOperationException">Another call is under way.</exception>
    public async Task<PolicyReply> ActAsync(PolicyRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Interlocked.Exchange(ref _busy, 1) != 0) throw new InvalidOperationException("PolicyClient: another call is under way");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_options.Deadline);
        try
        {
            return await Ask(request, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested && !_end.IsCancellationRequested)
        {
            return PolicyReply.Hold($"no reply within {_options.Deadline.TotalMilliseconds:0} ms");
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or ObjectDisposedException)
        {
            await Reconnect().ConfigureAwait(false);
            return PolicyReply.Hold($"the connection broke: {exception.Message}");
        }
        catch (PolicyServerException)
        {
            await Reconnect().ConfigureAwait(false);
            throw;
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        if (_connection.IsCompletedSuccessfully) (await _connection.ConfigureAwait(false)).Dispose();
    }

    private async Task<PolicyReply> Ask(PolicyRequest request, CancellationToken deadline)
    {
        var connection = await _connection.WaitAsync(deadline).ConfigureAwait(false);
        if (_reply is not null) await Late(deadline).ConfigureAwait(false);
        _message.ResetWrittenCount();
        MessageWriter.Write(request.Values, _message);
        _asked = Environment.TickCount64;

        _reply = connection.Exchange(_message.WrittenMemory, _options.GiveUp, _end.Token);
        var reply = await _reply.WaitAsync(deadline).ConfigureAwait(false);
        _reply = null;
        return reply.Error is null ? PolicyReply.Of(reply.Message!) : throw new PolicyServerException(reply.Error);
    }

    /// <summary>Waits for the reply to an earlier observation, and drops it.</summary>
    private async Task Late(CancellationToken deadline)
    {
        if (!_reply!.IsCompleted && Environment.TickCount64 - _asked > _options.GiveUp.TotalMilliseconds)
            throw new IOException($"no reply for {_options.GiveUp.TotalSeconds:0.#} s");
        var reply = await _reply.WaitAsync(deadline).ConfigureAwait(false);
        _reply = null;
        if (reply.Error is not null) throw new PolicyServerException(reply.Error);
    }

    private async Task Reconnect()
    {
        if (!_connection.IsCompleted) return;
        if (_connection.IsCompletedSuccessfully) (await _connection.ConfigureAwait(false)).Dispose();
        _reply = null;
        _connection = Connect();
    }

    private async Task<ClientConnection> Connect()
    {
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = Shorter(2 * pause, _options.LongestPause))
        {
            try
            {
                return await ClientConnection.Open(_server, _options, _end.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is WebSocketException or IOException)
            {
                await Task.Delay(pause, _end.Token).ConfigureAwait(false);
            }
        }

        static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
    }
}
