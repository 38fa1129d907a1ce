using System.Text;
using System.Text.Json;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Where an episode's pictures of a camera lie: a file, and from which second.</summary>
internal readonly record struct VideoPlace(long Chunk, long File, double From);

/// <summary>What the metadata say of an episode.</summary>
/// <param name="Index">Its number in the data set.</param>
/// <param name="Length">Its steps.</param>
/// <param name="Task">The instruction; null when it is not said here.</param>
/// <param name="Videos">Where the pictures of each camera lie, in a data set of version 3.</param>
internal sealed record LeRobotEpisode(long Index, long Length, string? Task, IReadOnlyDictionary<string, VideoPlace> Videos);

/// <summary>The episodes and tasks that the metadata of a LeRobot data set list, whether or not their data are there.</summary>
internal static class LeRobotEpisodes
{
    private const long LongestFile = 256 << 20;

    /// <summary>Episodes by number; null when the metadata of episodes are not there.</summary>
    /// <exception cref="FileFormatException">A file is damaged.</exception>
    public static Dictionary<long, LeRobotEpisode>? Read(string folder, LeRobotInfo info, List<string> files)
    {
        var lines = Path.Combine(folder, "meta", "episodes.jsonl");
        if (File.Exists(lines)) return Lines(lines, files).ToDictionaryOfLast(e => e.Index);
        var tables = Path.Combine(folder, "meta", "episodes");
        if (!Directory.Exists(tables)) return null;
        var cameras = info.Features.Where(f => f.Type == "video").Select(f => f.Name).ToArray();
        var episodes = new Dictionary<long, LeRobotEpisode>();
        foreach (var path in Directory.GetFiles(tables, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            files.Add(path);
            foreach (var episode in Table(path, cameras)) episodes[episode.Index] = episode;
        }

        return episodes.Count == 0 ? null : episodes;
    }

    /// <summary>Tasks by number.</summary>
    /// <exception cref="FileFormatException">A file is damaged.</exception>
    public static Dictionary<long, string> Tasks(string folder, List<string> files)
    {
        var (lines, table) = (Path.Combine(folder, "meta", "tasks.jsonl"), Path.Combine(folder, "meta", "tasks.parquet"));
        if (File.Exists(lines))
            return Objects(lines, files).Select(o => (Number: Whole(o, "task_index", lines), Text: o.TryGetProperty("task", out var text)
                ? Text(text, lines) ?? "" : "")).ToDictionaryOfLast(t => t.Number, t => t.Text);
        if (!File.Exists(table)) return [];
        files.Add(table);
        using var parquet = new ParquetFile(table);
        var numbers = parquet.Read(parquet.Require("task_index"));

        // The text is an index of pandas, which has a name or not.
        var texts = parquet.Read(parquet.Find("task") ?? parquet.Require("__index_level_0__"));
        return Enumerable.Range(0, numbers.Rows).ToDictionaryOfLast(i => (long)Scalar(numbers, i, table, "task_index"), i =>
            texts.FirstBytes(i) is { } bytes ? Encoding.UTF8.GetString(bytes) : "");
    }

    /// <summary>The number of a row.</summary>
    /// <exception cref="FileFormatException">It has none.</exception>
    public static double Scalar(ParquetColumn column, int row, string file, string name) =>
        column.Numbers.Length > 0 && column.Row(row) is [var value] && double.IsFinite(value) ? value
            : throw new FileFormatException(file, $"'{name}' has no number in row {row}");

    private static IEnumerable<LeRobotEpisode> Lines(string path, List<string> files)
    {
        foreach (var line in Objects(path, files))
            yield return new LeRobotEpisode(Whole(line, "episode_index", path), Whole(line, "length", path),
                line.TryGetProperty("tasks", out var tasks) && tasks.ValueKind == JsonValueKind.Array && tasks.GetArrayLength() > 0
                    ? Text(tasks[0], path) : null,
                new Dictionary<string, VideoPlace>());
    }

    private static List<LeRobotEpisode> Table(string path, string[] cameras)
    {
        using var parquet = new ParquetFile(path);
        var (numbers, lengths) = (parquet.Read(parquet.Require("episode_index")), parquet.Read(parquet.Require("length")));
        var tasks = parquet.Find("tasks") is { } leaf ? parquet.Read(leaf) : null;
        var places = cameras.Where(c => parquet.Find($"videos/{c}/chunk_index") is not null)
            .Select(c => new CameraVideos(c, Video(c, "chunk_index"), Video(c, "file_index"), Video(c, "from_timestamp")))
            .ToList();
        return [.. Enumerable.Range(0, numbers.Rows).Select(i =>
            new LeRobotEpisode((long)Scalar(numbers, i, path, "episode_index"), (long)Scalar(lengths, i, path, "length"),
            tasks?.Bytes.Length > 0 && tasks.FirstBytes(i) is { } text ? Encoding.UTF8.GetString(text) : null,
            places.Where(p => p.From.Row(i) is [var from] && double.IsFinite(from))
                .ToDictionary(p => p.Camera, p => new VideoPlace(
                (long)Scalar(p.Chunk, i, path, "chunk_index"), (long)Scalar(p.File, i, path, "file_index"), p.From.Row(i)[0]))))];

        ParquetColumn Video(string camera, string name) => parquet.Read(parquet.Require($"videos/{camera}/{name}"));
    }

    private sealed record CameraVideos(string Camera, ParquetColumn Chunk, ParquetColumn File, ParquetColumn From);

    /// <summary>Objects of a file of JSON lines.</summary>
    private static IEnumerable<JsonElement> Objects(string path, List<string> files)
    {
        files.Add(path);
        if (new FileInfo(path).Length > LongestFile) throw new FileFormatException(path, "is larger than 256 MB");
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            JsonElement element;
            try
            {
                using var json = JsonDocument.Parse(line);
                element = json.RootElement.Clone();
            }
            catch (JsonException error)
            {
                throw new FileFormatException(path, $"line {number} is no JSON", error);
            }

            if (element.ValueKind != JsonValueKind.Object) throw new FileFormatException(path, $"line {number} holds no object");
            yield return element;
        }
    }

    private static string? Text(JsonElement element, string path)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException error)
        {
            throw new FileFormatException(path, "holds a text that is not Unicode", error);
        }
    }

    private static long Whole(JsonElement line, string name, string path) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole) ? whole
            : throw new FileFormatException(path, $"a line has no whole number \"{name}\"");

    private static Dictionary<long, T> ToDictionaryOfLast<T>(this IEnumerable<T> items, Func<T, long> key) =>
        items.ToDictionaryOfLast(key, item => item);

    private static Dictionary<long, TValue> ToDictionaryOfLast<T,
        TValue>(this IEnumerable<T> items, Func<T, long> key, Func<T, TValue> value)
    {
        var dictionary = new Dictionary<long, TValue>();
        foreach (var item in items) dictionary[key(item)] = value(item);
        return dictionary;
    }
}
