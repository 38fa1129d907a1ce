using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>Recordings of robomimic and LIBERO (<c>data/demo_0/…</c>, many episodes a file) and of ALOHA (an episode a file).</summary>
internal sealed class Hdf5Source : RecordingSource
{
    private const int BlockBytes = 8 << 20;
    private readonly Hdf5Layout _layout;
    private readonly List<(string File, string Group)> _places = [];
    private Hdf5File? _open;
    private Hdf5Object? _demos;

    /// <summary>Opens a file, or all files of a folder.</summary>
    /// <exception cref="FileFormatException">There is none, one is damaged, or they are of different kinds.</exception>
    public Hdf5Source(string path, IReadOnlyList<string> files)
        : base(path)
    {
        Files = files;
        Hdf5Layout? layout = null;
        var (episodes, columns, cameras) = (new List<EpisodeInfo>(), new List<NumberColumn>(), new List<CameraInfo>());
        try
        {
            foreach (var name in files)
            {
                var file = Open(name);
                var found = Hdf5Layout.Of(file);
                layout ??= found;
                if (found != layout) throw new FileFormatException(
                    name, $"is {found.Format}, {files[0]} is {layout.Format}; put them into folders of their own");
                Rate ??= layout.Rate(_demos!);
                var prefix = files.Count == 1 ? "" : System.IO.Path.GetFileNameWithoutExtension(name) + "_";
                if (layout.HasDemos)
                    foreach (var demo in _demos!.Names.OrderBy(n => n.Length).ThenBy(n => n, StringComparer.Ordinal))
                        Add(demo, prefix + demo);
                else Add("", System.IO.Path.GetFileNameWithoutExtension(name));

                void Add(string group, string episode)
                {
                    if (Group(group) is not { IsDataset: false } demo) return;
                    if (demo.Dataset(layout.Action) is not { Rows: > 0 and <= int.MaxValue } actions)
                    {
                        NoteMissing($"{episode}: '{layout.Action}'");
                        return;
                    }

                    var seen = CamerasOf(demo, layout, (int)actions.Rows);
                    var numbers = NumbersOf(demo, layout, (int)actions.Rows);
                    foreach (var camera in seen.Where(c => cameras.TrueForAll(k => k.Name != c.Name))) cameras.Add(camera);
                    if (episodes.Count == 0) columns.AddRange(numbers);
                    else columns.RemoveAll(c => !numbers.Contains(c, SameColumn.Instance));
                    episodes.Add(new EpisodeInfo(episodes.Count, episode, (int)actions.Rows, layout.Instruction(_demos!, demo),
                        [.. seen.Select(c => c.Name)]));
                    _places.Add((name, group));
                }
            }
        }
        catch
        {
            _open?.Dispose();
            throw;
        }

        if (episodes.Count == 0) throw new FileFormatException(path, "holds no episode with actions");
        (_layout, Episodes, Columns, Cameras) = (layout!, episodes, columns, cameras);
        Action = columns.Exists(c => c.Name == layout!.Action) ? [layout!.Action] : [];
        State = [.. layout!.State.Where(name => columns.Exists(c => c.Name == name))];
        foreach (var episode in episodes)
            foreach (var camera in cameras.Where(c => !episode.Cameras.Contains(c.Name)))
                NoteMissing($"{episode.Name}: pictures of the camera {camera.Name}");
    }

    /// <inheritdoc/>
    public override string Format => _layout.Format;

