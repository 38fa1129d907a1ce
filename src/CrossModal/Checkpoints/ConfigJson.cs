using System.Text.Json.Serialization;
using CrossModal.Models;

namespace CrossModal.Checkpoints;

/// <summary>The published configurations, generated at compile time.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PublishedKind))]
[JsonSerializable(typeof(PreprocessorConfig))]
[JsonSerializable(typeof(ProcessorConfig))]
[JsonSerializable(typeof(BertModelConfig))]
[JsonSerializable(typeof(ClipConfig))]
[JsonSerializable(typeof(BlipConfig))]
[JsonSerializable(typeof(ViltConfig))]
[JsonSerializable(typeof(LxmertConfig))]
[JsonSerializable(typeof(QFormerConfig))]
[JsonSerializable(typeof(Blip2Config))]
internal sealed partial class ConfigJson : JsonSerializerContext;
