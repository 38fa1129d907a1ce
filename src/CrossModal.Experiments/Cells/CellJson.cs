using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrossModal.Experiments.Cells;

/// <summary>The files of cells, generated at compile time; choices are written in words.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CellResult))]
[JsonSerializable(typeof(CellProgress))]
[JsonSerializable(typeof(CellFilms))]
internal sealed partial class CellJson : JsonSerializerContext;
