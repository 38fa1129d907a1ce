using CrossModal.Engine.Kernels;
using CrossModal.Engine.Tensors;
using CrossModal.Imaging;
using CrossModal.Policies;
using CrossModal.Server.Batching;
using CrossModal.Server.Operations;
using CrossModal.Tests.Policies;

namespace CrossModal.Server.Tests;

public sealed class BatchingTests
{
    [Fact]
    public async Task Requests_that_arrive_during_a_step_form_the_next_one()
    {
        var model = new EchoModel();
        await using var server = await RunningServer.Start(model);
        await using var first = server.Client();
        var clients = Enumerable.Range(0, 6).Select(_ => server.Client()).ToArray();
        await Task.WhenAll(clients.Append(first).Select(c => c.ConnectAsync()));
        model.Sizes.Clear();
        model.Gate.Reset();
        var running = first.ActAsync(RunningServer.Request(100));
        await Until(() => !running.IsCompleted);
        await Task.Delay(100);
        var waiting = clients.Select((c, i) => c.ActAsync(RunningServer.Request(i))).ToArray();
        await Task.Delay(300);
        model.Gate.Set();
        var replies = await Task.WhenAll(waiting);
        Assert.Equal(100, (await running).Action[0]);
        Assert.Equal([0f, 1, 2, 3, 4, 5], replies.Select(r => r.Action[0]));
        Assert.Equal([1, 6], model.Sizes);
        foreach (var client in clients) await client.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_step_of_several_observations_with_their_own_instructions_equals_steps_of_one(int count)
    {
        var trained = SmallPolicy.Create();
        using var workers = new Workers(1);
        var model = new PolicyModel(trained, 8, clip: false, workers);
        using var policy = Policy.Of(trained);
        var random = new RandomSource(5);
        string[] texts = ["pick up red cup", "pick cup", "red"];
        for (var round = 0; round < 3; round++)
        {
            var pictures = Enumerable.Range(0, count).Select(_ => Picture(random)).ToArray();
            var states = Enumerable.Range(0, count).Select(i => new[] { 0.1f * i, 0.2f, -0.1f, 0.3f, 0.5f }).ToArray();
            var requests = pictures.Select((p, i) => new StepRequest($"{i}", texts[(i + round) % 3],
                model.Encode(new Observation(p) { State = states[i] }))).ToArray();
            var outputs = model.Step(requests);
            for (var i = 0; i < count; i++)
            {
                policy.SetInstruction(requests[i].Instruction);
                var expected = policy.Act(new Observation(pictures[i]) { State = states[i] }).Action;
                for (var a = 0; a < expected.Length; a++) Assert.Equal(expected[a], outputs[i].Action[a], 1e-5f);
            }
        }
    }

    [Fact]
    public void A_queue_that_is_full_refuses_and_a_client_has_its_own_bound()
    {
        var queue = new StepQueue(new BatchOptions { MostWaiting = 3, MostWaitingOfClient = 2 });
        queue.Add(Request("a"));
        queue.Add(Request("a"));
        Assert.Equal(Refusal.Busy, Assert.Throws<RefusedException>(() => queue.Add(Request("a"))).Refusal);
        queue.Add(Request("b"));
        Assert.Equal(Refusal.Busy, Assert.Throws<RefusedException>(() => queue.Add(Request("c"))).Refusal);
    }

    [Fact]
    public void Clients_are_served_in_turn_however_many_requests_one_has()
    {
        var queue = new StepQueue(new BatchOptions());
        for (var i = 0; i < 5; i++) queue.Add(Request("many"));
        queue.Add(Request("one"));
        Assert.Equal(["many", "one"], queue.Take(2).Select(r => r.Client));
        Assert.Equal(["many", "many"], queue.Take(2).Select(r => r.Client));
    }

    [Fact]
    public async Task A_request_that_waited_too_long_gets_an_error_instead_of_an_action_that_is_out_of_date()
    {
        var queue = new StepQueue(new BatchOptions { LongestWait = TimeSpan.FromMilliseconds(20) });
        var late = Request("late");
        queue.Add(late);
        await Task.Delay(60);
        var timely = Request("timely");
        queue.Add(timely);
        Assert.Same(timely, Assert.Single(queue.Take(8)));
        Assert.Equal(Refusal.Late, (await Assert.ThrowsAsync<RefusedException>(() => late.Result)).Refusal);
    }

    [Fact]
    public async Task An_observation_that_makes_the_policy_fail_takes_no_other_down()
    {
        var model = new EchoModel();
        using var metrics = new ServerMetrics(() => 0);
        var served = new ServedPolicy("echo", model, new BatchOptions(), 0.1, metrics);
        model.Gate.Reset();
        var blocker = served.Ask(Request("blocker"), default);
        await Until(() => served.Waiting == 0);
        var good = served.Ask(Request("good"), default);
        var bad = served.Ask(Request("bad", "fault"), default);
        model.Gate.Set();
        Assert.Equal(1, (await good).Action[0]);
        Assert.Equal(Refusal.Unsafe, (await Assert.ThrowsAsync<RefusedException>(() => bad)).Refusal);
        await blocker;
        served.Close();
        Assert.True(served.Join(TimeSpan.FromSeconds(5)));
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.PositiveInfinity, 0)]
    [InlineData(0, -1.3f)]
    [InlineData(0, 2.3f)]
    public void An_action_that_is_no_number_or_outside_its_range_is_never_sent(float first, float second)
    {
        var limits = new ActionLimits([new("free", "m"), new("bounded", "m") { Least = -1, Most = 2 }], 0.05);
        Assert.Equal(Refusal.Unsafe, Assert.Throws<RefusedException>(() => limits.Check([first, second])).Refusal);
        limits.Check([1e6f, 2.1f]);
    }

