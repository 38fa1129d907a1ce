using System.Net.WebSockets;
using CrossModal.Client;
using CrossModal.Client.Wire;
using CrossModal.Server.Batching;

namespace CrossModal.Server.Tests;

/// <summary>A server on a free port of this machine that serves stand-ins, and messages to it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly PolicyServer _server;

    private RunningServer(PolicyServer server) => _server = server;

    public PolicyServer Server => _server;

    public Uri Address => _server.Address;

    public Uri Socket => new($"ws://127.0.0.1:{Address.Port}/");

    public static async Task<RunningServer> Start(IStepModel model, Func<ServerOptions, ServerOptions>? change = null) =>
        await Start(_ => model, change);

    public static async Task<RunningServer> Start(Func<string, IStepModel> load, Func<ServerOptions, ServerOptions>? change = null)
    {
        // On a busy machine a request may wait for long; what the bound does is tested by itself.
        var options = new ServerOptions
        {
            Policies = [new("echo", "folder")],
            Listen = new ServerListen { Port = 0 },
            Limits = new ServerLimits { LongestWait = TimeSpan.FromSeconds(30) },
        };
        var server = await PolicyServer.StartAsync(change?.Invoke(options) ?? options, load);
        await server.WaitUntilReadyAsync();
        return new RunningServer(server);
    }

    public PolicyClient Client(TimeSpan? deadline = null, string? key = null) =>
        new(Socket, new PolicyClientOptions { Deadline = deadline ?? TimeSpan.FromSeconds(10), ApiKey = key });

    public HttpClient Http() => new() { BaseAddress = Address };

    /// <summary>A connection without our client, after its metadata.</summary>
    public async Task<ClientWebSocket> Connect(string path = "")
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(Socket, path), CancellationToken.None);
        await Receive(socket);
        return socket;
    }

    public static PolicyRequest Request(float nonce, float second = 0, string prompt = "go") => new PolicyRequest(prompt)
        .SetImage("camera", new byte[8 * 8 * 3], 8, 8).SetState("state", [nonce, second]);

    public static byte[] Bytes(PolicyRequest request)
    {
        var message = new System.Buffers.ArrayBufferWriter<byte>();
        MessageWriter.Write(request.Values, message);
        return message.WrittenSpan.ToArray();
    }

    public static async Task<(WebSocketMessageType Type, byte[] Bytes)> Receive(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var bytes = new List<byte>();
        var buffer = new byte[4096];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            bytes.AddRange(buffer.AsSpan(0, result.Count));
            if (result.EndOfMessage) return (result.MessageType, [.. bytes]);
        }
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
