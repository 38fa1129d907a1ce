using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrossModal.Imitation;

/// <summary>How learning from recordings is described in JSON, generated at compile time.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(HoldOut))]
[JsonSerializable(typeof(RecordedConfiguration))]
internal sealed partial class ImitationJson : JsonSerializerContext;