    [Fact]
    public async Task Another_policy_takes_the_place_under_load_and_no_client_notices()
    {
        var version = 0;
        await using var server = await RunningServer.Start(_ => new EchoModel
        {
            Offset = 1000 * version++,
            Takes = TimeSpan.FromMilliseconds(1)
        });
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(c => Task.Run(async () =>
        {
            await using var client = server.Client();
            var count = 0;
            for (var i = 0; !stop.IsCancellationRequested; i++, count++)
            {
                var reply = await client.ActAsync(RunningServer.Request(i % 100));
                Assert.False(reply.HoldStill, reply.Reason);
                Assert.Equal(i % 100, reply.Action[0] % 1000);
            }

            return count;
        })).ToArray();
        for (var i = 0; i < 5; i++)
        {
            await Task.Delay(100);
            Assert.Empty(await server.Server.ReloadAsync());
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(clients), count => Assert.True(count > 10));
        await using var last = server.Client();
        Assert.Equal(5001, (await last.ActAsync(RunningServer.Request(1))).Action[0]);
    }

    [Fact]
    public async Task A_policy_of_another_signature_or_a_damaged_one_leaves_the_old_one_in_its_place()
    {
        var loads = 0;
        await using var server = await RunningServer.Start(_ => ++loads == 1 ? new EchoModel()
            : new EchoModel
            {
                Signature = new PolicySignature([new("other", "m"), new("second", "m")],
                [new("nonce", "1"), new("second", "m")], ["camera"])
            });
        Assert.Contains("other cameras, states or actions", Assert.Single(await server.Server.ReloadAsync()), StringComparison.Ordinal);
        await using var client = server.Client();
        Assert.Equal(2, (await client.ActAsync(RunningServer.Request(2))).Action[0]);
    }

    private static RgbImage Picture(RandomSource random)
    {
        var picture = new RgbImage(20, 14);
        for (var i = 0; i < picture.Pixels.Length; i++) picture.Pixels[i] = (byte)(256 * random.NextSingle());
        return picture;
    }

    private static StepRequest Request(string client, string instruction = "go") =>
        new(client, instruction, new EncodedObservation([], [1, 2], TimeSpan.Zero));

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 200 && !condition(); i++) await Task.Delay(10);
        Assert.True(condition());
    }
}
