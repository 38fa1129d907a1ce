using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CrossModal.Policies;

/// <summary>How policies are written as JSON, generated at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PolicyDescription))]
internal sealed partial class PolicyJson : JsonSerializerContext
{
    /// <summary>The options of a policy as results and checkpoints state them: choices as numbers.</summary>
    public static JsonNode? NodeOf(PolicyOptions options) => JsonSerializer.SerializeToNode(options, Default.PolicyOptions);
}
