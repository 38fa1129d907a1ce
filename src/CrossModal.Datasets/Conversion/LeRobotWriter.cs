using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>Writes recordings as a LeRobot data set of version 3.0: pictures as PNG in the tables, without loss, or as a video of each
/// episode and camera, with loss.</summary>
public sealed class LeRobotWriter
{
    /// <summary>Names of cameras begin so.</summary>
    internal const string CameraPrefix = "observation.images.";

    private const string ActionName = "action";
    private const string StateName = "observation.state";
    private const string DataPath = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
    private const long LargestFile = 100_000_000;
    private const int FilesInChunk = 1000;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private readonly RecordingSource _source;
    private readonly DataChoice _choice;
    private readonly double _rate;
    private readonly bool _videos;
    private readonly IReadOnlyList<Quantity> _actions;
    private readonly IReadOnlyList<Quantity> _states;
    private readonly Dictionary<string, int> _tasks = [];
    private readonly Dictionary<string, ColumnStatistics> _statistics = [];
    private readonly List<Entry> _episodes = [];
    private readonly Dictionary<string, (int Height, int Width)> _sizes = [];
    private long _frames;

    private LeRobotWriter(RecordingSource source, DataChoice choice, double rate, bool videos)
    {
        (_source, _choice, _rate, _videos) = (source, choice, rate, videos);
        (_actions, _states) = (TrainingEpisodes.Distinct(source.Quantities(choice.Action)),
            TrainingEpisodes.Distinct(source.Quantities(choice.State)));
    }

    private sealed record Entry(string Task, int Length, int Chunk, int File, long From, ColumnStatistics Action);

    /// <summary>Writes a data set.</summary>
    /// <param name="source">The data set.</param>
    /// <param name="choice">What of it.</param>
    /// <param name="folder">The new folder; written beside and renamed.</param>
    /// <param name="rate">Steps a second, in Hz; null for the data set's own.</param>
    /// <param name="videos">Whether pictures become videos, by an installed <c>ffmpeg</c>: a tenth of the size or less, and not equal to
    /// what was read.</param>
    /// <param name="written">Called after each episode with how many are written; null for nobody.</param>
    /// <param name="cancellation">Stops; nothing is left.</param>
    /// <exception cref="ArgumentException">No rate is known.</exception>
    /// <exception cref="FileFormatException">Something that is read is damaged, or an episode has no instruction.</exception>
    /// <exception cref="IOException">The folder is there already, or cannot be written; or videos are wanted and <c>ffmpeg</c> is not
    /// installed.</exception>
    public static void Write(RecordingSource source, DataChoice choice, string folder, double? rate = null, bool videos = false,
        Action<int>? written = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(choice);
        var hertz = rate ?? source.Rate ?? throw new ArgumentException(
            $"{source.Path} does not say how many steps a second it has, which LeRobot needs; give --rate (Hz)");
        if (videos) _ = VideoEncoder.Codec;
        WholeFolder.Write(folder, beside => new LeRobotWriter(source, choice, hertz, videos).Write(beside, written, cancellation));
    }

    private static string CameraName(string camera) =>
        camera.StartsWith(CameraPrefix, StringComparison.Ordinal) ? camera : CameraPrefix + camera;

    private void Write(string folder, Action<int>? written, CancellationToken cancellation)
    {
        var (number, stream, writer) = (0, (FileStream?)null, (ParquetWriter?)null);
        try
        {
            foreach (var episode in _choice.Episodes(_source))
            {
                if (stream is null)
                {
                    var path = Path.Combine(folder, new PathTemplate(DataPath, "")
                        .Fill(("chunk_index", (long)(number / FilesInChunk)), ("file_index", (long)(number % FilesInChunk))));
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
                    writer = new ParquetWriter(stream, Fields());
                }

                Episode(folder, episode, writer!, number, cancellation);
                written?.Invoke(_episodes.Count);
                if (stream.Position < LargestFile) continue;
                End();
                number++;
            }

            End();
        }
        finally
        {
            stream?.Dispose();
        }

        Metadata(folder);

        void End()
        {
            writer?.Finish();
            stream?.Dispose();
            (stream, writer) = (null, null);
        }
    }

    private List<ParquetField> Fields() =>
    [
        new(ActionName, ParquetKind.Floats), .. _choice.State.Count > 0 ? [new(StateName, ParquetKind.Floats)] : (ParquetField[])[],
        .. _videos ? [] : _choice.Cameras.Select(c => new ParquetField(CameraName(c), ParquetKind.Picture)),
        new("timestamp", ParquetKind.Float), new("frame_index", ParquetKind.Int64), new("episode_index", ParquetKind.Int64),
            new("index", ParquetKind.Int64), new("task_index", ParquetKind.Int64),
    ];

