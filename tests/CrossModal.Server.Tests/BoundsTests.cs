using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using CrossModal.Client;

namespace CrossModal.Server.Tests;

/// <summary>The bounds of a server, each proven by a request beyond it.</summary>
public sealed class BoundsTests
{
    private static readonly Dictionary<string, string[]> Proofs = new()
    {
        [nameof(ServerLimits.LargestMessage)] = [nameof(AccessTests.A_message_over_the_bound_is_refused),
            nameof(AccessTests.A_compressed_message_counts_by_what_it_becomes)],
        [nameof(ServerLimits.LongestMessage)] = [nameof(AccessTests.A_slow_sender_is_cut_off_and_delays_nobody),
            nameof(AccessTests.Headers_that_never_end_are_cut_off), nameof(A_body_that_trickles_is_cut_off_with_408_and_delays_nobody)],
        [nameof(ServerLimits.Connections)] = [nameof(AccessTests.Connections_over_the_bound_are_not_taken)],
        [nameof(ServerLimits.RequestsPerSecond)] = [nameof(AccessTests.Requests_over_the_rate_get_429),
            nameof(Messages_over_the_rate_wait_for_their_turn)],
        [nameof(ServerLimits.Waiting)] = [nameof(A_request_over_those_that_may_wait_gets_429_and_one_that_waited_too_long_503)],
        [nameof(ServerLimits.LongestWait)] = [nameof(A_request_over_those_that_may_wait_gets_429_and_one_that_waited_too_long_503)],
        [nameof(ServerLimits.Batch)] = [nameof(A_step_has_no_more_observations_than_the_bound_says)],
        [nameof(ServerLimits.ActionMargin)] = [nameof(An_action_is_sent_within_the_margin_and_refused_beyond)],
        [nameof(ServerLimits.PastBytes)] =
            [nameof(PastFramesTests.Past_frames_are_bounded_in_bytes_and_an_episode_whose_frames_made_room_is_told_so)],
        [nameof(ServerLimits.Ping)] = [nameof(FaultTests.A_half_open_connection_is_closed)],
        [nameof(ServerLimits.PingAnswer)] = [nameof(FaultTests.A_half_open_connection_is_closed)],
    };

    [Fact]
    public void Every_bound_has_a_test() => Assert.Equal(
        typeof(ServerLimits).GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Select(p => p.Name).Where(n => n != "EqualityContract").Order(), Proofs.Keys.Order());

