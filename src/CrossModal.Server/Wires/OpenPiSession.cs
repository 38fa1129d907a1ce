using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Threading.RateLimiting;
using CrossModal.Client.Wire;
using CrossModal.Server.Batching;
using CrossModal.Server.Operations;
using Microsoft.Extensions.Logging;

namespace CrossModal.Server.Wires;

/// <summary>One client of openpi's WebSocket: metadata first, then an action for every observation.</summary>
/// <remarks>An error is a text message and the close code 1011, as clients of this protocol expect. A receive is always pending, also
/// during a step: without one a .NET socket answers no pings.</remarks>
internal sealed class OpenPiSession
{
    private const string Reset = "reset";

    private readonly StepService _service;
    private readonly string? _policy;
    private readonly string _client;
    private readonly Func<ServedPolicy, ObservationMapping> _mapping;
    private readonly MessageSocket _socket;
    private readonly TokenBucketRateLimiter _rate;
    private readonly ArrayBufferWriter<byte> _reply = new(512);
    private readonly ServedEpisode _episode;
    private readonly ILogger _log;
    private TimeSpan? _previous;

    /// <summary>A session.</summary>
    /// <param name="service">Answers requests.</param>
    /// <param name="policy">The policy's name; null for the first one.</param>
    /// <param name="client">Whose connection it is.</param>
    /// <param name="mapping">Where messages hold what a policy needs.</param>
    /// <param name="kept">Keeps past frames.</param>
    /// <param name="socket">The connection.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="log">Receives refusals.</param>
    public OpenPiSession(StepService service, string? policy, string client, Func<ServedPolicy, ObservationMapping> mapping,
        KeptPast kept, WebSocket socket, SocketLimits limits, ILogger log)
    {
        _episode = new ServedEpisode(kept, begun: true);
        (_service, _policy, _client, _mapping, _log) = (service, policy, client, mapping, log);
        _socket = new MessageSocket(socket, limits);
        _rate = new TokenBucketRateLimiter(limits.Rate(waiting: 1));
    }

    /// <summary>Serves until the client leaves, an error, or the server stops.</summary>
    /// <param name="stopping">The server stops: the observation at hand is still answered.</param>
    /// <param name="aborted">The connection is gone.</param>
    public async Task Run(CancellationToken stopping, CancellationToken aborted)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopping.Register(() => stopped.TrySetResult());
        Task<ReadOnlyMemory<byte>?>? next = null;
        try
        {
            await _socket.Send(Metadata(), WebSocketMessageType.Binary, end.Token).ConfigureAwait(false);
            next = _socket.Receive(end.Token);
            while (await Task.WhenAny(next, stopped.Task).ConfigureAwait(false) == next && await next.ConfigureAwait(false) is { } message)
            {
                next = _socket.Receive(end.Token);
                await _rate.AcquireAsync(1, end.Token).ConfigureAwait(false);
                await _socket.Send(await Answer(message, end.Token).ConfigureAwait(false), WebSocketMessageType.Binary, end.Token)
                    .ConfigureAwait(false);
            }

            await _socket.Close(stopping.IsCancellationRequested ? WebSocketCloseStatus.EndpointUnavailable
                : WebSocketCloseStatus.NormalClosure, stopping.IsCancellationRequested ? "the server is stopping" : "", next)
                    .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RefusedException or WireFormatException or InvalidDataException)
        {
            _log.Refused(WireTerms.OpenPi.Name, _client, exception.Message);
            await Refuse(exception.Message, next).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException
            or ObjectDisposedException)
        {
            // The client left, or was too slow; nobody is there to be told.
        }
        finally
        {
            _episode.End();
            await end.CancelAsync().ConfigureAwait(false);
            await _rate.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<ReadOnlyMemory<byte>> Answer(ReadOnlyMemory<byte> message, CancellationToken end)
    {
        var start = Stopwatch.GetTimestamp();
        var values = MessageReader.ReadMap(message);
        if (values.GetValueOrDefault(Reset) is true) _episode.Restart();
        var step = await _service.Act(WireTerms.OpenPi, _policy, _client, policy => _mapping(policy).Decode(values, policy.Signature),
            _episode, end)
            .ConfigureAwait(false);
        var result = step.Result;
        var timing = new Dictionary<string, object?>
        {
            ["infer_ms"] = result.Inference.TotalMilliseconds,
            ["queue_ms"] = result.Queue.TotalMilliseconds,
            ["preprocess_ms"] = step.Preprocessing.TotalMilliseconds,
            ["batch"] = result.Batch,
        };
        if (_previous is { } previous) timing["prev_total_ms"] = previous.TotalMilliseconds;
        var reply = new Dictionary<string, object?>
        {
            ["actions"] = NumpyArray.Of(result.Action, 1, result.Action.Length),
            ["server_timing"] = timing,
            ["policy_timing"] = new Dictionary<string, object?> { ["infer_ms"] = result.Inference.TotalMilliseconds },
        };
        if (step.Unknown.Count > 0) reply["unknown_words"] = step.Unknown.Cast<object?>().ToList();
        if (step.Verdict is { } verdict)
            reply["monitor"] = new Dictionary<string, object?>
            {
                ["stop"] = verdict.Stop,
                ["score"] = verdict.Score,
                ["highest"] = verdict.Highest,
                ["threshold"] = verdict.Threshold,
                ["steps"] = verdict.Steps,
            };
        _reply.ResetWrittenCount();
        MessageWriter.Write(reply, _reply);
        _previous = Stopwatch.GetElapsedTime(start);
        return _reply.WrittenMemory;
    }

    private ReadOnlyMemory<byte> Metadata()
    {
        var policy = _service.Policies.Get(_policy);
        var mapping = _mapping(policy);
        _reply.ResetWrittenCount();
        var metadata = new Dictionary<string, object?>
        {
            ["policy"] = policy.Name,
            ["source"] = policy.Source,
            ["cameras"] = mapping.Cameras.Take(policy.Signature.Cameras.Count).Cast<object?>().ToList(),
            ["state"] = policy.Signature.States.Select(s => (object?)$"{s.Name} [{s.Unit}]").ToList(),
            ["state_keys"] = mapping.State.Select(s => (object?)s.Key).ToList(),
            ["instruction"] = mapping.Instruction,
            ["actions"] = policy.Signature.Actions.Select(a => (object?)$"{a.Name} [{a.Unit}]").ToList(),
            ["action_horizon"] = 1,
        };
        if (policy.PastFrames > 0) metadata["past_frames"] = policy.PastFrames;
        MessageWriter.Write(metadata, _reply);
        return _reply.WrittenMemory;
    }

    private async Task Refuse(string message, Task? pending)
    {
        try
        {
            await _socket.Send(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            return;
        }

        await _socket.Close(WebSocketCloseStatus.InternalServerError, "the message before says why", pending).ConfigureAwait(false);
    }
}
