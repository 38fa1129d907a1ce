using System.Text.Json;
using System.Text.Json.Serialization;
using CrossModal.Experiments.Plans;

namespace CrossModal.Experiments.Cells;

/// <summary>The files of experiments, generated at compile time; choices are written in words.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CellResult))]
[JsonSerializable(typeof(CellProgress))]
[JsonSerializable(typeof(CellFilms))]
[JsonSerializable(typeof(ComparisonResults))]
[JsonSerializable(typeof(ComparisonProtocol))]
internal sealed partial class ExperimentJson : JsonSerializerContext;