    [Fact]
    public async Task A_body_that_trickles_is_cut_off_with_408_and_delays_nobody()
    {
        await using var server = await RunningServer.Start(new EchoModel(),
            o => o with { Limits = o.Limits with { LongestMessage = TimeSpan.FromSeconds(1) } });
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n{{\"a\":\""));
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var trickle = Task.Run(async () =>
        {
            // Faster than the web server's own least rate, so that it is the bound on time that ends it.
            while (!end.IsCancellationRequested)
            {
                await slow.GetStream().WriteAsync(new byte[400], end.Token);
                await Task.Delay(50, end.Token);
            }
        });
        await using (var client = server.Client()) Assert.Equal(5, (await client.ActAsync(RunningServer.Request(5))).Action[0]);
        var buffer = new byte[4096];
        var reply = Encoding.ASCII.GetString(buffer, 0, await slow.GetStream().ReadAsync(buffer, end.Token));
        await end.CancelAsync();
        await trickle.ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.StartsWith("HTTP/1.1 408", reply, StringComparison.Ordinal);
        Assert.Contains("Connection: close", reply, StringComparison.Ordinal);
        Assert.Contains("the body took over 1 s", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_over_16_KB_are_refused()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        http.DefaultRequestHeaders.Add("Filler", new string('x', 20_000));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await http.GetAsync(new Uri("v2", UriKind.Relative))).StatusCode);
    }

    [Theory]
    [InlineData(4, 9)]
    [InlineData(20, 50)]
    public async Task Messages_over_the_rate_wait_for_their_turn(int perSecond, int messages)
    {
        await using var server = await RunningServer.Start(new EchoModel(), o =>
            o with { Limits = o.Limits with { RequestsPerSecond = perSecond } });
        await using var client = server.Client(TimeSpan.FromSeconds(30));
        await client.ConnectAsync();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < messages; i++) Assert.Equal(i, (await client.ActAsync(RunningServer.Request(i))).Action[0]);
        var least = (double)(messages - perSecond) / perSecond;
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.8 * least, 60);
    }

    [Fact]
    public async Task A_request_over_those_that_may_wait_gets_429_and_one_that_waited_too_long_503()
    {
        var model = new EchoModel();
        await using var server = await RunningServer.Start(model, o =>
            o with { Limits = o.Limits with { Waiting = 2, LongestWait = TimeSpan.FromMilliseconds(200) } });
        using var http = server.Http();
        model.Gate.Reset();
        var begun = model.Begun;
        var running = Ask();
        await Until(() => model.Begun > begun);
        var waiting = new[] { Ask(), Ask() };
        await Until(() => server.Server.Waiting == 2);
        var refused = await Ask();
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        await Task.Delay(300);
        model.Gate.Set();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        foreach (var late in await Task.WhenAll(waiting))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
            Assert.Contains("over the bound of 200 ms", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Task<HttpResponseMessage> Ask() => HttpWireTests.Post(http, "act", $$"""
            {"image":{"__numpy__":"{{Convert.ToBase64String(new byte[12])}}","dtype":"|u1","shape":[2,2,3]},"state":[7,8],"instruction":"go"}
            """);
    }

    [Fact]
    public async Task A_step_has_no_more_observations_than_the_bound_says()
    {
        var model = new EchoModel { MostInStep = 2 };
        await using var server = await RunningServer.Start(model, o => o with { Limits = o.Limits with { Batch = 2 } });
        using var http = server.Http();
        Assert.Equal(HttpStatusCode.OK, (await HttpWireTests.Post(http, "v2/models/echo/infer", Infer(2))).StatusCode);
        var refused = await HttpWireTests.Post(http, "v2/models/echo/infer", Infer(3));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("1 to 2 observations, not 3", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        model.Gate.Reset();
        var clients = Enumerable.Range(0, 7).Select(_ => server.Client(TimeSpan.FromSeconds(30))).ToArray();
        var replies = clients.Select((c, i) => c.ActAsync(RunningServer.Request(i))).ToArray();
        await Task.Delay(300);
        model.Gate.Set();
        Assert.All(await Task.WhenAll(replies), r => Assert.False(r.HoldStill, r.Reason));
        Assert.InRange(model.Sizes.Max(), 1, 2);
        foreach (var client in clients) await client.DisposeAsync();

        static string Infer(int count) => string.Create(CultureInfo.InvariantCulture, $$"""
            {"inputs":[{"name":"camera","datatype":"UINT8","shape":[{{count}},1,1,3],"data":[{{string.Join(',', new int[3 * count])}}]},
              {"name":"instruction","datatype":"BYTES","shape":[1],"data":["go"]},
              {"name":"state","datatype":"FP32","shape":[{{count}},2],"data":[{{string.Join(',', new int[2 * count])}}]}]}
            """);
    }

    [Theory]
    [InlineData(0.1, 1100, true)]
    [InlineData(0, 1100, false)]
    [InlineData(0.1, 1300, false)]
    public async Task An_action_is_sent_within_the_margin_and_refused_beyond(double margin, float action, bool sent)
    {
        await using var server = await RunningServer.Start(new EchoModel(), o =>
            o with { Limits = o.Limits with { ActionMargin = margin } });
        await using var client = server.Client();
        if (sent) Assert.Equal(action, (await client.ActAsync(RunningServer.Request(1, action))).Action[1]);
        else
            Assert.Contains("outside", (await Assert.ThrowsAsync<PolicyServerException>(() =>
                client.ActAsync(RunningServer.Request(1, action)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounds_that_make_no_sense_are_refused_by_their_names()
    {
        var good = new ServerLimits();
        foreach (var (name, wrong) in new (string, ServerLimits)[]
        {
            ("LargestMessage", good with { LargestMessage = 0 }), ("LongestMessage", good with { LongestMessage = TimeSpan.Zero }),
            ("Connections", good with { Connections = 0 }), ("RequestsPerSecond", good with { RequestsPerSecond = -1 }),
            ("Waiting", good with { Waiting = 0 }), ("LongestWait", good with { LongestWait = TimeSpan.FromSeconds(-1) }),
            ("Batch", good with { Batch = 0 }), ("ActionMargin", good with { ActionMargin = double.NaN }),
        })
            Assert.Contains(name, (await Assert.ThrowsAsync<ArgumentException>(() =>
                RunningServer.Start(new EchoModel(), o => o with { Limits = wrong }))).Message, StringComparison.Ordinal);
    }

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 1200; i++)
        {
            if (condition()) return;
            await Task.Delay(50);
        }

        Assert.Fail("it did not come about within a minute");
    }
}
