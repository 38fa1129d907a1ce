using System.Globalization;
using System.Net;
using System.Text.Json;
using CrossModal.Client;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Server.Batching;
using CrossModal.Server.Operations;
using CrossModal.Server.Viewing;
using CrossModal.Server.Wires;
using CrossModal.Tests.Policies;

namespace CrossModal.Server.Tests;

/// <summary>A policy with past frames that is served: an episode of a client is one of the policy.</summary>
public sealed class PastFramesTests : IDisposable
{
    private const string Instruction = "pick up red cup", Other = "red cup";
    private readonly Workers _workers = new(1);

    public void Dispose() => _workers.Dispose();

    /// <summary>A small policy whose embeddings of age count.</summary>
    internal static TrainedPolicy Create(int frames)
    {
        var options = SmallPolicy.Options() with { Perception = new PerceptionOptions { PastFrames = frames } };
        var policy = new LanguagePolicy(options, new RandomSource(3));
        foreach (var (_, ages) in policy.Parameters().Where(p => p.Key == "past.ages"))
            Tensor.Normal(ages.Shape, new RandomSource(5)).Span.CopyTo(ages.Span);
        return SmallPolicy.Create() with { Policy = policy, Signature = PolicySignature.Unnamed(options) };
    }

    [Theory]
    [InlineData("openpi")]
    [InlineData("act")]
    [InlineData("kserve")]
    public async Task Every_step_of_an_episode_has_the_bits_of_the_policy_alone_on_every_wire(string name)
    {
        var trained = Create(2);
        await using var server = await Serve(trained);
        await using IWire one = Wire(name, server, "one"), other = Wire(name, server, "other");
        using Policy alone = Policy.Of(trained), otherAlone = Policy.Of(trained);
        alone.SetInstruction(Instruction);
        otherAlone.SetInstruction(Instruction);
        for (var step = 0; step < 5; step++)
        {
            Assert.Equal(alone.Act(Observed(step)).Action.ToArray(), await one.Act(step, Instruction, step == 0));
            Assert.Equal(otherAlone.Act(Observed(step + 50)).Action.ToArray(), await other.Act(step + 50, Instruction, step == 0));
        }

        // Begun anew, and by another instruction.
        alone.Reset();
        for (var step = 7; step < 10; step++)
            Assert.Equal(alone.Act(Observed(step)).Action.ToArray(), await one.Act(step, Instruction, step == 7));
        alone.SetInstruction(Other);
        for (var step = 2; step < 5; step++) Assert.Equal(alone.Act(Observed(step)).Action.ToArray(), await one.Act(step, Other, false));
        Assert.Equal(otherAlone.Act(Observed(60)).Action.ToArray(), await other.Act(60, Instruction, false));
    }

    [Theory]
    [InlineData("act", "'reset': true")]
    [InlineData("kserve", "'sequence_start': true")]
    public async Task A_request_of_no_episode_and_one_of_an_episode_that_was_not_begun_are_refused(string name, string begins)
    {
        await using var server = await Serve(Create(2));
        await using IWire none = Wire(name, server, null), wire = Wire(name, server, "one");
        Assert.Contains(begins, await none.Refused(1), StringComparison.Ordinal);
        var refused = await wire.Refused(1);
        Assert.Contains("no such episode under way", refused, StringComparison.Ordinal);
        Assert.Contains(begins, refused, StringComparison.Ordinal);
        await wire.Act(1, Instruction, begins: true);
        await wire.Act(2, Instruction, begins: false);
    }

