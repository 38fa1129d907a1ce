using System.Text;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>RLDS data sets in TFRecord files, a record an episode: features named <c>steps/action</c>, <c>steps/observation/…</c>,
/// <c>steps/language_instruction</c>.</summary>
internal sealed class RldsSource : RecordingSource
{
    private const string Steps = "steps/";
    private const string Observation = "observation/";
    private const string ActionName = "action";
    private static readonly string[] Marks = ["is_first", "is_last", "is_terminal", "reward", "discount"];
    private static readonly string[] Instructions =
        ["language_instruction", "observation/natural_language_instruction", "natural_language_instruction", "observation/instruction"];
    private static readonly string[] States = ["observation/state", "observation/proprio"];
    private readonly List<(string File, long Start)> _places = [];

    /// <summary>Opens TFRecord files and lists their episodes; every record's checksum is checked.</summary>
    /// <exception cref="FileFormatException">One is damaged, or holds no episodes.</exception>
    public RldsSource(string path, IReadOnlyList<string> files)
        : base(path)
    {
        Files = files;
        var (episodes, columns, cameras) = (new List<EpisodeInfo>(), new List<NumberColumn>(), new List<CameraInfo>());
        foreach (var file in files)
        {
            var index = 0;
            foreach (var (start, record) in RecordFile.Read(file))
            {
                var example = new Example(record, $"{file}: record {index}");
                var name = $"{System.IO.Path.GetFileName(file)}_{index++:0000}";
                var steps = Length(example, file, name);
                if (steps == 0)
                {
                    NoteMissing($"{name}: it has no steps");
                    continue;
                }

                var numbers = NumbersOf(example, steps);
                if (episodes.Count == 0) columns.AddRange(numbers);
                else columns.RemoveAll(c => !numbers.Exists(n => n.Name == c.Name && n.Quantities.Count == c.Quantities.Count));
                var seen = CamerasOf(example, steps);
                foreach (var camera in seen.Where(s => cameras.TrueForAll(c => c.Name != s)))
                    cameras.Add(Describe(example, camera, $"{file}: {name}"));
                episodes.Add(new EpisodeInfo(episodes.Count, name, steps, Instruction(example), seen));
                _places.Add((file, start));
            }
        }

        if (episodes.Count == 0) throw new FileFormatException(path, "holds no record of an episode (RLDS: 'steps/action')");
        (Episodes, Columns, Cameras) = (episodes, columns, cameras);
        Action = [.. columns.Select(c => c.Name).Where(n => n == ActionName || n.StartsWith(ActionName + "/", StringComparison.Ordinal))];
        State = [.. States.Where(s => columns.Exists(c => c.Name == s)).Take(1)];
        if (System.IO.Path.GetDirectoryName(files[0]) is { } folder) Shards(folder, files);
    }

    /// <inheritdoc/>
    public override string Format => "RLDS (TFRecord)";

    /// <inheritdoc/>
    public override float[][] Numbers(EpisodeInfo episode, string column)
    {
        var width = Column(column).Quantities.Count;
        var example = Read(episode, out var name);
        var values = example.Find(Steps + column)?.Singles() ?? throw new FileFormatException(name, $"has no '{column}' any more");
        return values.Length == (long)width * episode.Length ? [.. values.Chunk(width)]
            : throw new FileFormatException(name, $"has {values.Length} numbers of '{column}' for {episode.Length} steps");
    }

    /// <inheritdoc/>
    public override IEnumerable<RgbImage> Frames(EpisodeInfo episode, string camera)
    {
        RequireCamera(episode, camera);
        var example = Read(episode, out var name);
        for (var t = 0; t < episode.Length; t++)
            yield return Picture.Read(new MemoryStream(Value(example, camera, t, name)), $"{name}: {camera}, step {t}");
    }

    private static byte[] Value(Example example, string camera, int step, string name) =>
        example.Find(Steps + Observation + camera)?.Bytes(step)
            ?? throw new FileFormatException(name, $"has no picture of '{camera}' at step {step}");

