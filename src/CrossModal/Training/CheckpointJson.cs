using System.Text.Json.Serialization;

namespace CrossModal.Training;

/// <summary>How checkpoints are described in JSON, generated at compile time.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CheckpointInfo))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
