using System.Text.Json.Nodes;
using CrossModal.Data;

namespace CrossModal.Datasets;

/// <summary>What <c>meta/info.json</c> and the tables of a LeRobot data set say about themselves.</summary>
internal static class LeRobotDescription
{
    /// <summary>States for pandas that the column <c>task</c> is the table's index, by which LeRobot looks tasks up.</summary>
    public const string PandasIndex =
        """{"index_columns": ["task"], "column_indexes": [{"name": null, "field_name": null, "pandas_type": "unicode", "numpy_type": "object", "metadata": {"encoding": "UTF-8"}}], "columns": [{"name": "task_index", "field_name": "task_index", "pandas_type": "int64", "numpy_type": "int64", "metadata": null}, {"name": "task", "field_name": "task", "pandas_type": "unicode", "numpy_type": "object", "metadata": null}], "creator": {"library": "pyarrow", "version": "22.0.0"}, "pandas_version": "2.2.0"}""";

    /// <summary>Where videos are.</summary>
    public const string VideoPath = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4";

    private static readonly (string Name, string Type)[] Bookkeeping =
        [("timestamp", "float32"), ("frame_index", "int64"), ("episode_index", "int64"), ("index", "int64"), ("task_index", "int64")];

    /// <summary>A feature of numbers.</summary>
    public static JsonObject Numbers(IReadOnlyList<Quantity> quantities) =>
        Feature("float32", [quantities.Count], new JsonArray([.. quantities.Select(q => (JsonNode)q.Name)]));

    /// <summary>A feature of pictures in the tables.</summary>
    public static JsonObject Pictures(int height, int width) =>
        Feature("image", [height, width, 3], new JsonArray("height", "width", "channels"));

    /// <summary>A feature of pictures in videos.</summary>
    public static JsonObject Video(int height, int width, double rate, string codec)
    {
        var feature = Feature("video", [height, width, 3], new JsonArray("height", "width", "channels"));
        feature["info"] = new JsonObject
        {
            ["video.height"] = height,
            ["video.width"] = width,
            ["video.codec"] = codec,
            ["video.pix_fmt"] = VideoEncoder.PixelsOf(width, height),
            ["video.is_depth_map"] = false,
            ["video.fps"] = Rate(rate),
            ["video.channels"] = 3,
            ["has_audio"] = false,
        };
        return feature;
    }

    /// <summary>The whole description.</summary>
    public static JsonObject Info(int episodes, long frames, int tasks, double rate, string dataPath, bool videos, JsonObject features)
    {
        foreach (var (name, type) in Bookkeeping) features[name] = Feature(type, [1], null);
        return new JsonObject
        {
            ["codebase_version"] = "v3.0",
            ["robot_type"] = "unknown",
            ["total_episodes"] = episodes,
            ["total_frames"] = frames,
            ["total_tasks"] = tasks,
            ["chunks_size"] = 1000,
            ["data_files_size_in_mb"] = 100,
            ["video_files_size_in_mb"] = 200,
            ["fps"] = Rate(rate),
            ["splits"] = new JsonObject { ["train"] = $"0:{episodes}" },
            ["data_path"] = dataPath,
            ["video_path"] = videos ? VideoPath : null,
            ["features"] = features,
        };
    }

    private static JsonValue Rate(double rate) => rate == Math.Floor(rate) ? JsonValue.Create((long)rate) : JsonValue.Create(rate);

    private static JsonObject Feature(string type, int[] shape, JsonArray? names) =>
        new() { ["dtype"] = type, ["shape"] = new JsonArray([.. shape.Select(s => (JsonNode)s)]), ["names"] = names };
}
