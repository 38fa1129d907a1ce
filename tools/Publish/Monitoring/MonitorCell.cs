using System.Text.Encodings.Web;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Publish.Monitoring;

/// <summary>How often a policy succeeded.</summary>
internal sealed record RolloutCount(string Task, string Condition, int Episodes, int Successes);

/// <summary>Area of a detector on the episodes of one task.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Task">The task.</param>
/// <param name="Unseen">Whether the detector learned from other tasks only.</param>
/// <param name="Condition">Circumstances of the failures; <c>all</c> for any.</param>
/// <param name="Time">Share of the step limit, or after <c>s</c> of the steps of the success of a pair: <c>0.5</c>, <c>s0.5</c>.</param>
/// <param name="Area">Area under the receiver operating characteristic, lengths matched; mean over the detector's seeds.</param>
/// <param name="Spread">Its standard deviation when episodes are drawn with replacement.</param>
internal sealed record DetectionArea(string Detector, string Task, bool Unseen, string Condition, string Time, double Area, double Spread);

/// <summary>What a threshold does.</summary>
/// <param name="Alpha">α.</param>
/// <param name="Seed">Seed of the monitor.</param>
/// <param name="Unseen">Whether monitor and threshold come from other tasks only; false when all tasks were seen.</param>
/// <param name="Task">The task; <c>all</c>.</param>
/// <param name="Successes">Successes used neither for training nor for calibration.</param>
/// <param name="FalseStops">How many of them were stopped.</param>
/// <param name="Failures">Failures not used for training.</param>
/// <param name="Stopped">How many of them were stopped.</param>
/// <param name="MeanTime">Mean share of the step limit at which those were stopped.</param>
/// <param name="Own">Successes of the task itself that the threshold is from; 0 when it is from those of the tasks seen.</param>
internal sealed record StopCount(double Alpha, int Seed, bool Unseen, string Task, int Successes, int FalseStops, int Failures, int Stopped,
    double MeanTime, int Own = 0);

/// <summary>Successes with guidance.</summary>
internal sealed record GuidanceCount(double Strength, string Task, string Split, int Episodes, int Successes);

/// <summary>All that was measured of a policy.</summary>
internal sealed record MonitorCell
{
    /// <summary>The format of the file.</summary>
    public const string CurrentSchema = "crossmodal-monitor-cell/1";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The format it was written in.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Its row in the main table of results: <c>cross-attention-4</c>.</summary>
    public required string Row { get; init; }

    /// <summary>Start of the digest of its weights.</summary>
    public required string Weights { get; init; }

    /// <summary>Episodes of each task and circumstances, and seeds of the detectors.</summary>
    public required int Episodes { get; init; }

    /// <summary>Seeds of the detectors.</summary>
    public required int Seeds { get; init; }

    /// <summary>How often the policy succeeded.</summary>
    public List<RolloutCount> Rollouts { get; init; } = [];

    /// <summary>Areas.</summary>
    public List<DetectionArea> Areas { get; init; } = [];

    /// <summary>Thresholds.</summary>
    public List<StopCount> Stops { get; init; } = [];

    /// <summary>Guidance.</summary>
    public List<GuidanceCount> Guidance { get; init; } = [];

    /// <summary>The file of a policy in a folder.</summary>
    public static string PathOf(string folder, string policy) => Path.Combine(folder, $"{policy}.json");

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string folder) => AtomicFile.Write(PathOf(folder, Policy), stream =>
    {
        JsonSerializer.Serialize(stream, this, Json);
        stream.WriteByte((byte)'\n');
    });

    /// <summary>Reads the cells in a folder, in the order of their names.</summary>
    /// <exception cref="FileFormatException">A file is damaged.</exception>
    public static IReadOnlyList<MonitorCell> ReadAll(string folder) => !Directory.Exists(folder) ? []
        : [.. Directory.EnumerateFiles(folder, "*.json")
            .Where(f => Path.GetFileName(f) is not (MonitorTime.FileName or SettingsStudy.FileName))
            .Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>Reads a cell.</summary>
    /// <exception cref="FileFormatException">The file is damaged.</exception>
    public static MonitorCell Read(string path)
    {
        try
        {
            var cell = JsonSerializer.Deserialize<MonitorCell>(JsonFile.Read(path), Json);
            return cell is { Schema: CurrentSchema } ? cell : throw new FileFormatException(path, $"is no {CurrentSchema} file");
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, $"is damaged: {Failure.Reason(error)}", error);
        }
    }
}