    /// <inheritdoc/>
    public override float[][] Numbers(EpisodeInfo episode, string column)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var width = Column(column).Quantities.Count;
        var values = Dataset(episode, column).Singles(0, episode.Length);
        return values.Length == (long)width * episode.Length ? [.. values.Chunk(width)]
            : throw new FileFormatException(_open!.Path, $"'{column}' was changed since it was opened");
    }

    /// <inheritdoc/>
    public override IEnumerable<RgbImage> Frames(EpisodeInfo episode, string camera)
    {
        RequireCamera(episode, camera);
        var path = CameraPath(_layout) + camera;
        var data = Dataset(episode, path);
        var row = Math.Max(1, data.Width);
        var block = (int)Math.Clamp(BlockBytes / row, 1, Math.Max(1, data.RowsAtOnce));
        for (var first = 0; first < episode.Length; first += block)
        {
            // Another episode may have been read since the last picture was taken.
            if (first > 0) data = Dataset(episode, path);
            var count = Math.Min(block, episode.Length - first);
            var bytes = data.Bytes(first, count);
            for (var i = 0; i < count; i++) yield return Picture(
                bytes.AsMemory((int)(i * row), (int)row), data.Shape,
                $"{_places[episode.Index].File}: {episode.Name}/{path}, step {first + i}");
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _open?.Dispose();
        base.Dispose();
    }

    private RgbImage Picture(ReadOnlyMemory<byte> bytes, long[] shape, string name)
    {
        if (shape.Length == 2)
        {
            // Files of one length are padded with zeros, which no JPEG or PNG ends with.
            var file = bytes[..bytes.Span.TrimEnd((byte)0).Length];
            return Imaging.Picture.Read(new MemoryStream(file.ToArray()), name);
        }

        var (height, width) = ((int)shape[1], (int)shape[2]);
        var image = new RgbImage(width, height);
        var rowBytes = width * RgbImage.Channels;
        for (var y = 0; y < height; y++)
            bytes.Span.Slice((_layout.IsUpsideDown ? height - 1 - y : y) * rowBytes, rowBytes).CopyTo(image.Pixels.AsSpan(y * rowBytes));
        return image;
    }

    private Hdf5File Open(string name)
    {
        if (_open?.Path == name) return _open;
        _open?.Dispose();
        (_open, _demos) = (null, null);
        _open = new Hdf5File(name);
        _demos = _open.Root.Find(Hdf5Layout.Demos) ?? _open.Root;
        return _open;
    }

    private Hdf5Object? Group(string group) => group.Length == 0 ? _open!.Root : _demos!.Find(group);

    private Hdf5Dataset Dataset(EpisodeInfo episode, string path)
    {
        var (file, group) = _places[episode.Index];
        Open(file);
        return Group(group)?.Dataset(path) ?? throw new FileFormatException(file, $"has no '{path}' in {episode.Name} any more");
    }

    private static string CameraPath(Hdf5Layout layout) => layout.HasDemos ? layout.Observations + "/" : layout.Observations + "/images/";

    private static List<CameraInfo> CamerasOf(Hdf5Object demo, Hdf5Layout layout, int steps)
    {
        var cameras = new List<CameraInfo>();
        var path = CameraPath(layout).TrimEnd('/');
        if (demo.Find(path) is not { IsDataset: false } group) return cameras;
        foreach (var name in group.Names)
        {
            if (group.Dataset(name) is not { Type: { Kind: Hdf5Kind.Whole, Size: 1 } } data || data.Rows != steps) continue;
            if (data.Shape is [_, > 0 and <= Png.LongestSide, > 0 and <= Png.LongestSide, RgbImage.Channels])
                cameras.Add(new CameraInfo(name, (int)data.Shape[2], (int)data.Shape[1], "raw"));
            else if (!layout.HasDemos && data.Shape is [_, > 0 and <= int.MaxValue])
            {
                var first = data.Bytes(0, 1).AsSpan().TrimEnd((byte)0).ToArray();
                var picture = Imaging.Picture.Read(new MemoryStream(first), $"{demo.File.Path}: {path}/{name}, step 0");
                cameras.Add(new CameraInfo(name, picture.Width, picture.Height, first[0] == 0x89 ? "PNG" : "JPEG"));
            }
        }

        return cameras;
    }

    private static List<NumberColumn> NumbersOf(Hdf5Object demo, Hdf5Layout layout, int steps)
    {
        var columns = new List<NumberColumn>();
        foreach (var path in demo.Names.Concat(demo.Find(layout.Observations) is { IsDataset: false } group
            ? group.Names.Select(n => $"{layout.Observations}/{n}") : []))
            if (demo.Dataset(path) is { Type.IsNumeric: true } data && data.Rows == steps && data.Shape.Length <= 2 && data.Width is > 0
                and <= 4096)
                columns.Add(new NumberColumn(path, Quantity.Numbered(path[(path.LastIndexOf('/') + 1)..], (int)data.Width)));
        return columns;
    }

    /// <summary>Columns of one name and width are the same.</summary>
    private sealed class SameColumn : IEqualityComparer<NumberColumn>
    {
        public static readonly SameColumn Instance = new();

        public bool Equals(NumberColumn? x, NumberColumn? y) => x!.Name == y!.Name && x.Quantities.Count == y.Quantities.Count;

        public int GetHashCode(NumberColumn column) => column.Name.GetHashCode(StringComparison.Ordinal);
    }
}
