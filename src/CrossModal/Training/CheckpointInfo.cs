using System.Reflection;
using System.Text.Json.Nodes;

namespace CrossModal.Training;

/// <summary>What a checkpoint says about the run it was taken from: the content of <c>training.json</c>.</summary>
internal sealed record CheckpointInfo
{
    /// <summary>Steps done.</summary>
    public required int Step { get; init; }

    /// <summary>Seed of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Samples per step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Gradient shards per step.</summary>
    public required int Shards { get; init; }

    /// <summary>Most samples of a shard computed at a time; null for all.</summary>
    public int? PartSize { get; init; }

    /// <summary>Whatever describes the run: the model's and the optimiser's settings, the data.</summary>
    public JsonNode? Configuration { get; init; }

    /// <summary>File of the losses so far, relative to the run's folder.</summary>
    public string? Losses { get; init; }

    /// <summary>Version of the library that wrote the checkpoint.</summary>
    public string Library { get; init; } =
        typeof(CheckpointInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
