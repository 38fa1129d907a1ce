using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using CrossModal.Client;
using CrossModal.Engine.Formats;
using CrossModal.Server.Access;

namespace CrossModal.Server.Tests;

public sealed class AccessTests : IDisposable
{
    private const string Key = "0123456789abcdef";
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Off_loopback_without_keys_it_refuses_to_start()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => RunningServer.Start(new EchoModel(),
            o => o with { Listen = new ServerListen { Address = IPAddress.Any, Port = 0 } }));
        Assert.Contains("a file of keys is needed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_a_right_one_accepted_and_one_taken_out_is_revoked()
    {
        var file = _folder["keys"];
        await File.WriteAllTextAsync(file, $"# robots\narm: {Key}\nother: {Key}-other\n");
        await using var server = await RunningServer.Start(new EchoModel(), o => o with { Listen = o.Listen with { KeysFile = file } });
        using var http = server.Http();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("healthz")).StatusCode);
        foreach (var path in new[] { "metrics", "v2", "v2/models/echo" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(path)).StatusCode);
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {Key}");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("v2")).StatusCode);
        await using (var right = server.Client(key: Key)) Assert.Equal(1, (await right.ActAsync(RunningServer.Request(1))).Action[0]);
        await using var wrong = server.Client(key: Key + "x");
        await Assert.ThrowsAsync<PolicyServerException>(() => wrong.ActAsync(RunningServer.Request(1)));
        await File.WriteAllTextAsync(file, $"other: {Key}-other\n");
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(5));
        await Task.Delay(1200);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("v2")).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("no colon here at all\n")]
    [InlineData("arm: short\n")]
    public void A_file_without_good_keys_is_refused(string text)
    {
        File.WriteAllText(_folder["keys"], text);
        Assert.Throws<FileFormatException>(() => new ApiKeys(_folder["keys"]));
    }

    [Fact]
    public async Task A_page_of_another_site_and_a_foreign_host_name_are_refused()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "v2");
        foreign.Headers.Add("Origin", "https://example.org");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(foreign)).StatusCode);
        using var own = new HttpRequestMessage(HttpMethod.Get, "v2");
        own.Headers.Add("Origin", $"http://127.0.0.1:{server.Address.Port}");
        Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(own)).StatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "v2");
        rebound.Headers.Host = "example.org";
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(rebound)).StatusCode);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://example.org");
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(server.Socket, default));
    }

    [Fact]
    public async Task A_message_over_the_bound_is_refused()
    {
        await using var server = await RunningServer.Start(new EchoModel(), o =>
            o with { Limits = o.Limits with { LargestMessage = 10_000 } });
        using var socket = await server.Connect();
        await socket.SendAsync(new byte[20_000], WebSocketMessageType.Binary, true, default);
        Assert.Contains("over 10000 bytes", Encoding.UTF8.GetString((await RunningServer.Receive(socket)).Bytes), StringComparison.Ordinal);
        using var http = server.Http();
        var reply = await HttpWireTests.Post(http, "act", $"\"{new string('x', 20_000)}\"");
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
    }

    [Fact]
    public async Task A_compressed_message_counts_by_what_it_becomes()
    {
        await using var server = await RunningServer.Start(new EchoModel(), o =>
            o with { Limits = o.Limits with { LargestMessage = 100_000 } });
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await socket.ConnectAsync(server.Socket, default);
        await RunningServer.Receive(socket);
        await socket.SendAsync(new byte[10_000_000], WebSocketMessageType.Binary, true, default);
        Assert.Contains("over 100000 bytes", Encoding.UTF8.GetString((await RunningServer.Receive(socket)).Bytes),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_sender_is_cut_off_and_delays_nobody()
    {
        await using var server = await RunningServer.Start(new EchoModel(),
            o => o with { Limits = o.Limits with { LongestMessage = TimeSpan.FromMilliseconds(300) } });
        using var slow = await server.Connect();
        await slow.SendAsync(new byte[10], WebSocketMessageType.Binary, endOfMessage: false, default);
        await using var client = server.Client();
        Assert.Equal(5, (await client.ActAsync(RunningServer.Request(5))).Action[0]);
        await Assert.ThrowsAnyAsync<WebSocketException>(() => RunningServer.Receive(slow));
    }

    [Fact]
    public async Task Connections_over_the_bound_are_not_taken()
    {
        await using var server = await RunningServer.Start(new EchoModel(), o => o with { Limits = o.Limits with { Connections = 2 } });
        using var first = await server.Connect();
        using var second = await server.Connect();
        using var third = new ClientWebSocket();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAnyAsync<Exception>(() => third.ConnectAsync(server.Socket, limit.Token));
        first.Abort();
        await Task.Delay(300);
        using var fourth = await server.Connect();
    }

    [Fact]
    public async Task Requests_over_the_rate_get_429()
    {
        await using var server = await RunningServer.Start(new EchoModel(), o =>
            o with { Limits = o.Limits with { RequestsPerSecond = 5 } });
        using var http = server.Http();
        var codes = new List<HttpStatusCode>();
        for (var i = 0; i < 12; i++) codes.Add((await http.GetAsync("v2")).StatusCode);
        Assert.Contains(HttpStatusCode.OK, codes);
        Assert.Contains(HttpStatusCode.TooManyRequests, codes);
    }

    [Fact]
    public async Task Headers_that_never_end_are_cut_off()
    {
        await using var server = await RunningServer.Start(new EchoModel(),
            o => o with { Limits = o.Limits with { LongestMessage = TimeSpan.FromSeconds(1) } });
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await socket.GetStream().WriteAsync("GET /v2 HTTP/1.1\r\nHost: local"u8.ToArray());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var reader = new StreamReader(socket.GetStream());
        var answer = await reader.ReadToEndAsync(limit.Token);
        Assert.DoesNotContain("200 OK", answer, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
