using System.Net.WebSockets;
using System.Text;
using CrossModal.Client;
using CrossModal.Client.Wire;

namespace CrossModal.Server.Tests;

public sealed class OpenPiTests
{
    [Fact]
    public async Task Metadata_come_first_and_every_observation_gets_its_own_action_with_times()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(server.Socket, default);
        var (type, first) = await RunningServer.Receive(socket);
        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.Equal("echo", MessageReader.ReadMap(first)["policy"]);
        for (var i = 0; i < 3; i++)
        {
            await socket.SendAsync(RunningServer.Bytes(RunningServer.Request(i, 5)), WebSocketMessageType.Binary, true, default);
            var reply = MessageReader.ReadMap((await RunningServer.Receive(socket)).Bytes);
            var actions = Assert.IsType<NumpyArray>(reply["actions"]);
            Assert.Equal([1, 2], actions.Shape);
            Assert.Equal([i, 5f], actions.ToSingles());
            var timing = Assert.IsType<Dictionary<string, object?>>(reply["server_timing"]);
            Assert.True((double)timing["infer_ms"]! >= 0 && (double)timing["queue_ms"]! >= 0 && (double)timing["preprocess_ms"]! >= 0);
            Assert.Equal(i > 0, timing.ContainsKey("prev_total_ms"));
        }
    }

    [Theory]
    [InlineData("libero")]
    [InlineData("droid")]
    [InlineData("aloha")]
    public async Task Observations_of_known_robots_are_understood(string client)
    {
        var states = client == "aloha" ? 14 : 8;
        var model = new EchoModel
        {
            Signature = new Policies.PolicySignature([new("a", "1"), new("b", "1")], Data.Quantity.Numbered("s", states),
                ["front", "wrist"]),
        };
        await using var server = await RunningServer.Start(model, o => o with { Mapping = client });
        using var socket = await server.Connect();
        var picture = NumpyArray.Of(new byte[3 * 4 * 4], client == "aloha" ? [3, 4, 4] : [4, 4, 3]);
        float[] numbers = [.. Enumerable.Range(1, states).Select(i => (float)i)];
        Dictionary<string, object?> message = client switch
        {
            "libero" => new()
            {
                ["observation/image"] = picture,
                ["observation/wrist_image"] = picture,
                ["observation/state"] = NumpyArray.Of(numbers, 8)
            },
            "droid" => new()
            {
                ["observation/exterior_image_1_left"] = picture,
                ["observation/wrist_image_left"] = picture,
                ["observation/joint_position"] = NumpyArray.Of(numbers.AsSpan(0, 7), 7),
                ["observation/gripper_position"] = NumpyArray.Of(numbers.AsSpan(7), 1),
            },
            _ => new()
            {
                ["images"] = new Dictionary<string, object?> { ["cam_high"] = picture, ["cam_low"] = picture },
                ["state"] = NumpyArray.Of(numbers, 14),
            },
        };
        message["prompt"] = "go";
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        MessageWriter.Write(message, output);
        await socket.SendAsync(output.WrittenMemory, WebSocketMessageType.Binary, true, default);
        var reply = MessageReader.ReadMap((await RunningServer.Receive(socket)).Bytes);
        Assert.Equal([1f, 2], ((NumpyArray)reply["actions"]!).ToSingles());
    }

    [Fact]
    public async Task An_error_is_a_line_of_text_and_then_the_close_code_1011()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var socket = await server.Connect();
        await socket.SendAsync(RunningServer.Bytes(new PolicyRequest("go").SetState("state", [1, 2])), WebSocketMessageType.Binary, true,
            default);
        var (type, text) = await RunningServer.Receive(socket);
        Assert.Equal(WebSocketMessageType.Text, type);
        Assert.Equal("the observation has no 'camera'", Encoding.UTF8.GetString(text));
        Assert.Equal(WebSocketMessageType.Close, (await RunningServer.Receive(socket)).Type);
        Assert.Equal(1011, (int)socket.CloseStatus!.Value);
    }

    [Fact]
    public async Task A_state_that_is_no_number_is_refused_by_its_name()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        await using var client = server.Client();
        var refused = await Assert.ThrowsAsync<PolicyServerException>(() => client.ActAsync(RunningServer.Request(float.NaN)));
        Assert.Contains("'nonce' is NaN", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await client.ActAsync(RunningServer.Request(3))).Action[0]);
    }

    [Fact]
    public async Task Compressed_messages_are_understood()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await socket.ConnectAsync(server.Socket, default);
        await RunningServer.Receive(socket);
        await socket.SendAsync(RunningServer.Bytes(RunningServer.Request(4)), WebSocketMessageType.Binary, true, default);
        var reply = MessageReader.ReadMap((await RunningServer.Receive(socket)).Bytes);
        Assert.Equal(4, ((NumpyArray)reply["actions"]!).ToSingles()[0]);
    }

    [Fact]
    public async Task A_policy_is_chosen_by_the_path_and_an_unknown_one_is_answered_with_404()
    {
        await using var server = await RunningServer.Start(folder => new EchoModel { Offset = folder == "far" ? 100 : 0 },
            o => o with { Policies = [new("near", "near"), new("far", "far")] });
        await using var client = new PolicyClient(new Uri(server.Socket, "policies/far"),
            new PolicyClientOptions { Deadline = TimeSpan.FromSeconds(10) });
        Assert.Equal(101, (await client.ActAsync(RunningServer.Request(1))).Action[0]);
        using var http = server.Http();
        Assert.Equal("OK\n", await http.GetStringAsync("healthz"));
        using var socket = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri(server.Socket, "policies/none"), default));
    }

    [Fact]
    public async Task Unknown_words_are_named_in_the_reply()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var socket = await server.Connect();
        await socket.SendAsync(RunningServer.Bytes(RunningServer.Request(1, 0, "go zebra")), WebSocketMessageType.Binary, true, default);
        var reply = MessageReader.ReadMap((await RunningServer.Receive(socket)).Bytes);
        Assert.Equal(["zebra"], Assert.IsType<List<object?>>(reply["unknown_words"]));
    }
}