    /// <summary>Writes an episode as a row group.</summary>
    private void Episode(string folder, EpisodeInfo episode, ParquetWriter writer, int file, CancellationToken cancellation)
    {
        var task = TrainingEpisodes.InstructionOf(_source, episode, _choice);
        var (steps, index) = (episode.Length, _episodes.Count);
        _tasks.TryAdd(task, _tasks.Count);
        var own = new ColumnStatistics(_actions.Count);
        List<Array> columns = [Numbers(episode, _choice.Action, ActionName, own)];
        if (_choice.State.Count > 0) columns.Add(Numbers(episode, _choice.State, StateName, null));
        foreach (var camera in _choice.Cameras)
        {
            if (_videos) Video(folder, episode, camera, cancellation);
            else columns.Add(Stored(episode, camera, cancellation));
        }

        columns.Add(Array.ConvertAll([.. Enumerable.Range(0, steps)], t => (float)(t / _rate)));
        columns.AddRange(Whole(t => t), Whole(_ => index), Whole(t => _frames + t), Whole(_ => _tasks[task]));
        writer.Write(columns);
        _episodes.Add(new Entry(task, steps, file / FilesInChunk, file % FilesInChunk, _frames, own));
        _frames += steps;

        long[] Whole(Func<int, long> value) => [.. Enumerable.Range(0, steps).Select(value)];
    }

    private float[][] Numbers(EpisodeInfo episode, IReadOnlyList<string> columns, string name, ColumnStatistics? own)
    {
        var rows = TrainingEpisodes.Finite(_source, episode, columns);
        if (!_statistics.TryGetValue(name, out var all)) _statistics[name] = all = new ColumnStatistics(rows[0].Length);
        foreach (var row in rows)
        {
            var values = Array.ConvertAll(row, v => (double)v);
            all.Add(values);
            own?.Add(values);
        }

        return rows;
    }

    private (byte[] Bytes, string Path)[] Stored(EpisodeInfo episode, string camera, CancellationToken cancellation)
    {
        var pictures = new List<(byte[], string)>();
        foreach (var picture in Pictures(episode, camera, cancellation))
        {
            using var png = new MemoryStream();
            Png.Write(png, picture);
            pictures.Add((png.ToArray(), $"frame-{pictures.Count:000000}.png"));
        }

        return [.. pictures];
    }

