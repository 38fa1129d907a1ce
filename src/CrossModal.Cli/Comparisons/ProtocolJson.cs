using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Comparisons;

/// <summary>What pages and results of comparisons state as JSON, generated at compile time; choices are numbers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ComparisonProtocol))]
[JsonSerializable(typeof(CellConfiguration))]
internal sealed partial class ProtocolJson : JsonSerializerContext
{
    /// <summary>A protocol as results and the description of a run state it.</summary>
    public static JsonNode NodeOf(ComparisonProtocol protocol) => JsonSerializer.SerializeToNode(protocol, Default.ComparisonProtocol)!;
}
