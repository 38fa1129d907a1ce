using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using CrossModal.Client.Wire;
using CrossModal.Server.Batching;
using Microsoft.AspNetCore.Http;

namespace CrossModal.Server.Wires;

/// <summary>KServe's protocol, version 2, as Triton and OpenVINO's server speak it: descriptions and inference.</summary>
/// <param name="service">Answers requests.</param>
/// <param name="mostInRequest">Observations in a request at most.</param>
/// <param name="episodes">The episodes that clients name.</param>
/// <param name="longestBody">How long a body may take.</param>
internal sealed class KServeEndpoint(StepService service, int mostInRequest, ServedEpisodes episodes, TimeSpan longestBody)
{
    private const string JsonLength = "Inference-Header-Content-Length";

    /// <summary>Describes the server.</summary>
    public static Task Server(HttpContext context) => Json(context, writer =>
    {
        writer.WriteString("name", "crossmodal");
        writer.WriteString("version", typeof(KServeEndpoint).Assembly.GetName().Version?.ToString(3));
        writer.WriteStartArray("extensions");
        writer.WriteStringValue("binary_tensor_data");
        writer.WriteEndArray();
    });

    /// <summary>Describes a policy.</summary>
    public Task Describe(HttpContext context, string name) => Guard(context, () =>
    {
        var policy = service.Policies.Get(name);
        return Json(context, writer =>
        {
            writer.WriteString("name", policy.Name);
            writer.WriteStartArray("versions");
            writer.WriteStringValue("1");
            writer.WriteEndArray();
            writer.WriteString("platform", "crossmodal");
            writer.WriteStartArray("inputs");
            foreach (var camera in policy.Signature.Cameras) Tensor(writer, camera, "UINT8", -1, -1, -1, 3);
            Tensor(writer, KServeRequest.Instruction, "BYTES", -1);
            if (policy.Signature.States.Count > 0) Tensor(writer, KServeRequest.State, "FP32", -1, policy.Signature.States.Count);
            writer.WriteEndArray();
            writer.WriteStartArray("outputs");
            Tensor(writer, "action", "FP32", -1, policy.Signature.Actions.Count);
            writer.WriteEndArray();
        });
    });

    /// <summary>Says whether a policy is ready: 200 or 503.</summary>
    public Task Ready(HttpContext context, string name) => Guard(context, () =>
    {
        context.Response.StatusCode = service.Policies.Get(name).IsReady ? StatusCodes.Status200OK
            : StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    });

    /// <summary>Computes the actions of a request's observations.</summary>
    public Task Infer(HttpContext context, string name) => Guard(context, async () =>
    {
        var header = context.Request.Headers[JsonLength].ToString();
        if (!int.TryParse(header.Length == 0 ? "0" : header, NumberStyles.None, CultureInfo.InvariantCulture, out var jsonBytes))
            throw new WireFormatException($"the header {JsonLength} is '{header}'");
        var body = await RequestBody.Read(context.Request, longestBody).ConfigureAwait(false);
        var request = KServeRequest.Parse(body, header.Length == 0 ? null : jsonBytes);
        var observations = request.Observations(service.Policies.Get(name).Signature, mostInRequest);
        var client = ClientName.Of(context);
        if (request.Sequence is not null && observations.Count > 1)
            throw new RefusedException(Refusal.Invalid,
                $"a request of a sequence has one observation, not {observations.Count}: they would be of one moment");
        var episode = EpisodeOf(request.Sequence, client, name);
        var steps = await Task.WhenAll(observations.Select(o => service.Act(WireTerms.KServe, name, client, _ => o, episode,
            context.RequestAborted)))
            .ConfigureAwait(false);
        if (request.Sequence is { Ends: true } over) episodes.End(client, name, over.Name);
        await Reply(context, name, request, steps).ConfigureAwait(false);
    });

    private ServedEpisode? EpisodeOf(KServeSequence? sequence, string client, string policy)
    {
        if (sequence is null) return null;
        var episode = episodes.Get(client, policy, sequence.Name);
        if (sequence.Starts) episode.Restart();
        return episode;
    }

    private static async Task Reply(HttpContext context, string name, KServeRequest request, ServedStep[] steps)
    {
        var width = steps[0].Result.Action.Length;
        var json = Write(writer =>
        {
            writer.WriteString("model_name", name);
            writer.WriteString("model_version", "1");
            if (request.Id is { } id) writer.WriteString("id", id);
            writer.WriteStartObject("parameters");
            writer.WriteNumber("queue_ms", steps.Max(s => s.Result.Queue.TotalMilliseconds));
            writer.WriteNumber("preprocess_ms", steps.Sum(s => s.Preprocessing.TotalMilliseconds));
            writer.WriteNumber("infer_ms", steps.Max(s => s.Result.Inference.TotalMilliseconds));
            if (steps is [{ Verdict: { } verdict }]) Monitor(writer, verdict);
            writer.WriteEndObject();
            writer.WriteStartArray("outputs");
            writer.WriteStartObject();
            TensorHead(writer, "action", "FP32", steps.Length, width);
            if (request.BinaryOutput)
            {
                writer.WriteStartObject("parameters");
                writer.WriteNumber("binary_data_size", 4 * steps.Length * width);
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteStartArray("data");
                foreach (var step in steps)
                    foreach (var value in step.Result.Action) writer.WriteNumberValue(value);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
            writer.WriteEndArray();
        });
        context.Response.ContentType = request.BinaryOutput ? "application/octet-stream" : "application/json";
        if (request.BinaryOutput) context.Response.Headers[JsonLength] = json.Length.ToString(CultureInfo.InvariantCulture);
        await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
        if (!request.BinaryOutput) return;
        foreach (var step in steps)
            await context.Response.Body.WriteAsync(MemoryMarshal.AsBytes(step.Result.Action.AsSpan()).ToArray(), context.RequestAborted)
                .ConfigureAwait(false);
    }

    private static void Monitor(Utf8JsonWriter writer, MonitorVerdict verdict)
    {
        writer.WriteBoolean("monitor_stop", verdict.Stop);
        writer.WriteNumber("monitor_score", verdict.Score);
        writer.WriteNumber("monitor_highest", verdict.Highest);
        writer.WriteNumber("monitor_threshold", verdict.Threshold);
        writer.WriteNumber("monitor_steps", verdict.Steps);
    }

    private static void Tensor(Utf8JsonWriter writer, string name, string type, params ReadOnlySpan<int> shape)
    {
        writer.WriteStartObject();
        TensorHead(writer, name, type, shape);
        writer.WriteEndObject();
    }

    private static void TensorHead(Utf8JsonWriter writer, string name, string type, params ReadOnlySpan<int> shape)
    {
        writer.WriteString("name", name);
        writer.WriteString("datatype", type);
        writer.WriteStartArray("shape");
        foreach (var axis in shape) writer.WriteNumberValue(axis);
        writer.WriteEndArray();
    }

    private static async Task Json(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Write(write), context.RequestAborted).ConfigureAwait(false);
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static async Task Guard(HttpContext context, Func<Task> handle)
    {
        try
        {
            await handle().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RefusedException or WireFormatException)
        {
            await ErrorReply.Write(context, exception).ConfigureAwait(false);
        }
    }
}
