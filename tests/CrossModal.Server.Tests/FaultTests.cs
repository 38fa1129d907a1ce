using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using CrossModal.Client;

namespace CrossModal.Server.Tests;

/// <summary>Clients and machines that fail while others go on.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task A_half_open_connection_is_closed()
    {
        await using var server = await RunningServer.Start(new EchoModel(), o => o with
        {
            Limits = o.Limits with { Ping = TimeSpan.FromMilliseconds(200), PingAnswer = TimeSpan.FromMilliseconds(300) },
        });
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var gone = new TcpClient();
        await gone.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await gone.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));

        // It receives, as the machine's TCP does for a process that hangs, but answers no ping.
        var received = new List<byte>();
        var buffer = new byte[4096];
        for (int read; (read = await Read()) > 0;) received.AddRange(buffer.AsSpan(0, read));
        Assert.StartsWith("HTTP/1.1 101", Encoding.ASCII.GetString([.. received]), StringComparison.Ordinal);
        Assert.False(end.IsCancellationRequested, "the server kept the connection for 30 s");
        await using var client = server.Client();
        Assert.Equal(1, (await client.ActAsync(RunningServer.Request(1))).Action[0]);

        async Task<int> Read()
        {
            try
            {
                return await gone.GetStream().ReadAsync(buffer, end.Token);
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }

    [Fact]
    public async Task A_connection_that_is_silent_but_alive_stays()
    {
        await using var server = await RunningServer.Start(new EchoModel(), o => o with
        {
            Limits = o.Limits with { Ping = TimeSpan.FromMilliseconds(100), PingAnswer = TimeSpan.FromSeconds(20) },
        });
        using var socket = await server.Connect();
        var receive = RunningServer.Receive(socket);
        await Task.Delay(1000);
        Assert.False(receive.IsCompleted);
        await socket.SendAsync(RunningServer.Bytes(RunningServer.Request(1)), WebSocketMessageType.Binary, true, default);
        Assert.Equal(WebSocketMessageType.Binary, (await receive).Type);
    }

    [Fact]
    public async Task Clients_that_vanish_leave_nothing_behind_and_delay_nobody()
    {
        var model = new EchoModel { Takes = TimeSpan.FromMilliseconds(1) };
        await using var server = await RunningServer.Start(model, o => o with { Limits = o.Limits with { Connections = 8 } });
        await using var steady = server.Client(TimeSpan.FromSeconds(30));
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            var socket = await Connect();
            var message = RunningServer.Bytes(RunningServer.Request(i));

            // Between messages, in the middle of one, and while its action is computed.
            if (i % 3 == 1) await socket.SendAsync(message.AsMemory(0, random.Next(1, message.Length)), WebSocketMessageType.Binary, false,
                default);
            if (i % 3 == 2) await socket.SendAsync(message, WebSocketMessageType.Binary, true, default);
            socket.Abort();
            socket.Dispose();
            Assert.Equal(i, (await steady.ActAsync(RunningServer.Request(i))).Action[0]);
        }

        // Only eight connections fit: sixty can only have come if the places of those that left were free again.
        async Task<ClientWebSocket> Connect()
        {
            for (var tries = 0; ; tries++)
            {
                try
                {
                    return await server.Connect();
                }
                catch (Exception exception) when (exception is WebSocketException or OperationCanceledException && tries < 100)
                {
                    await Task.Delay(100);
                }
            }
        }
    }

    [Fact]
    public async Task A_log_on_a_full_disk_stops_nothing()
    {
        if (!File.Exists("/dev/full")) return;
        var port = KilledServerTests.FreePort();
        var start = new ProcessStartInfo("/bin/sh", ["-c",
            $"exec dotnet '{Path.Combine(AppContext.BaseDirectory, "CrossModal.Server.Echo.dll")}' {port.ToString(CultureInfo.InvariantCulture)} 2> /dev/full"])
        { RedirectStandardOutput = true };
        using var server = Process.Start(start)!;
        try
        {
            // Every connection is a line of the log, and every refusal.
            for (var i = 0; i < 20; i++)
            {
                await using var client = new PolicyClient(new Uri($"ws://127.0.0.1:{port}"),
                    new PolicyClientOptions { Deadline = TimeSpan.FromSeconds(60) });
                Assert.Equal(i, (await client.ActAsync(RunningServer.Request(i))).Action[0]);
                await Assert.ThrowsAsync<PolicyServerException>(() => client.ActAsync(RunningServer.Request(float.NaN)));
            }

            Assert.False(server.HasExited);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }
}
