using System.Globalization;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>LeRobot data sets of versions 2.0, 2.1 and 3.0: tables in Parquet, pictures as videos or in the tables. What is there is read;
/// what the metadata list besides is noted as missing.</summary>
internal sealed class LeRobotSource : RecordingSource
{
    private static readonly string[] Bookkeeping = ["timestamp", "frame_index", "episode_index", "index", "task_index"];
    private static readonly string[] Actions = ["action", "actions"];
    private static readonly string[] States = ["observation.state", "state", "observation.states", "states"];
    private readonly LeRobotInfo _info;
    private readonly HashSet<string> _there;
    private readonly List<EpisodePlace> _places = [];
    private (string Path, ParquetFile File)? _open;

    /// <summary>Opens a folder.</summary>
    /// <exception cref="FileFormatException">A file is damaged, or no table of numbers is there.</exception>
    public LeRobotSource(string path)
        : base(path)
    {
        var description = In(LeRobotInfo.FileName);
        _info = new LeRobotInfo(description);
        Rate = _info.Rate;
        var files = new List<string> { description };
        _there = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(f => System.IO.Path.GetRelativePath(path, f).Replace(System.IO.Path.DirectorySeparatorChar, '/'))];
        try
        {
            var listed = LeRobotEpisodes.Read(path, _info, files);
            var tasks = LeRobotEpisodes.Tasks(path, files);
            foreach (var file in _there.Where(_info.DataPath.IsMatch).Order(StringComparer.Ordinal))
            {
                files.Add(In(file));
                var table = Open(file);
                foreach (var rows in DataFile.Episodes(table, In(file)))
                    _places.Add(new(rows, file, listed?.GetValueOrDefault(rows.Episode)));
            }

            if (_places.Count == 0) throw new FileFormatException(
                path, $"LeRobot {_info.Version}: none of the tables of numbers is there ({_info.DataPath.Fill(First)}); download the data set's folder 'data'");
            _places.Sort((a, b) => a.Rows.Episode.CompareTo(b.Rows.Episode));
            Cameras = [.. _info.Features.Where(f => f.IsCamera).Select(f => Camera(f, files)).OfType<CameraInfo>()];
            Episodes = [.. _places.Select((place, i) => Episode(i, place.Rows, place.Listed, tasks))];
            Columns = [.. _info.Features.Where(f => !f.IsCamera && !Bookkeeping.Contains(f.Name) && f.Type != "string" && f.Width > 0
                && IsThere(f.Name)).Select(f => new NumberColumn(f.Name, f.Quantities))];
            NoteAll(listed);
        }
        catch
        {
            _open?.File.Dispose();
            throw;
        }

