using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrossModal.Experiments.Plans;

/// <summary>The files of comparisons, generated at compile time; choices are written in words.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ComparisonResults))]
[JsonSerializable(typeof(ComparisonProtocol))]
[JsonSerializable(typeof(ComparisonTimes))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
