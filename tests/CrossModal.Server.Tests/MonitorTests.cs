using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using CrossModal.Client.Wire;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Explain.Monitor;
using CrossModal.Imaging;
using CrossModal.Inference;
using CrossModal.Policies;
using CrossModal.Server.Batching;
using CrossModal.Server.Wires;
using CrossModal.Tests.Policies;

namespace CrossModal.Server.Tests;

public sealed class MonitorTests
{
    [Fact]
    public async Task A_connection_is_told_to_stop_once_its_own_score_was_above_the_threshold()
    {
        await using var server = await RunningServer.Start(new EchoModel { Monitored = true });
        await using var calm = server.Client();
        await using var client = server.Client();
        Assert.False((await calm.ActAsync(RunningServer.Request(1, 0))).Stop);
        Assert.False((await client.ActAsync(RunningServer.Request(1, 0))).Stop);
        Assert.True((await client.ActAsync(RunningServer.Request(2, 9))).Stop);
        Assert.True((await client.ActAsync(RunningServer.Request(3, 0))).Stop);
        Assert.False((await client.ActAsync(RunningServer.Request(4, 0).BeginsEpisode())).Stop);
        Assert.False((await calm.ActAsync(RunningServer.Request(2, 0))).Stop);
    }

    [Fact]
    public async Task The_counterfactual_effect_is_computed_at_the_first_step_of_an_episode_and_at_every_kth()
    {
        var model = new EchoModel { Monitored = true, EffectEvery = 2 };
        await using var server = await RunningServer.Start(model);
        await using var client = server.Client();
        for (var i = 0; i < 4; i++) await client.ActAsync(RunningServer.Request(i, 0));
        Assert.Equal([true, false, true, false], model.Effects.TakeLast(4));
        await client.ActAsync(RunningServer.Request(4, 0, "come"));
        await client.ActAsync(RunningServer.Request(5, 0, "come"));
        Assert.Equal([true, false], model.Effects.TakeLast(2));
    }

    [Fact]
    public async Task Another_instruction_a_reset_and_another_policy_in_its_place_begin_an_episode()
    {
        await using var server = await RunningServer.Start(_ => new EchoModel { Monitored = true });
        using var socket = await server.Connect();
        Assert.Equal((true, 1L), await Said(Values(9)));
        Assert.Equal((true, 2L), await Said(Values(0)));
        Assert.Equal((false, 1L), await Said(Values(0, "come")));
        Assert.Equal((true, 2L), await Said(Values(9, "come")));
        var again = Values(0, "come");
        again["reset"] = true;
        Assert.Equal((false, 1L), await Said(again));
        Assert.Equal((true, 2L), await Said(Values(9, "come")));
        Assert.Empty(await server.Server.ReloadAsync());
        Assert.Equal((false, 1L), await Said(Values(0, "come")));

        async Task<(bool, long)> Said(Dictionary<string, object?> values)
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            MessageWriter.Write(values, output);
            await socket.SendAsync(output.WrittenMemory, WebSocketMessageType.Binary, true, default);
            var reply = MessageReader.ReadMap((await RunningServer.Receive(socket)).Bytes);
            var monitor = Assert.IsType<Dictionary<string, object?>>(reply["monitor"]);
            Assert.Equal(0.5, (double)monitor["threshold"]!, 1e-6);
            Assert.InRange((double)monitor["score"]!, 0, (double)monitor["highest"]!);
            return ((bool)monitor["stop"]!, (long)monitor["steps"]!);
        }

