using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace CrossModal.Server.Tests;

public sealed class HttpWireTests
{
    private static string Picture => Convert.ToBase64String(new byte[4 * 4 * 3]);

    private static string Act(string more = "") =>
        $$"""{"image":{"__numpy__":"{{Picture}}","dtype":"|u1","shape":[4,4,3]},"state":[7,8],"instruction":"go"{{more}}}""";

    [Fact]
    public async Task Act_answers_with_an_array_of_json_numpy()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        var reply = await Post(http, "act", Act());
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.Equal([7f, 8], Floats(JsonDocument.Parse(text).RootElement));
        Assert.Contains("infer;dur=", reply.Headers.GetValues("Server-Timing").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_encoded_as_text_is_answered_as_text()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        var reply = await Post(http, "act", JsonSerializer.Serialize(new { encoded = Act() }));
        var text = await reply.Content.ReadFromJsonAsync<string>();
        Assert.Equal([7f, 8], Floats(JsonDocument.Parse(text!).RootElement));
    }

    [Theory]
    [InlineData("{", 400, "the body is no JSON")]
    [InlineData("[]", 400, "the body is no JSON object")]
    [InlineData("{\"instruction\":\"go\",\"state\":[1,2]}", 400, "the observation has no 'image'")]
    [InlineData("{\"image\":3,\"instruction\":\"go\",\"state\":[1,2]}", 400, "'image' is no picture")]
    [InlineData("fault", 500, "the policy failed")]
    [InlineData("range", 500, "outside")]
    [InlineData("key", 400, "'unnorm_key' is 'bridge_orig'")]
    public async Task Failures_have_honest_status_codes_and_one_line(string body, int status, string message)
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        var reply = await Post(http, "act", body switch
        {
            "fault" => Act().Replace("\"go\"", "\"fault\"", StringComparison.Ordinal),
            "range" => Act().Replace("[7,8]", "[7,5000]", StringComparison.Ordinal),
            "key" => Act(""","unnorm_key":"bridge_orig" """),
            _ => body,
        });
        Assert.Equal(status, (int)reply.StatusCode);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.Contains(message, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);
    }

    [Fact]
    public async Task KServe_describes_the_server_and_its_policies()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        Assert.Equal("crossmodal", (await http.GetFromJsonAsync<JsonElement>("v2")).GetProperty("name").GetString());
        foreach (var path in new[] { "v2/health/live", "v2/health/ready", "v2/models/echo/ready" })
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(path)).StatusCode);
        var described = await http.GetFromJsonAsync<JsonElement>("v2/models/echo");
        Assert.Equal(["camera", "instruction", "state"],
            described.GetProperty("inputs").EnumerateArray().Select(i => i.GetProperty("name").GetString()!));
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("v2/models/none")).StatusCode);
    }

    [Fact]
    public async Task KServe_answers_JSON_with_JSON_for_a_whole_batch()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        var reply = await Post(http, "v2/models/echo/infer", JsonSerializer.Serialize(new
        {
            id = "x",
            inputs = new object[]
            {
                new { name = "camera", datatype = "UINT8", shape = new[] { 2, 1, 1, 3 }, data = new[] { 0, 1, 2, 3, 4, 5 } },
                new { name = "instruction", datatype = "BYTES", shape = new[] { 1 }, data = new[] { "go" } },
                new { name = "state", datatype = "FP32", shape = new[] { 2, 2 }, data = new[] { new[] { 1.5, 2 }, [3, 4] } },
            },
        }));
        var root = JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("x", root.GetProperty("id").GetString());
        var output = root.GetProperty("outputs")[0];
        Assert.Equal([2, 2], output.GetProperty("shape").EnumerateArray().Select(a => a.GetInt32()));
        Assert.Equal([1.5f, 2, 3, 4], output.GetProperty("data").EnumerateArray().Select(v => v.GetSingle()));
    }

    [Fact]
    public async Task KServe_answers_bytes_with_bytes()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        var (body, json) = KServeBody.Binary(new byte[12], "go", [9, -2]);
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", json.ToString(CultureInfo.InvariantCulture));
        var reply = await http.PostAsync(new Uri("v2/models/echo/infer", UriKind.Relative), content);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        var head = int.Parse(reply.Headers.TryGetValues("Inference-Header-Content-Length", out var values) ? values.Single()
            : reply.Content.Headers.GetValues("Inference-Header-Content-Length").Single(), CultureInfo.InvariantCulture);
        var root = JsonDocument.Parse(bytes.AsMemory(0, head)).RootElement;
        Assert.Equal("7", root.GetProperty("id").GetString());
        Assert.Equal(8, root.GetProperty("outputs")[0].GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
        Assert.Equal(9f, BitConverter.ToSingle(bytes, head));
        Assert.Equal(-2f, BitConverter.ToSingle(bytes, head + 4));
        Assert.Equal(head + 8, bytes.Length);
    }

    [Fact]
    public async Task Metrics_count_requests_by_wire_and_outcome()
    {
        await using var server = await RunningServer.Start(new EchoModel());
        using var http = server.Http();
        await Post(http, "act", Act());
        await Post(http, "act", "{}");
        var metrics = await http.GetStringAsync("metrics");
        Assert.Matches("crossmodal_requests_total\\{[^}]*outcome=\"ok\"[^}]*wire=\"act\"", metrics);
        Assert.Matches("crossmodal_requests_total\\{[^}]*outcome=\"invalid\"", metrics);
        Assert.Contains("crossmodal_inference_milliseconds_bucket", metrics, StringComparison.Ordinal);
    }

    internal static Task<HttpResponseMessage> Post(HttpClient http, string path, string json) =>
        http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"));

    internal static float[] Floats(JsonElement array)
    {
        var bytes = Convert.FromBase64String(array.GetProperty("__numpy__").GetString()!);
        Assert.Equal("<f4", array.GetProperty("dtype").GetString());
        Assert.Equal(bytes.Length / 4, array.GetProperty("shape")[0].GetInt32());
        return [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, 4 * i))];
    }
}
