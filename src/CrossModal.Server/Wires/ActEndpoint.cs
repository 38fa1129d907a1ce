using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using CrossModal.Client.Wire;
using CrossModal.Policies;
using CrossModal.Server.Batching;
using Microsoft.AspNetCore.Http;

namespace CrossModal.Server.Wires;

/// <summary>OpenVLA's <c>POST /act</c>: picture and instruction as JSON with arrays, the action as such an array.</summary>
/// <param name="service">Answers requests.</param>
/// <param name="episodes">The episodes that clients name.</param>
/// <param name="longestBody">How long a body may take.</param>
internal sealed class ActEndpoint(StepService service, ServedEpisodes episodes, TimeSpan longestBody)
{
    private const int LongestName = 128;

    /// <summary>Answers a request.</summary>
    public async Task Handle(HttpContext context)
    {
        try
        {
            var values = JsonNumpy.ReadMap(await RequestBody.Read(context.Request, longestBody).ConfigureAwait(false));

            // Clients whose JSON library knows no arrays send the whole request as text, and take the reply as text.
            var encoded = values.GetValueOrDefault("encoded") as string;
            if (encoded is not null) values = JsonNumpy.ReadMap(Encoding.UTF8.GetBytes(encoded));
            var client = ClientName.Of(context);
            var step = await service.Act(WireTerms.Act, null, client, policy => Decode(values, policy), EpisodeOf(values, client),
                context.RequestAborted).ConfigureAwait(false);
            var result = step.Result;
            context.Response.Headers["Server-Timing"] = FormattableString.Invariant(
                $"queue;dur={result.Queue.TotalMilliseconds:0.###}, preprocess;dur={step.Preprocessing.TotalMilliseconds:0.###}, infer;dur={result.Inference.TotalMilliseconds:0.###}");
            if (step.Verdict is { } verdict)
                context.Response.Headers["Monitor"] = FormattableString.Invariant(
                    $"stop=?{(verdict.Stop ? 1 : 0)}, score={verdict.Score:0.000}, threshold={verdict.Threshold:0.000}, steps={verdict.Steps}");
            context.Response.ContentType = "application/json";
            var action = JsonNumpy.Write(result.Action);
            if (encoded is not null)
                action = Encoding.UTF8.GetBytes($"\"{JavaScriptEncoder.Default.Encode(Encoding.UTF8.GetString(action))}\"");
            await context.Response.Body.WriteAsync(action, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RefusedException or WireFormatException)
        {
            await ErrorReply.Write(context, exception).ConfigureAwait(false);
        }
    }

    /// <summary>The episode that a request names by <c>episode</c>; with <c>reset</c> it begins anew.</summary>
    private ServedEpisode? EpisodeOf(Dictionary<string, object?> values, string client)
    {
        if (values.GetValueOrDefault("episode") is not { } value) return null;
        if (value is long number) value = number.ToString(CultureInfo.InvariantCulture);
        if (value is not string { Length: > 0 and <= LongestName } name)
            throw new RefusedException(Refusal.Invalid, $"'episode' is neither a whole number nor a text of 1 to {LongestName} characters");
        var episode = episodes.Get(client, null, name);
        if (values.GetValueOrDefault("reset") is true) episode.Restart();
        return episode;
    }

    private static DecodedObservation Decode(Dictionary<string, object?> values, ServedPolicy policy)
    {
        if (values.GetValueOrDefault("unnorm_key") is string key && key != policy.Name && key != policy.Source)
            throw new RefusedException(Refusal.Invalid,
                $"'unnorm_key' is '{key}'; actions leave in the units of '{policy.Source}' only, leave the key out");
        return MappingOf(policy.Signature).Decode(values, policy.Signature);
    }

    /// <summary>The first camera is <c>image</c>, as this protocol has only one; others have their own names.</summary>
    private static ObservationMapping MappingOf(PolicySignature signature) =>
        new(["image", .. signature.Cameras.Skip(1)], signature.States.Count == 0 ? [] : [new StateSource("state")], "instruction");
}
