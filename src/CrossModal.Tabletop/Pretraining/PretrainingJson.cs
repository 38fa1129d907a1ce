using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CrossModal.Tabletop.Pretraining;

/// <summary>How recipes of pre-training are written as JSON, generated at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PretrainingRecipe))]
internal sealed partial class PretrainingJson : JsonSerializerContext
{
    /// <summary>A recipe as results and checkpoints state it: choices as numbers.</summary>
    public static JsonNode? NodeOf(PretrainingRecipe recipe) => JsonSerializer.SerializeToNode(recipe, Default.PretrainingRecipe);
}
