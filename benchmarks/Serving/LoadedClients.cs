using System.Collections.Concurrent;
using System.Diagnostics;
using CrossModal.Client;
using CrossModal.Engine.Tensors;

namespace CrossModal.Benchmarks.Serving;

/// <summary>Clients with pictures of 224 × 224 that ask a server for actions.</summary>
/// <param name="server">The server.</param>
/// <param name="count">How many clients.</param>
internal sealed class LoadedClients(Uri server, int count)
{
    private const int Side = 224;
    private readonly ConcurrentQueue<double> _milliseconds = new();
    private long _failed;

    /// <summary>Observations without an action.</summary>
    public long Failed => _failed;

    /// <summary>Milliseconds from sending to the action, in order of size.</summary>
    public double[] Times() => [.. _milliseconds.Order()];

    /// <summary>Lets all clients ask for a time.</summary>
    /// <param name="time">How long.</param>
    /// <param name="rate">Observations of each in a second; null to ask again at once.</param>
    public async Task Run(TimeSpan time, int? rate)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(() => Ask(i, start, time, rate)))).ConfigureAwait(false);
    }

    private async Task Ask(int index, long start, TimeSpan time, int? rate)
    {
        var random = new RandomSource((ulong)index);
        var picture = new byte[3 * Side * Side];
        for (var i = 0; i < picture.Length; i++) picture[i] = (byte)(256 * random.NextSingle());
        await using var client = new PolicyClient(new Uri($"ws://{server.Authority}"),
            new PolicyClientOptions { Deadline = TimeSpan.FromSeconds(2) });
        await client.ConnectAsync().ConfigureAwait(false);

        // The first observations are spread over a period, as those of robots are.
        if (rate is { } r) await Task.Delay(TimeSpan.FromSeconds(random.NextSingle() / r)).ConfigureAwait(false);
        for (var next = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
        {
            var sent = Stopwatch.GetTimestamp();
            var request = new PolicyRequest("pick up the red cup").SetImage("camera", picture, Side, Side)
                .SetState("state", [0, 0, 0, 0, 0]);
            var reply = await client.ActAsync(request).ConfigureAwait(false);
            if (reply.HoldStill) Interlocked.Increment(ref _failed);
            else _milliseconds.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            if (rate is not { } perSecond) continue;
            next += Stopwatch.Frequency / perSecond;
            var pause = TimeSpan.FromSeconds((next - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency);
            if (pause > TimeSpan.Zero) await Task.Delay(pause).ConfigureAwait(false);
        }
    }
}
