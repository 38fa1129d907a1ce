using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CrossModal.Tabletop.Learning;

/// <summary>How recipes of training are written as JSON, generated at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(TabletopRecipe))]
[JsonSerializable(typeof(DistillationOptions))]
internal sealed partial class RecipeJson : JsonSerializerContext
{
    /// <summary>A recipe as results and checkpoints state it: choices as numbers.</summary>
    public static JsonNode? NodeOf(TabletopRecipe recipe) => JsonSerializer.SerializeToNode(recipe, Default.TabletopRecipe);

    /// <summary>What is learned from a teacher; null without one.</summary>
    public static JsonNode? NodeOf(DistillationOptions? options) =>
        options is null ? null : JsonSerializer.SerializeToNode(options, Default.DistillationOptions);
}