    [Fact]
    public async Task An_episode_that_ended_is_no_longer_under_way()
    {
        await using var server = await Serve(Create(2));
        using var http = server.Http();
        Assert.Equal(HttpStatusCode.OK, (await Infer("""{"sequence_id":7,"sequence_start":true}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Infer("""{"sequence_id":7,"sequence_end":true}""")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Infer("""{"sequence_id":7}""")).StatusCode);

        Task<HttpResponseMessage> Infer(string parameters) =>
            HttpWireTests.Post(http, "v2/models/echo/infer", HttpWire.Infer(1, Instruction, parameters));
    }

    [Fact]
    public async Task Past_frames_are_bounded_in_bytes_and_an_episode_whose_frames_made_room_is_told_so()
    {
        var trained = Create(2);
        var bytes = PastMemory.Of(trained.Policy)!.Bytes;
        await using var server = await Serve(trained, limits => limits with { PastBytes = 2 * bytes });
        await using IWire a = Wire("act", server, "a"), b = Wire("act", server, "b"), c = Wire("openpi", server, null);
        await a.Act(0, Instruction, begins: true);
        await b.Act(0, Instruction, begins: true);
        await a.Act(1, Instruction, begins: false);
        await c.Act(0, Instruction, begins: false);
        Assert.Contains("made room for those of other episodes", await b.Refused(1), StringComparison.Ordinal);
        await a.Act(2, Instruction, begins: false);
        await b.Act(1, Instruction, begins: true);
        Assert.Contains("made room for those of other episodes", await c.Refused(1), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_kept_is_counted_and_what_was_used_longest_ago_makes_room()
    {
        var trained = Create(2);
        PastMemory New() => PastMemory.Of(trained.Policy)!;
        var bytes = New().Bytes;
        Assert.Equal(3 * SmallPolicy.Patches * SmallPolicy.Width * sizeof(float), bytes);
        var kept = new KeptPast(2 * bytes);
        var (first, second) = (kept.Add(New()), kept.Add(New()));
        Assert.NotNull(kept.Find(first));
        var third = kept.Add(New());
        Assert.Null(kept.Find(second));
        Assert.Equal(2 * bytes, kept.Bytes);
        kept.Remove(first);
        kept.Remove(third);
        Assert.Equal(0, kept.Bytes);

        // One alone is kept whatever it takes.
        var small = new KeptPast(1);
        Assert.NotNull(small.Find(small.Add(New())));
    }

    [Fact]
    public async Task A_step_that_fails_beside_others_counts_their_pictures_once()
    {
        var trained = Create(2);
        using var metrics = new ServerMetrics(() => 0);
        var model = new PolicyModel(trained, 8, clip: false, _workers);
        var worker = new BatchWorker("small", model, new BatchOptions { LongestWait = TimeSpan.FromMinutes(1) },
            new ActionLimits(model.Signature.Actions, 0.1), metrics);
        using var policy = Policy.Of(trained);
        policy.SetInstruction(Instruction);
        var past = model.NewPast();

        // However requests form steps: two of one episode follow each other, and the one between them fails.
        for (var step = 0; step < 12; step += 2)
        {
            var asked = new[] { Of(step, Instruction, past), Of(90, "unknown words", null), Of(step + 1, Instruction, past) }
                .Select(request => worker.Ask(request, default)).ToArray();
            Assert.Equal(Refusal.Invalid, (await Assert.ThrowsAsync<RefusedException>(() => asked[1])).Refusal);
            Equal(policy.Act(Observed(step)), await asked[0]);
            Equal(policy.Act(Observed(step + 1)), await asked[2]);
        }

        worker.Close();

        StepRequest Of(int seed, string instruction, PastMemory? frames) =>
            new("client", instruction, model.Encode(Observed(seed))) { Past = frames };

        static void Equal(Decision expected, StepResult result)
        {
            for (var i = 0; i < result.Action.Length; i++) Assert.Equal(expected.Action[i], result.Action[i], 1e-5f);
        }
    }

    [Fact]
    public void Maps_of_a_step_are_those_of_its_own_past_and_there_are_none_where_frames_were_not_kept()
    {
        var trained = Create(2);
        using Policy policy = Policy.Of(trained), viewed = Policy.Of(trained);
        policy.SetInstruction(Instruction);
        var (whole, later) = (new ViewedEpisode("a", "a", Instruction), new ViewedEpisode("b", "b", Instruction) { Before = 1 });
        for (var step = 0; step < 4; step++)
        {
            policy.Act(Observed(step));
            var added = new ViewedStep([Picture(step)], State, null);
            whole.Add(added);
            if (step > 0) later.Add(added);
        }

        var expected = policy.Maps();
        foreach (var maps in new[] { new StepMaps(viewed, whole, 3, "direction"), new StepMaps(viewed, later, 2, "direction") })
            Assert.Equal(expected[0].Head(1, 2).ToArray(), maps.Map(new MapChoice(MapChoice.Raw, expected[0].Layer, 1)).Of(2));
        Assert.Equal(Refusal.Unknown, Assert.Throws<RefusedException>(() => new StepMaps(viewed, later, 0, "direction")).Refusal);
        Assert.Contains("not kept", Assert.Throws<RefusedException>(() => new StepMaps(viewed, later, 1, "direction")).Message);
        var (timeline, tail) = (new EpisodeTimeline(viewed.Share(), whole, null), new EpisodeTimeline(viewed.Share(), later, null));
        Assert.Equal(timeline.Read(default)[3].Action, Assert.Single(tail.Read(default)).Action);
        Assert.Equal((0, 4, 2), (timeline.First, timeline.Read(default).Count, tail.First));
    }

    [Fact]
    public void Live_steps_of_another_episode_and_those_after_a_gap_are_sessions_of_their_own()
    {
        using var metrics = new ServerMetrics(() => 0);
        var registry = new PolicyRegistry();
        var policy = new ServedPolicy("small", new PolicyModel(Create(2), 8, clip: false, _workers), new BatchOptions(), 0.1, metrics);
        registry.Set(policy);
        var live = new LiveSteps(registry);
        var (one, other) = (policy.NewPast()!, policy.NewPast()!);
        foreach (var (past, number) in new[] { (one, 0), (other, 0), (one, 1), (other, 1), (one, 5), (one, 6) })
            live.Took(policy, "client", new DecodedObservation([new("camera", new PictureValue(new byte[12], 2, 2, PixelFormat.Rgb))],
                State, Instruction), [0, 0, 0, 0], new EpisodeStep(past, number));
        Assert.Equal([(0, 2), (0, 2), (5, 2)], live.List().Select(head => (live.Open(head.Id)!.Before, live.Open(head.Id)!.Range.End)));
        registry.Close();
        GC.KeepAlive((one, other));
    }

    private async Task<RunningServer> Serve(TrainedPolicy trained, Func<ServerLimits, ServerLimits>? limits = null) =>
        await RunningServer.Start(_ => new PolicyModel(trained, 8, clip: false, _workers), options => limits is null ? options
            : options with { Limits = limits(options.Limits) });

    private static float[] State { get; } = [0.1f, 0.2f, -0.1f, 0.3f, 0.5f];

    private static Observation Observed(int seed) => new(Picture(seed)) { State = State };

    private static RgbImage Picture(int seed)
    {
        var picture = new RgbImage(20, 14);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    private static IWire Wire(string name, RunningServer server, string? episode) =>
        name == "openpi" ? new SocketWire(server) : new HttpWire(server, name == "act", episode);

    /// <summary>One client's episode on a wire.</summary>
    private interface IWire : IAsyncDisposable
    {
        Task<float[]> Act(int picture, string instruction, bool begins);

        /// <summary>The error that a step gets which does not say that an episode begins.</summary>
        Task<string> Refused(int picture);
    }

    private sealed class SocketWire(RunningServer server) : IWire
    {
        private readonly PolicyClient _client = server.Client(TimeSpan.FromSeconds(60));

        public async Task<float[]> Act(int picture, string instruction, bool begins)
        {
            var reply = await _client.ActAsync(Request(picture, instruction, begins));
            Assert.False(reply.HoldStill, reply.Reason);
            return reply.Action.ToArray();
        }

        public async Task<string> Refused(int picture) => (await Assert.ThrowsAsync<PolicyServerException>(async () =>
            await _client.ActAsync(Request(picture, Instruction, false)))).Message;

        public ValueTask DisposeAsync() => _client.DisposeAsync();

        private static PolicyRequest Request(int picture, string instruction, bool begins)
        {
            var image = Picture(picture);
            var request = new PolicyRequest(instruction).SetImage("camera", image.Pixels, image.Width, image.Height)
                .SetState("state", State);
            return begins ? request.BeginsEpisode() : request;
        }
    }

    private sealed class HttpWire(RunningServer server, bool act, string? episode) : IWire
    {
        private readonly HttpClient _http = server.Http();

        public static string Infer(int picture, string instruction, string parameters)
        {
            var image = Picture(picture);
            return $$"""
                {"parameters":{{parameters}},"inputs":[
                  {"name":"camera","datatype":"UINT8","shape":[1,14,20,3],"data":[{{string.Join(',', image.Pixels)}}]},
                  {"name":"instruction","datatype":"BYTES","shape":[1],"data":["{{instruction}}"]},
                  {"name":"state","datatype":"FP32","shape":[1,5],"data":[{{Numbers(State)}}]}]}
                """;
        }

        public async Task<float[]> Act(int picture, string instruction, bool begins)
        {
            var reply = await Post(picture, instruction, begins);
            var text = await reply.Content.ReadAsStringAsync();
            Assert.True(reply.StatusCode == HttpStatusCode.OK, text);
            var said = JsonDocument.Parse(text).RootElement;
            return act ? HttpWireTests.Floats(said)
                : [.. said.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(number => number.GetSingle())];
        }

        public async Task<string> Refused(int picture)
        {
            var reply = await Post(picture, Instruction, false);
            Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
            return JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!;
        }

        public ValueTask DisposeAsync()
        {
            _http.Dispose();
            return ValueTask.CompletedTask;
        }

        private Task<HttpResponseMessage> Post(int picture, string instruction, bool begins)
        {
            if (!act)
                return HttpWireTests.Post(_http, "v2/models/echo/infer", Infer(picture, instruction, episode is null ? "{}"
                    : $$"""{"sequence_id":"{{episode}}","sequence_start":{{(begins ? "true" : "false")}}}"""));
            var named = episode is null ? "" : $""","episode":"{episode}","reset":{(begins ? "true" : "false")}""";
            return HttpWireTests.Post(_http, "act", $$"""
                {"image":{"__numpy__":"{{Convert.ToBase64String(Picture(picture).Pixels)}}","dtype":"|u1","shape":[14,20,3]},
                 "state":[{{Numbers(State)}}],"instruction":"{{instruction}}"{{named}}}
                """);
        }

        private static string Numbers(float[] numbers) => string.Join(',', numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)));
    }
}