        Files = [.. files.Distinct()];
        Action = [.. Actions.Where(n => Columns.Any(c => c.Name == n)).Take(1)];
        State = [.. States.Where(n => Columns.Any(c => c.Name == n)).Take(1)];
    }

    /// <inheritdoc/>
    public override string Format => $"LeRobot {_info.Version}";

    private static (string, object)[] First => [("chunk_index", 0L), ("file_index", 0L), ("episode_chunk", 0L), ("episode_index", 0L)];

    /// <inheritdoc/>
    public override float[][] Numbers(EpisodeInfo episode, string column)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var (rows, file, _) = _places[episode.Index];
        var width = Column(column).Quantities.Count;
        var table = Open(file);
        var values = table.Read(table.Require(column), rows.First, rows.Count);
        var numbers = new float[rows.Count][];
        for (var t = 0; t < numbers.Length; t++)
        {
            var row = values.Numbers.Length > 0 ? values.Row(t) : default;
            if (row.Length != width) throw new FileFormatException(
                In(file), $"'{column}' has {row.Length} numbers in row {rows.First + t}, {LeRobotInfo.FileName} says {width}");
            numbers[t] = new float[width];
            for (var d = 0; d < width; d++) numbers[t][d] = (float)row[d];
        }

        return numbers;
    }

    /// <inheritdoc/>
    public override IEnumerable<RgbImage> Frames(EpisodeInfo episode, string camera)
    {
        RequireCamera(episode, camera);
        return _info.Features.First(f => f.Name == camera).Type == "video" ? FromVideo(episode, camera) : FromTable(episode, camera);
    }

    /// <inheritdoc/>
    public override double[]? Times(EpisodeInfo episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var (rows, file, _) = _places[episode.Index];
        var table = Open(file);
        if (table.Find("timestamp") is not { } leaf) return null;
        var times = table.Read(leaf, rows.First, rows.Count);
        return [.. Enumerable.Range(0, rows.Count).Select(t => LeRobotEpisodes.Scalar(times, t, In(file), "timestamp"))];
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _open?.File.Dispose();
        base.Dispose();
    }

    private IEnumerable<RgbImage> FromTable(EpisodeInfo episode, string camera)
    {
        // A block at a time, so that memory does not grow with the length of an episode's pictures.
        const int Block = 64;
        var (rows, file, _) = _places[episode.Index];
        for (var first = 0; first < rows.Count; first += Block)
        {
            var table = Open(file);
            var count = Math.Min(Block, rows.Count - first);
            var bytes = table.Read(table.Find(camera, "bytes") ?? table.Require(camera), rows.First + first, count);
            var paths = table.Find(camera, "path") is { } leaf ? table.Read(leaf, rows.First + first, count) : null;
            for (var i = 0; i < count; i++)
            {
                var name = $"{In(file)}: '{camera}', row {rows.First + first + i}";
                if (bytes.Bytes.Length > 0 && bytes.FirstBytes(i) is { Length: > 0 } picture)
                    yield return Picture.Read(new MemoryStream(picture), name);
                else if (paths?.Bytes.Length > 0 && paths.FirstBytes(i) is { } text && System.Text.Encoding.UTF8.GetString(text) is var path
                    && _there.Contains(path)) yield return Picture.Read(In(path));
                else throw new FileFormatException(name, "has no picture");
            }
        }
    }

    /// <summary>The picture of each step: the one shown nearest to the step's time.</summary>
    private IEnumerable<RgbImage> FromVideo(EpisodeInfo episode, string camera)
    {
        var (path, from) = VideoOf(episode.Index, camera)!.Value;
        var video = Mp4File.Read(In(path));
        var times = Times(episode) ?? [.. Enumerable.Range(0, episode.Length).Select(t => t / (Rate ?? video.Rate))];
        var wanted = Array.ConvertAll(times, t => (long)Math.Round((from + t) * video.Rate, MidpointRounding.AwayFromZero));
        for (var t = 1; t < wanted.Length; t++)
            if (wanted[t] < wanted[t - 1]) throw new FileFormatException(
                In(_places[episode.Index].File), $"'timestamp' goes back at step {t} of {episode.Name}");
        if (wanted[0] < 0 || wanted[^1] >= video.Frames)
            throw new FileFormatException(
                In(path), $"holds {video.Frames} pictures, {episode.Name} needs number {wanted[^1]}: the video and the table do not belong together");
        var (next, number) = (0, wanted[0]);
        foreach (var picture in Ffmpeg.Decode(In(path), wanted[0] > 0 ? (wanted[0] - 0.5) / video.Rate : 0))
        {
            for (; next < wanted.Length && wanted[next] == number; next++) yield return picture;
            if (next == wanted.Length) yield break;
            number++;
        }

        throw new FileFormatException(In(path), $"ends before step {next} of {episode.Name}: it was cut short");
    }

    /// <summary>The file of an episode's pictures that is there, and from which second; null when it is not there.</summary>
    private (string Path, double From)? VideoOf(int index, string camera)
    {
        var (rows, _, listed) = _places[index];
        if (_info.VideoPath is not { } template) return null;
        var (path, from) = ("", 0.0);
        if (!_info.IsThird) path = template.Fill(("episode_chunk", rows.Episode / _info.ChunkSize), ("episode_index", rows.Episode),
            ("video_key", camera));
        else if (listed is not null && listed.Videos.TryGetValue(camera, out var place))
            (path, from) = (template.Fill(("chunk_index", place.Chunk), ("file_index", place.File), ("video_key", camera)), place.From);
        return _there.Contains(path) ? (path, from) : null;
    }

    private EpisodeInfo Episode(int index, EpisodeRows rows, LeRobotEpisode? listed, Dictionary<long, string> tasks)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"episode_{rows.Episode:000000}");
        if (listed is not null && listed.Length != rows.Count)
            throw new FileFormatException(In(_places[index].File),
                $"holds {rows.Count} steps of episode {rows.Episode}, the metadata say {listed.Length}");
        var cameras = Cameras.Where(c => _info.Features.First(f => f.Name == c.Name).Type == "image" || VideoOf(index, c.Name) is not null)
            .Select(c => c.Name);
        return new EpisodeInfo(index, name, rows.Count, listed?.Task ?? tasks.GetValueOrDefault(rows.Task, ""), [.. cameras]);
    }

    /// <summary>Describes a camera by the first of its pictures that is there; null when there is none.</summary>
    private CameraInfo? Camera(LeRobotFeature feature, List<string> files)
    {
        if (feature.Type == "image")
        {
            var (rows, file, _) = _places[0];
            var table = Open(file);
            if ((table.Find(feature.Name, "bytes") ?? table.Find(feature.Name)) is not { } leaf) return null;
            var bytes = table.Read(leaf, rows.First, 1).FirstBytes(0);
            if (bytes is null) return null;
            var picture = Picture.Read(new MemoryStream(bytes), $"{In(file)}: '{feature.Name}', row {rows.First}");
            return new CameraInfo(feature.Name, picture.Width, picture.Height, bytes[0] == 0xFF ? "JPEG" : "PNG") { Rate = Rate };
        }

        var places = Enumerable.Range(0, _places.Count).Select(i => VideoOf(i, feature.Name)?.Path).OfType<string>().Distinct().ToList();
        files.AddRange(places.Select(In));
        if (places.Count == 0) return null;
        var video = Mp4File.Read(In(places[0]));
        return new CameraInfo(feature.Name, video.Width, video.Height, video.Codec) { Rate = video.Rate };
    }

    private bool IsThere(string column) => Open(_places[0].File).Find(column) is { } leaf
        && leaf.Type is not (ParquetType.ByteArray or ParquetType.FixedByteArray);

    private void NoteAll(Dictionary<long, LeRobotEpisode>? listed)
    {
        if (listed is null) NoteMissing("the list of episodes (meta/episodes): episodes are taken from the tables of numbers");
        var here = _places.Select(p => p.Rows.Episode).ToHashSet();
        var gone = listed is null ? (int)Math.Clamp(_info.TotalEpisodes - here.Count, 0, int.MaxValue)
            : listed.Keys.Count(e => !here.Contains(e));
        if (gone > 0) NoteMissing($"tables of numbers of {gone} of {gone + here.Count} episodes; there: {Ranges(here)}");
        foreach (var feature in _info.Features.Where(f => f.IsCamera))
        {
            var without = Episodes.Where(e => !e.Cameras.Contains(feature.Name)).Select(e => _places[e.Index].Rows.Episode).ToList();
            if (without.Count == 0) continue;
            NoteMissing(without.Count == Episodes.Count
                ? $"all pictures of the camera {feature.Name} (see \"video_path\" in {LeRobotInfo.FileName})"
                : $"pictures of the camera {feature.Name} of episodes {Ranges(without)}");
        }

        foreach (var feature in _info.Features.Where(f => !f.IsCamera && f.Type != "string" && !IsThere(f.Name)))
            NoteMissing($"the numbers '{feature.Name}', which {LeRobotInfo.FileName} lists");
    }

    /// <summary>Numbers as ranges: <c>0–3, 7</c>; the first few of them.</summary>
    private static string Ranges(IEnumerable<long> numbers)
    {
        const int Most = 8;
        var ranges = new List<(long First, long Last)>();
        foreach (var number in numbers.Order())
            if (ranges.Count > 0 && ranges[^1].Last == number - 1) ranges[^1] = (ranges[^1].First, number);
            else ranges.Add((number, number));
        return string.Join(", ", ranges.Take(Most).Select(r => r.First == r.Last ? $"{r.First}" : $"{r.First}–{r.Last}"))
            + (ranges.Count > Most ? ", …" : "");
    }

    private ParquetFile Open(string file)
    {
        if (_open is { } open && open.Path == file) return open.File;
        _open?.File.Dispose();
        _open = null;
        var opened = new ParquetFile(In(file));
        _open = (file, opened);
        return opened;
    }

    private string In(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>An episode's rows of a table, and what the metadata list of it.</summary>
    private sealed record EpisodePlace(EpisodeRows Rows, string File, LeRobotEpisode? Listed);
}
