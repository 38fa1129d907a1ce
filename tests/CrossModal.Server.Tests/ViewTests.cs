using System.Net;
using System.Text;
using System.Text.Json;
using CrossModal.Imaging;
using CrossModal.Server.Batching;
using CrossModal.Server.Viewing;
using CrossModal.Server.Wires;
using CrossModal.Tests.Policies;

namespace CrossModal.Server.Tests;

/// <summary>The viewer of a serving policy, without a browser.</summary>
public sealed class ViewTests : IDisposable
{
    private const string Key = "0123456789abcdef";
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_page_may_load_nothing_from_elsewhere_and_run_no_script_but_its_own()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        var page = await http.GetAsync("view");
        Assert.EndsWith("/view/", page.RequestMessage!.RequestUri!.AbsolutePath, StringComparison.Ordinal);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        var html = await page.Content.ReadAsStringAsync();
        foreach (var name in PageAssets.Names)
        {
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"view/{name}")).StatusCode);
            Assert.DoesNotContain("://", Encoding.UTF8.GetString(PageAssets.Find(name)!)
                .Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("onload", html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("view/PolicyServer.cs")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("view/..%2fkeys")).StatusCode);
    }

    [Theory]
    [InlineData("episode", 400, "'episode' is missing")]
    [InlineData("episode?episode=7", 404, "there is no episode '7'")]
    [InlineData("timeline?episode=1&policy=nobody", 404, "there is no policy 'nobody'")]
    [InlineData("timeline?episode=1&from=-1", 400, "'from' is '-1', a whole number from 0 is needed")]
    [InlineData("frame?episode=1&step=99&camera=0", 404, "has no step 99")]
    [InlineData("frame?episode=1&step=0&camera=4", 404, "there are 1 cameras, not camera 4")]
    [InlineData("frame?episode=1&step=1e3&camera=0", 400, "'step' is '1e3'")]
    [InlineData("maps?episode=1&step=0", 400, "'policy' is missing")]
    [InlineData("maps?episode=1&step=0&policy=echo", 400, "the policy 'echo' cannot be explained")]
    [InlineData("faithfulness?episode=1&step=99999999999&policy=echo", 400, "cannot be explained")]
    public async Task Wrong_questions_get_one_clear_error(string question, int status, string message)
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        await Watch(http);
        await using var client = server.Client();
        await client.ActAsync(RunningServer.Request(1));
        var reply = await http.GetAsync($"view/api/{question}");
        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Contains(message, Json(await reply.Content.ReadAsStringAsync()).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method=magic", "there is no method of explanation 'magic'")]
    [InlineData("method=raw&layer=none", "there is no layer 'none'")]
    [InlineData("method=raw&head=9", "has heads 0 to 1, not 9")]
    [InlineData("target=-dq", "an action has no part '-dq'")]
    [InlineData("word=8", "the instruction has 4 words, not word 8")]
    public async Task Wrong_choices_of_a_map_get_one_clear_error(string choice, string message)
    {
        using var policies = new FixedPolicies(new ViewedPolicy("small", SmallPolicy.Create()));
        await using var server = await ViewServer.StartAsync(new OneEpisode(), policies);
        using var http = new HttpClient { BaseAddress = server.Address };
        var reply = await http.GetAsync($"api/faithfulness?episode=one&policy=small&step=0&{choice}");
        Assert.True((int)reply.StatusCode is 400 or 404);
        Assert.Contains(message, Json(await reply.Content.ReadAsStringAsync()).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_are_kept_while_a_page_watches_and_not_otherwise()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        await using var client = server.Client();
        await client.ActAsync(RunningServer.Request(1));
        Assert.Empty(await Watch(http));
        await client.ActAsync(RunningServer.Request(2));
        await client.ActAsync(RunningServer.Request(3));
        await client.ActAsync(RunningServer.Request(4, prompt: "stop"));
        var episodes = await Watch(http);
        Assert.Equal([("go", 2), ("stop", 1)], episodes.Select(e =>
            (e.GetProperty("instruction").GetString()!, e.GetProperty("length").GetInt32())));
        var timeline = Json(await http.GetStringAsync("view/api/timeline?episode=1"));
        Assert.Equal([2f, 3], timeline.GetProperty("sent").EnumerateArray().Select(a => a[0].GetSingle()));
        var more = Json(await http.GetStringAsync("view/api/timeline?episode=1&from=1"));
        Assert.Equal((1, 2, 1), (more.GetProperty("first").GetInt32(), more.GetProperty("end").GetInt32(),
            more.GetProperty("sent").GetArrayLength()));
        using var picture = await http.GetStreamAsync("view/api/frame?episode=1&step=0&camera=0");
        var image = Png.Read(picture, "frame");
        Assert.Equal((8, 8), (image.Width, image.Height));
    }

    [Fact]
    public void What_is_kept_of_live_steps_is_bounded_in_steps_sessions_and_bytes()
    {
        using var metrics = new Operations.ServerMetrics(() => 0);
        var registry = new PolicyRegistry();
        var policy = new ServedPolicy("echo", new EchoModel(), new BatchOptions(), 0.1, metrics);
        registry.Set(policy);
        var live = new LiveSteps(registry);
        for (var i = 0; i < 700; i++) live.Took(policy, "a", Observation(8, "go"), [i, 0]);
        var (first, end) = live.Open("1")!.Range;
        Assert.Equal((100, 700), (first, end));
        Assert.Equal(100, live.Open("1")!.Find(100)!.Sent![0]);
        Assert.Null(live.Open("1")!.Find(99));
        for (var i = 0; i < 40; i++) live.Took(policy, $"client {i}", Observation(8, "go"), [0, 0]);
        Assert.Equal(16, live.List().Count);
        for (var i = 0; i < 60; i++) live.Took(policy, "large", Observation(1024, "go"), [0, 0]);
        Assert.Single(live.List());
        Assert.InRange(live.Open(live.List()[0].Id)!.Bytes, 1 << 20, 96 << 20);
        registry.Close();
    }

    [Fact]
    public async Task With_keys_the_page_asks_for_one_as_a_password_and_other_addresses_take_no_password()
    {
        await File.WriteAllTextAsync(_folder["keys"], $"desk: {Key}\n");
        await using var server = await RunningServer.Start(new EchoModel(), o =>
            o with { Listen = o.Listen with { KeysFile = _folder["keys"] } });
        using var http = server.Http();
        foreach (var path in new[] { "view", "view/", "view/main.js", "view/api/episodes" })
        {
            var refused = await http.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.StartsWith("Basic", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        http.DefaultRequestHeaders.Add("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"any:{Key}"))}");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("view/api/episodes")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("v2")).StatusCode);
        foreach (var wrong in new[] { "Basic !", "Basic", $"Basic {Convert.ToBase64String("any:x"u8)}", $"Basic {Key}" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "view/api/episodes");
            request.Headers.TryAddWithoutValidation("Authorization", wrong);
            using var bare = server.Http();
            Assert.Equal(HttpStatusCode.Unauthorized, (await bare.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public async Task A_page_of_another_site_can_show_nothing_of_the_viewer()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        using var picture = new HttpRequestMessage(HttpMethod.Get, "view/api/frame?episode=1&step=0&camera=0");
        picture.Headers.Add("Sec-Fetch-Site", "cross-site");
        picture.Headers.Add("Sec-Fetch-Mode", "no-cors");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(picture)).StatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "view/");
        rebound.Headers.Host = "example.org";
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(rebound)).StatusCode);
    }

    [Fact]
    public async Task One_step_of_the_policy_serves_every_map_of_it_and_maps_agree_with_the_policys_own()
    {
        var trained = SmallPolicy.Create();
        using var viewed = new ViewedPolicy("small", trained);
        var (source, episode) = (new OneEpisode(), new OneEpisode().Open("one")!);
        var (maps, again) = (await viewed.Maps(episode, 0, "direction", m => m, default),
            await viewed.Maps(episode, 0, "direction", m => m, default));
        Assert.Same(maps, again);
        using var policy = Policies.Policy.Of(trained);
        policy.SetInstruction(episode.Instruction);
        policy.Act(episode.Find(0)!.ToObservation(policy.Cameras));
        foreach (var own in policy.Maps())
        {
            Assert.Equal(own.Mean(2), maps.Map(new MapChoice(MapChoice.Raw, own.Layer)).Of(2));
            Assert.Equal(own.Head(1, 3).ToArray(), maps.Map(new MapChoice(MapChoice.Raw, own.Layer, 1)).Of(3));
        }

        var explained = policy.Explain("red", Explain.MapMethods.Find("rollout"));
        Assert.Equal(explained.Weights.Select(w => (double)w), maps.Map(new MapChoice("rollout")).Of(2).Select(w => (double)w),
            new Near(1e-6));
        Assert.Equal(["one"], source.List().Select(e => e.Id));
        var heads = maps.Heads(2);
        Assert.Equal(heads.Select(h => h.Lift), heads.Select(h => h.Lift).OrderDescending());
        Assert.All(maps.Heads(0), h => Assert.Null(h.Lift));
    }

    [Fact]
    public async Task A_timeline_is_what_the_policy_decides_step_by_step()
    {
        var trained = SmallPolicy.Create();
        using var viewed = new ViewedPolicy("small", trained);
        var episode = new OneEpisode().Open("one")!;
        var readings = await viewed.Timeline(episode, "cup", (_, r) => r.ToList(), default);
        using var policy = Policies.Policy.Of(trained);
        policy.SetInstruction(episode.Instruction);
        policy.Compare("cup");
        for (var step = 0; step < OneEpisode.Steps; step++)
        {
            var decision = policy.Act(episode.Find(step)!.ToObservation(policy.Cameras));
            Assert.Equal(decision.Action.ToArray(), readings[step].Action);
            Assert.Equal(decision.Counterfactuals[0].Effect, readings[step].Effect);
        }

        // A live episode goes on where it was left.
        episode.Add(episode.Find(0)!);
        Assert.Equal(OneEpisode.Steps + 1, await viewed.Timeline(episode, "cup", (_, r) => r.Count, default));
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<List<JsonElement>> Watch(HttpClient http) =>
        [.. Json(await http.GetStringAsync("view/api/episodes")).GetProperty("episodes").EnumerateArray()];

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static DecodedObservation Observation(int side, string instruction) =>
        new([new("camera", new PictureValue(new byte[side * side * 3], side, side, PixelFormat.Rgb))], [0, 0], instruction);

    private sealed class Near(double tolerance) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(double obj) => 0;
    }

    /// <summary>An episode of a small policy's only camera.</summary>
    private sealed class OneEpisode : IEpisodeSource
    {
        public const int Steps = 3;
        private readonly ViewedEpisode _episode = Make();

        public bool IsLive => false;

        public string Title => "one";

        public IReadOnlyList<string> Cameras(string? policy) => ["camera"];

        public IReadOnlyList<Data.Quantity> Actions(string? policy) => Data.Quantity.Numbered("action", 4);

        public IReadOnlyList<EpisodeHead> List() => [new("one", "one", _episode.Instruction, Steps, null)];

        public ViewedEpisode? Open(string id) => id == "one" ? _episode : null;

        private static ViewedEpisode Make()
        {
            var (episode, random) = (new ViewedEpisode("one", "one", "pick up red cup"), new Random(1));
            for (var step = 0; step < Steps; step++)
            {
                var picture = new RgbImage(48, 40);
                random.NextBytes(picture.Pixels);
                var coverage = new float[SmallPolicy.Patches];
                coverage[5] = 1;
                episode.Add(new ViewedStep([picture], [0, 0, 0.1f, 0.076f, 0], null) { Coverage = [null, null, coverage, coverage] });
            }

            return episode;
        }
    }
}
