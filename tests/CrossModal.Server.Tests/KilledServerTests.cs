using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CrossModal.Client;

namespace CrossModal.Server.Tests;

/// <summary>A server that is killed again and again while clients use it.</summary>
public sealed class KilledServerTests
{
    private const int Clients = 16;
    private const float PerClient = 100_000;

    /// <summary>How often it is killed: a few times, or as often as the variable says.</summary>
    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("CROSSMODAL_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 4;

    [Fact]
    public async Task Clients_resume_and_no_action_belongs_to_another_client_or_an_earlier_observation()
    {
        var port = FreePort();
        using var stop = new CancellationTokenSource();
        var answered = new int[Clients];
        var server = Start(port);
        var clients = Enumerable.Range(0, Clients).Select(c => Task.Run(() => Ask(c, port, answered, stop.Token))).ToArray();
        var random = new Random(20);
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                await Answered(answered);
                await Task.Delay(random.Next(1, 200));
                server.Kill();
                await server.WaitForExitAsync();
                server.Dispose();
                server = Start(port);
            }

            await Answered(answered);
            await stop.CancelAsync();
            await Task.WhenAll(clients);
        }
        finally
        {
            await stop.CancelAsync();
            server.Kill();
            server.Dispose();
        }
    }

    private static async Task Ask(int index, int port, int[] answered, CancellationToken stop)
    {
        await using var client = new PolicyClient(new Uri($"ws://127.0.0.1:{port}"),
            new PolicyClientOptions { Deadline = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromMilliseconds(200) });
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var nonce = index * PerClient + i % PerClient;
            var reply = await client.ActAsync(RunningServer.Request(nonce));
            if (reply.HoldStill) continue;
            Assert.Equal(nonce, reply.Action[0]);
            Interlocked.Increment(ref answered[index]);
        }
    }

    /// <summary>Waits until every client got some more actions.</summary>
    private static async Task Answered(int[] answered)
    {
        var before = answered.ToArray();
        var start = Stopwatch.GetTimestamp();
        while (answered.Where((count, i) => count < before[i] + 5).Any())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "a client did not resume within a minute");
            await Task.Delay(10);
        }
    }

    private static Process Start(int port) => Process.Start(new ProcessStartInfo("dotnet",
        [Path.Combine(AppContext.BaseDirectory, "CrossModal.Server.Echo.dll"), port.ToString(CultureInfo.InvariantCulture)])
    { RedirectStandardOutput = true, RedirectStandardError = true })!;

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
