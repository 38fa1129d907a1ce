using System.Net.WebSockets;
using CrossModal.Client;

namespace CrossModal.Server.Tests;

public sealed class ClientTests
{
    [Fact]
    public async Task A_missed_deadline_means_hold_still_and_the_late_reply_is_dropped()
    {
        var model = new EchoModel();
        await using var server = await RunningServer.Start(model);
        await using var client = server.Client(TimeSpan.FromMilliseconds(250));
        await client.ConnectAsync();
        model.Gate.Reset();
        var held = await client.ActAsync(RunningServer.Request(1));
        Assert.True(held.HoldStill);
        Assert.True(held.Action.IsEmpty);
        Assert.Equal("no reply within 250 ms", held.Reason);
        Assert.True((await client.ActAsync(RunningServer.Request(2))).HoldStill);
        model.Gate.Set();
        await Task.Delay(100);
        PolicyReply reply;
        var tries = 0;
        do reply = await client.ActAsync(RunningServer.Request(3));
        while (reply.HoldStill && ++tries < 20);
        Assert.Equal(3, reply.Action[0]);
    }

    [Fact]
    public async Task A_client_goes_on_when_the_server_comes_back()
    {
        var model = new EchoModel();
        var server = await RunningServer.Start(model);
        var port = server.Address.Port;
        await using var client = server.Client(TimeSpan.FromSeconds(2));
        Assert.Equal(1, (await client.ActAsync(RunningServer.Request(1))).Action[0]);
        await server.DisposeAsync();
        Assert.True((await client.ActAsync(RunningServer.Request(2))).HoldStill);
        await using var again = await RunningServer.Start(model, o => o with { Listen = new ServerListen { Port = port } });
        PolicyReply reply;
        var tries = 0;
        do reply = await client.ActAsync(RunningServer.Request(3));
        while (reply.HoldStill && ++tries < 20);
        Assert.Equal(3, reply.Action[0]);
    }

    [Fact]
    public async Task A_server_that_stops_answers_what_is_under_way_and_says_goodbye()
    {
        var model = new EchoModel { Takes = TimeSpan.FromMilliseconds(200) };
        var server = await RunningServer.Start(model);
        using var socket = await server.Connect();
        await socket.SendAsync(RunningServer.Bytes(RunningServer.Request(9)), WebSocketMessageType.Binary, true, default);
        await Task.Delay(50);
        var stopping = server.DisposeAsync();
        Assert.Equal(WebSocketMessageType.Binary, (await RunningServer.Receive(socket)).Type);
        Assert.Equal(WebSocketMessageType.Close, (await RunningServer.Receive(socket)).Type);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        await stopping;
    }

    [Fact]
    public async Task Nobody_at_the_address_is_an_answer_too()
    {
        await using var client = new PolicyClient(new Uri("ws://127.0.0.1:1"),
            new PolicyClientOptions { Deadline = TimeSpan.FromMilliseconds(50) });
        Assert.True((await client.ActAsync(RunningServer.Request(1))).HoldStill);
        Assert.Throws<ArgumentException>(() => new PolicyClient(new Uri("http://localhost")));
    }

    [Fact]
    public async Task Two_calls_at_once_are_refused()
    {
        var model = new EchoModel();
        await using var server = await RunningServer.Start(model);
        await using var client = server.Client();
        model.Gate.Reset();
        var first = client.ActAsync(RunningServer.Request(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.ActAsync(RunningServer.Request(2)));
        model.Gate.Set();
        Assert.Equal(1, (await first).Action[0]);
    }
}
