using System.Text.Json;
using System.Text.Json.Serialization;
using CrossModal.Experiments.Cells;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Comparisons;

/// <summary>What pages and results of comparisons state as JSON, generated at compile time; choices are numbers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ComparisonProtocol))]
[JsonSerializable(typeof(CellConfiguration))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
