using System.Text;
using System.Text.Encodings.Web;
using CrossModal.Client.Wire;
using CrossModal.Policies;
using CrossModal.Server.Batching;
using Microsoft.AspNetCore.Http;

namespace CrossModal.Server.Wires;

/// <summary>OpenVLA's <c>POST /act</c>: picture and instruction as JSON with arrays, the action as such an array.</summary>
/// <param name="service">Answers requests.</param>
internal sealed class ActEndpoint(StepService service)
{
    private const string Wire = "act";

    /// <summary>Answers a request.</summary>
    public async Task Handle(HttpContext context)
    {
        try
        {
            var values = JsonNumpy.ReadMap(await RequestBody.Read(context.Request).ConfigureAwait(false));

            // Clients whose JSON library knows no arrays send the whole request as text, and take the reply as text.
            var encoded = values.GetValueOrDefault("encoded") as string;
            if (encoded is not null) values = JsonNumpy.ReadMap(Encoding.UTF8.GetBytes(encoded));
            var step = await service.Act(Wire, null, ClientName.Of(context), policy => Decode(values, policy), context.RequestAborted)
                .ConfigureAwait(false);
            var result = step.Result;
            context.Response.Headers["Server-Timing"] = FormattableString.Invariant(
                $"queue;dur={result.Queue.TotalMilliseconds:0.###}, preprocess;dur={step.Preprocessing.TotalMilliseconds:0.###}, infer;dur={result.Inference.TotalMilliseconds:0.###}");
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