        static Dictionary<string, object?> Values(float second, string prompt = "go") =>
            new(RunningServer.Request(1, second, prompt).Values);
    }

    [Fact]
    public async Task A_server_that_is_not_asked_to_monitor_says_nothing_of_it()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var socket = await server.Connect();
        await socket.SendAsync(RunningServer.Bytes(RunningServer.Request(1, 9)), WebSocketMessageType.Binary, true, default);
        Assert.False(MessageReader.ReadMap((await RunningServer.Receive(socket)).Bytes).ContainsKey("monitor"));
    }

    [Fact]
    public async Task Act_says_it_in_a_header_for_each_episode_that_the_client_names()
    {
        await using var server = await RunningServer.Start(new EchoModel { Monitored = true });
        using var http = server.Http();
        Assert.Null(await Said(9));
        Assert.Equal("stop=?0, score=0.007, threshold=0.500, steps=1", await Said(0, ""","episode":"a" """));
        Assert.StartsWith("stop=?1, score=0.982,", await Said(9, ""","episode":"a" """), StringComparison.Ordinal);
        Assert.EndsWith("steps=3", await Said(0, ""","episode":"a" """), StringComparison.Ordinal);
        Assert.StartsWith("stop=?0", await Said(0, ""","episode":7"""), StringComparison.Ordinal);
        Assert.StartsWith("stop=?0", await Said(0, ""","episode":"a","reset":true"""), StringComparison.Ordinal);
        var wrong = await HttpWireTests.Post(http, "act", Act(0, ""","episode":[]"""));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);

        async Task<string?> Said(int second, string more = "")
        {
            var reply = await HttpWireTests.Post(http, "act", Act(second, more));
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            return reply.Headers.TryGetValues("Monitor", out var values) ? values.Single() : null;
        }

        static string Act(int second, string more) =>
            $$"""{"image":{"__numpy__":"{{Convert.ToBase64String(new byte[12])}}","dtype":"|u1","shape":[2,2,3]},"state":[1,{{second}}],"instruction":"go"{{more}}}""";
    }

    [Fact]
    public async Task KServe_says_it_in_parameters_for_each_sequence()
    {
        await using var server = await RunningServer.Start(new EchoModel { Monitored = true });
        using var http = server.Http();
        Assert.Equal((null, null), await Said(9, "{}"));
        Assert.Equal((null, null), await Said(9, """{"sequence_id":0}"""));
        Assert.Equal((true, 1), await Said(9, """{"sequence_id":7,"sequence_start":true}"""));
        Assert.Equal((true, 2), await Said(0, """{"sequence_id":7}"""));
        Assert.Equal((false, 1), await Said(0, """{"sequence_id":"other"}"""));
        Assert.Equal((false, 1), await Said(0, """{"sequence_id":7,"sequence_start":true}"""));
        Assert.Equal((true, 2), await Said(9, """{"sequence_id":7,"sequence_end":true}"""));
        Assert.Equal((false, 1), await Said(0, """{"sequence_id":7}"""));
        foreach (var (body, message) in new[]
        {
            (Infer(2, 0, """{"sequence_id":7}"""), "has one observation"), (Infer(1, 0, """{"sequence_id":true}"""), "sequence_id"),
        })
        {
            var reply = await HttpWireTests.Post(http, "v2/models/echo/infer", body);
            Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
            Assert.Contains(message, await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        async Task<(bool?, int?)> Said(int second, string parameters)
        {
            var reply = await HttpWireTests.Post(http, "v2/models/echo/infer", Infer(1, second, parameters));
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            var said = JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement.GetProperty("parameters");
            return said.TryGetProperty("monitor_stop", out var stop) ? (stop.GetBoolean(), said.GetProperty("monitor_steps").GetInt32())
                : (null, null);
        }

        static string Infer(int count, int second, string parameters) => string.Create(CultureInfo.InvariantCulture,
            $$"""
            {"parameters":{{parameters}},"inputs":[
              {"name":"camera","datatype":"UINT8","shape":[{{count}},1,1,3],"data":[{{string.Join(',', new int[3 * count])}}]},
              {"name":"instruction","datatype":"BYTES","shape":[1],"data":["go"]},
              {"name":"state","datatype":"FP32","shape":[{{count}},2],"data":[{{string.Join(',', Enumerable.Repeat($"1,{second}", count))}}]}]}
            """);
    }

    [Fact]
    public void Episodes_are_bounded_and_the_one_used_longest_ago_makes_room()
    {
        var episodes = new ServedEpisodes(2, new KeptPast(1));
        var (a, b) = (episodes.Get("client", null, "a"), episodes.Get("client", null, "b"));
        Assert.Same(a, episodes.Get("client", null, "a"));
        Assert.NotSame(a, episodes.Get("other client", null, "a"));
        Assert.Equal(2, episodes.Count);
        Assert.Same(a, episodes.Get("client", null, "a"));
        Assert.NotSame(b, episodes.Get("client", null, "b"));
        episodes.End("client", null, "b");
        Assert.Equal(1, episodes.Count);
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(1, 2, 0)]
    [InlineData(3, 2, 0)]
    [InlineData(1, 0, 2)]
    [InlineData(3, 0, 2)]
    [InlineData(3, 2, 3)]
    public void A_batched_step_gives_each_monitor_what_the_policy_alone_gives_it(int count, int past, int effectEvery)
    {
        using var folder = new TemporaryFolder();
        var trained = past == 0 ? SmallPolicy.Create() : PastFramesTests.Create(past);
        PolicyFolder.Save(folder["policy"], trained);
        var runner = new PolicyRunner(trained, 1, 1, new PolicyRunOptions(), new CompiledWeights(), MonitorNeeds.Steps);
        runner.SetInstruction(0, "red", allowUnknown: false);
        Drawn(runner.SignalsOf(effectEvery)).Save(folder["policy"]);
        using var policy = Policy.Load(folder["policy"]);
        using var workers = new Workers(1);
        var model = new PolicyModel(trained, 8, clip: false, workers, GroundingMonitor.Load(folder["policy"]));
        var random = new RandomSource(3);
        string[] texts = ["pick up red cup", "red", "pick cup"];
        var monitors = Enumerable.Range(0, count).Select(_ => model.NewMonitor()!).ToArray();
        var frames = monitors.Select(_ => model.NewPast()).ToArray();
        var scores = new float[count, 4];
        var pictures = new RgbImage[count, 4];
        for (var step = 0; step < 4; step++)
        {
            for (var i = 0; i < count; i++) pictures[i, step] = Picture(random);
            var outputs = model.Step([.. Enumerable.Range(0, count).Select(i =>
                new StepRequest($"{i}", texts[i], model.Encode(Observed(pictures[i, step])))
                {
                    Past = frames[i],
                    NeedsEffect = monitors[i].NeedsEffect,
                })]);
            for (var i = 0; i < count; i++)
            {
                monitors[i].Observe(outputs[i].Signals!);
                scores[i, step] = monitors[i].Score;
            }
        }

        for (var i = 0; i < count; i++)
        {
            policy.SetInstruction(texts[i]);
            for (var step = 0; step < 4; step++)
                Assert.Equal(policy.Act(Observed(pictures[i, step])).Monitor!.Score, scores[i, step], 1e-4f);
        }

        Assert.Equal(4, monitors[0].Steps);
        Assert.NotEqual(scores[0, 0], scores[0, 1]);
        static Observation Observed(RgbImage picture) => new(picture) { State = [0.1f, 0.2f, -0.1f, 0.3f, 0.5f] };
    }

    [Fact]
    public async Task A_policy_without_a_monitor_or_with_one_of_another_policy_is_refused_at_the_start()
    {
        using var folder = new TemporaryFolder();
        PolicyFolder.Save(folder["policy"], SmallPolicy.Create());
        var options = new ServerOptions
        {
            Policies = [new("small", folder["policy"])],
            Listen = new ServerListen { Port = 0 },
            Monitor = true,
        };
        Assert.Contains("monitor.safetensors", (await Assert.ThrowsAsync<FileFormatException>(() => PolicyServer.StartAsync(options)))
            .Message, StringComparison.Ordinal);
        Drawn(new MonitorLayout(3, 2, false, 0, 0, 0, 0)).Save(folder["policy"]);
        Assert.Contains("a policy of other sizes", (await Assert.ThrowsAsync<FileFormatException>(() => PolicyServer.StartAsync(options)))
            .Message, StringComparison.Ordinal);
    }

    private static MonitorFile Drawn(MonitorLayout layout)
    {
        var (inputs, random) = (MonitorWindow.InputsOf(layout), new RandomSource(2));
        float[] scale = [.. Enumerable.Repeat(1f, inputs)],
            weight = [.. Enumerable.Range(0, inputs).Select(_ => random.NextGaussian() / 4)];
        return new MonitorFile(layout, new MonitorNetwork(new float[inputs], scale, [weight], [[0.1f]]), 0.5f, 0.1, 20);
    }

    private static RgbImage Picture(RandomSource random)
    {
        var picture = new RgbImage(20, 14);
        for (var i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)(256 * random.NextSingle());
        return picture;
    }
}