    /// <summary>Writes an episode's video of a camera; each has a file of its own.</summary>
    private void Video(string folder, EpisodeInfo episode, string camera, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, new PathTemplate(LeRobotDescription.VideoPath, "").Fill(("video_key", CameraName(camera)),
            ("chunk_index", (long)(_episodes.Count / FilesInChunk)), ("file_index", (long)(_episodes.Count % FilesInChunk))));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        VideoEncoder? encoder = null;
        try
        {
            foreach (var picture in Pictures(episode, camera, cancellation))
                (encoder ??= new VideoEncoder(path, picture.Width, picture.Height, _rate)).Add(picture);
            encoder?.Finish();
        }
        finally
        {
            encoder?.Dispose();
        }
    }

    /// <summary>The pictures of an episode, which are counted in statistics, and of one size in all episodes.</summary>
    private IEnumerable<RgbImage> Pictures(EpisodeInfo episode, string camera, CancellationToken cancellation)
    {
        var (name, count) = (CameraName(camera), 0);
        if (!_statistics.TryGetValue(name, out var all)) _statistics[name] = all = new ColumnStatistics(RgbImage.Channels);
        var pixel = new double[RgbImage.Channels];
        foreach (var picture in _source.Frames(episode, camera))
        {
            cancellation.ThrowIfCancellationRequested();
            var size = (picture.Height, picture.Width);
            if (!_sizes.TryAdd(name, size) && _sizes[name] != size)
                throw new FileFormatException(
                    _source.Path, $"{episode.Name} has a picture of {picture.Width}×{picture.Height} of {camera}, others have {_sizes[name].Width}×{_sizes[name].Height}");
            for (var at = 0; at < picture.Pixels.Length; at += RgbImage.Channels)
            {
                for (var c = 0; c < RgbImage.Channels; c++) pixel[c] = picture.Pixels[at + c] / 255.0;
                all.Add(pixel);
            }

            count++;
            yield return picture;
        }

        if (count != episode.Length)
            throw new FileFormatException(_source.Path, $"{episode.Name} has {count} pictures of {camera} for {episode.Length} steps");
    }

    private void Metadata(string folder)
    {
        var meta = Directory.CreateDirectory(Path.Combine(folder, "meta")).FullName;
        Table(Path.Combine(meta, "tasks.parquet"), [new("task_index", ParquetKind.Int64), new("task", ParquetKind.Text)],
            [_tasks.Values.Select(v => (long)v).ToArray(), _tasks.Keys.ToArray()], ("pandas", LeRobotDescription.PandasIndex));
        long[] All(Func<Entry, long> value) => [.. _episodes.Select(value)];
        var statistics = _episodes.Select(e => e.Action).ToList();
        Table(Path.Combine(meta, "episodes", "chunk-000", "file-000.parquet"),
            [
                new("episode_index", ParquetKind.Int64), new("tasks", ParquetKind.Texts), new("length", ParquetKind.Int64),
                    new("data/chunk_index", ParquetKind.Int64), new("data/file_index", ParquetKind.Int64),
                new("dataset_from_index", ParquetKind.Int64), new("dataset_to_index", ParquetKind.Int64),
                    new("meta/episodes/chunk_index", ParquetKind.Int64), new("meta/episodes/file_index", ParquetKind.Int64),
                new("stats/action/min", ParquetKind.Doubles), new("stats/action/max", ParquetKind.Doubles),
                    new("stats/action/mean", ParquetKind.Doubles), new("stats/action/std", ParquetKind.Doubles), .. VideoFields(),
            ],
            [
                Enumerable.Range(0, _episodes.Count).Select(i => (long)i).ToArray(), _episodes.Select(e => new[] { e.Task }).ToArray(),
                    All(e => e.Length), All(e => e.Chunk), All(e => e.File),
                All(e => e.From), All(e => e.From + e.Length), All(_ => 0), All(_ => 0),
                statistics.Select(s => s.Least).ToArray(), statistics.Select(s => s.Most).ToArray(),
                    statistics.Select(s => s.Mean).ToArray(), statistics.Select(s => s.Deviation).ToArray(), .. VideoColumns(),
            ]);
        var stats = new JsonObject();
        foreach (var (name, values) in _statistics) stats[name] =
            values.ToJson(v => _sizes.ContainsKey(name) ? new JsonArray(new JsonArray(v)) : JsonValue.Create(v));
        File.WriteAllText(Path.Combine(meta, "stats.json"), stats.ToJsonString(Json));
        var features = new JsonObject { [ActionName] = LeRobotDescription.Numbers(_actions) };
        if (_choice.State.Count > 0) features[StateName] = LeRobotDescription.Numbers(_states);
        foreach (var (name, size) in _sizes) features[name] = _videos
            ? LeRobotDescription.Video(size.Height, size.Width, _rate, VideoEncoder.Codec)
                : LeRobotDescription.Pictures(size.Height, size.Width);
        File.WriteAllText(Path.Combine(meta, "info.json"),
            LeRobotDescription.Info(_episodes.Count, _frames, _tasks.Count, _rate, DataPath, _videos, features).ToJsonString(Json));
    }

    /// <summary>Where each episode's videos are, in the table of episodes.</summary>
    private List<ParquetField> VideoFields()
    {
        var fields = new List<ParquetField>();
        foreach (var camera in _videos ? _choice.Cameras : [])
        {
            var video = $"videos/{CameraName(camera)}/";
            fields.AddRange(new(video + "chunk_index", ParquetKind.Int64), new(video + "file_index", ParquetKind.Int64),
                new(video + "from_timestamp", ParquetKind.Float), new(video + "to_timestamp", ParquetKind.Float));
        }

        return fields;
    }

    private Array[] VideoColumns()
    {
        if (!_videos) return [];
        var files = Enumerable.Range(0, _episodes.Count).ToArray();
        Array[] columns = [Array.ConvertAll(files, f => (long)(f / FilesInChunk)), Array.ConvertAll(files, f => (long)(f % FilesInChunk)),
            new float[files.Length], _episodes.Select(e => (float)(e.Length / _rate)).ToArray()];
        return [.. _choice.Cameras.SelectMany(_ => columns)];
    }

    private static void Table(string path, IReadOnlyList<ParquetField> fields, IReadOnlyList<Array> columns,
        params IReadOnlyList<(string, string)> metadata)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var writer = new ParquetWriter(stream, fields);
        writer.Write(columns);
        writer.Finish(metadata);
    }
}