    private Example Read(EpisodeInfo episode, out string name)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var (file, start) = _places[episode.Index];
        name = $"{file}: {episode.Name}";
        return new Example(RecordFile.Read(file, start), name);
    }

    /// <summary>Steps: as many as there are marks of the first one, or else instructions or pictures.</summary>
    private static int Length(Example example, string file, string name)
    {
        foreach (var mark in Marks.Concat(Instructions))
            if (example.Find(Steps + mark) is { } found) return found.Count();
        var bytes = example.Names.Where(n => n.StartsWith(Steps, StringComparison.Ordinal)).Select(n => example.Find(n)!)
            .FirstOrDefault(f => f.Kind == FeatureKind.Bytes);
        if (bytes is not null) return bytes.Count();
        return example.Names.Any(n => n.StartsWith(Steps, StringComparison.Ordinal))
            ? throw new FileFormatException(file, $"{name}: nothing says how many steps it has ('steps/is_first')")
            : throw new FileFormatException(
                file, $"is TFRecord, but its records are no episodes of RLDS: they have no features 'steps/…', but {string.Join(", ", example.Names.Take(8).Select(n => FileFormatException.Quote(n)))}");
    }

    private static List<NumberColumn> NumbersOf(Example example, int steps)
    {
        var columns = new List<NumberColumn>();
        foreach (var full in example.Names.Where(n => n.StartsWith(Steps, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var (name, feature) = (full[Steps.Length..], example.Find(full)!);
            if (feature.Kind == FeatureKind.Bytes) continue;
            var count = feature.Count();
            if (count > 0 && count % steps == 0) columns.Add(
                new NumberColumn(name, Quantity.Numbered(name[(name.LastIndexOf('/') + 1)..], count / steps)));
        }

        return columns;
    }

    private static List<string> CamerasOf(Example example, int steps)
    {
        var cameras = new List<string>();
        foreach (var full in example.Names.Where(n => n.StartsWith(Steps + Observation, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            var feature = example.Find(full)!;
            if (feature.Kind != FeatureKind.Bytes || feature.Count() != steps || feature.Bytes(0) is not { } first || !IsPicture(first))
                continue;
            cameras.Add(full[(Steps.Length + Observation.Length)..]);
        }

        return cameras;
    }

    private static bool IsPicture(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']);

    private static CameraInfo Describe(Example example, string camera, string name)
    {
        var bytes = Value(example, camera, 0, name);
        var picture = Picture.Read(new MemoryStream(bytes), $"{name}: {camera}, step 0");
        return new CameraInfo(camera, picture.Width, picture.Height, bytes[0] == 0xFF ? "JPEG" : "PNG");
    }

    private static string Instruction(Example example) =>
        Instructions.Select(n => Steps + n).Append("episode_metadata/language_instruction").Select(example.Find)
            .FirstOrDefault(f => f?.Kind == FeatureKind.Bytes)?.Bytes(0) is { } text ? Encoding.UTF8.GetString(text) : "";

    /// <summary>Notes the shards that the files' own names count but that are not there:
    /// <c>name-train.tfrecord-00000-of-00002</c>.</summary>
    private void Shards(string folder, IReadOnlyList<string> files)
    {
        const int Digits = 5;
        foreach (var group in files.Select(System.IO.Path.GetFileName).OfType<string>()
            .Where(n => n.Length > 2 * Digits + 4 && n[^(Digits + 4)..^Digits] == "-of-")
            .GroupBy(n => (Start: n[..^(2 * Digits + 4)], Of: n[^Digits..])))
        {
            if (!int.TryParse(group.Key.Of, out var count) || count > 10_000) continue;
            var missing = Enumerable.Range(0, count).Select(i => $"{group.Key.Start}{i:00000}-of-{group.Key.Of}")
                .Where(n => !File.Exists(System.IO.Path.Combine(folder, n))).ToList();
            if (missing.Count > 0)
                NoteMissing($"{missing.Count} of {count} files: {string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? ", …" : "")}");
        }
    }
}
