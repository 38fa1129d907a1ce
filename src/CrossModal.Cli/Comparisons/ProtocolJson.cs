using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CrossModal.Attention;
using CrossModal.Experiments.Plans;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tabletop.Camera;
using CrossModal.Tabletop.Language;
using CrossModal.Tabletop.Learning;
using CrossModal.Tabletop.Pretraining;

namespace CrossModal.Cli.Comparisons;

/// <summary>What pages and results of comparisons state as JSON: the kinds of the files of comparisons, but choices are numbers.</summary>
internal static class ProtocolJson
{
    private static readonly JsonTypeInfo<ComparisonProtocol> Protocol =
        (JsonTypeInfo<ComparisonProtocol>)Options(isIndented: false).GetTypeInfo(typeof(ComparisonProtocol));

    /// <summary>How they are written.</summary>
    public static JsonSerializerOptions Options(bool isIndented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = isIndented,
        TypeInfoResolver = ComparisonJson.Default,
        Converters =
        {
            new JsonNumberEnumConverter<AttentionKind>(), new JsonNumberEnumConverter<InstructionLanguage>(),
            new JsonNumberEnumConverter<LatentReadout>(), new JsonNumberEnumConverter<LatentStart>(),
            new JsonNumberEnumConverter<PolicyControl>(), new JsonNumberEnumConverter<PretrainingObjectives>(),
            new JsonNumberEnumConverter<SceneVariation>(), new JsonNumberEnumConverter<TokenReduction>(),
            new JsonNumberEnumConverter<VisualPositions>(),
        },
    };

    /// <summary>A protocol as results and the description of a run state it.</summary>
    public static JsonNode NodeOf(ComparisonProtocol protocol) => JsonSerializer.SerializeToNode(protocol, Protocol)!;
}
