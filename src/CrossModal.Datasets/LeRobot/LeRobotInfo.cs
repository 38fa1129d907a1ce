using System.Text.Json;
using CrossModal.Data;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>A feature of a data set: numbers of every step, or pictures.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as written: <c>float32</c>, <c>video</c>, <c>image</c>.</param>
/// <param name="Shape">Extents of a step.</param>
/// <param name="Names">Names of the numbers of a step; null when they are not given one by one.</param>
internal sealed record LeRobotFeature(string Name, string Type, long[] Shape, string[]? Names)
{
    /// <summary>Whether it is a camera's.</summary>
    public bool IsCamera => Type is "video" or "image";

    /// <summary>Numbers of a step.</summary>
    public long Width => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>Names and units of the numbers of a step.</summary>
    public IReadOnlyList<Quantity> Quantities => Names is not null && Names.Length == Width && Names.Distinct().Count() == Names.Length
        ? [.. Names.Select(n => new Quantity(n, Quantity.UnknownUnit))]
            : Quantity.Numbered(Name[(Name.LastIndexOf('.') + 1)..], (int)Width);
}

/// <summary><c>meta/info.json</c> of a LeRobot data set.</summary>
internal sealed class LeRobotInfo
{
    /// <summary>Where it lies in a data set.</summary>
    public const string FileName = "meta/info.json";

    private const long LongestFile = 16 << 20;
    private const long WidestFeature = 1 << 16;
    private readonly string _path;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">It is damaged, or of a version that is not read.</exception>
    public LeRobotInfo(string path)
    {
        _path = path;
        if (new FileInfo(path).Length > LongestFile) throw new FileFormatException(path, "is larger than 16 MB");
        try
        {
            using var json = JsonDocument.Parse(JsonFile.Read(path));
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new FileFormatException(path, "holds no object");
            Version = Text(root, "codebase_version") ?? throw new FileFormatException(path, "has no \"codebase_version\"");
            if (!Version.StartsWith("v2.", StringComparison.Ordinal) && !Version.StartsWith("v3.", StringComparison.Ordinal))
                throw new FileFormatException(path, $"is of LeRobot {FileFormatException.Quote(Version)}; v2.0, v2.1 and v3.0 are read");
            if (root.TryGetProperty("fps", out var fps) && fps.ValueKind == JsonValueKind.Number && fps.TryGetDouble(out var rate)
                && rate > 0 && double.IsFinite(rate)) Rate = rate;
            TotalEpisodes = Whole(root, "total_episodes", 0);
            ChunkSize = Math.Max(1, Whole(root, "chunks_size", 1000));
            DataPath = new PathTemplate(Text(root, "data_path") ?? throw new FileFormatException(path, "has no \"data_path\""), path);
            VideoPath = Text(root, "video_path") is { } videos ? new PathTemplate(videos, path) : null;
            if (!root.TryGetProperty("features", out var features) || features.ValueKind != JsonValueKind.Object)
                throw new FileFormatException(path, "has no \"features\"");
            Features = [.. features.EnumerateObject().Select(Feature)];
        }
        catch (JsonException error)
        {
            throw new FileFormatException(path, Failure.Reason(error), error);
        }
        catch (InvalidOperationException error)
        {
            // Text that is not Unicode is reported as an invalid operation, when it is taken out.
            throw new FileFormatException(path, "holds a text that is not Unicode", error);
        }
    }

    /// <summary>The version, such as <c>v3.0</c>.</summary>
    public string Version { get; }

    /// <summary>Whether a file holds many episodes.</summary>
    public bool IsThird => Version.StartsWith("v3.", StringComparison.Ordinal);

    /// <summary>Steps a second, in Hz; null when the file does not say.</summary>
    public double? Rate { get; }

    /// <summary>Episodes of the whole data set.</summary>
    public long TotalEpisodes { get; }

    /// <summary>Episodes, or files, in a folder.</summary>
    public long ChunkSize { get; }

    /// <summary>Where tables of numbers lie.</summary>
    public PathTemplate DataPath { get; }

    /// <summary>Where videos lie; null when there are none.</summary>
    public PathTemplate? VideoPath { get; }

    /// <summary>All features, in the order of the file.</summary>
    public IReadOnlyList<LeRobotFeature> Features { get; }

    private LeRobotFeature Feature(JsonProperty feature)
    {
        if (feature.Value.ValueKind != JsonValueKind.Object) throw Wrong("is no object");
        var type = Text(feature.Value, "dtype") ?? throw Wrong("has no \"dtype\"");
        if (!feature.Value.TryGetProperty("shape", out var extents) || extents.ValueKind != JsonValueKind.Array)
            throw Wrong("has no \"shape\"");
        var shape = extents.EnumerateArray().Select(e =>
            e.ValueKind == JsonValueKind.Number && e.TryGetInt64(out var extent) && extent is >= 0 and <= WidestFeature ? extent
            : throw Wrong("has a \"shape\" that is none")).ToArray();
        var found = new LeRobotFeature(feature.Name, type, shape, feature.Value.TryGetProperty("names", out var names) ? Texts(names)
            : null);
        return shape.Length <= 4 && (found.IsCamera || found.Width <= WidestFeature) ? found
            : throw Wrong("has a \"shape\" that is too large");

        FileFormatException Wrong(string what) => new(_path, $"the feature {FileFormatException.Quote(feature.Name)} {what}");
    }

    /// <summary>Names are a list, a list in a list, or lists by kind: <c>{"motors": […]}</c>.</summary>
    private static string[]? Texts(JsonElement names) => names.ValueKind switch
    {
        JsonValueKind.String => [names.GetString()!],
        JsonValueKind.Array => [.. names.EnumerateArray().SelectMany(n => Texts(n) ?? [])],
        JsonValueKind.Object => [.. names.EnumerateObject().SelectMany(n => Texts(n.Value) ?? [])],
        _ => null,
    };

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Whole(JsonElement root, string name, long missing) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) ? whole
            : missing;
}
