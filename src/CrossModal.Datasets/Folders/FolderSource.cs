using System.Globalization;
using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>A person's own recordings in plain folders, as <see cref="EpisodeFolder"/> reads them; pictures of several cameras each in a
/// folder of their own (<c>episode_000/front/000.png</c>), those of an only camera perhaps in the episode's.</summary>
internal sealed class FolderSource : RecordingSource
{
    /// <summary>Name of the camera whose pictures lie in the episode's own folder.</summary>
    public const string OnlyCamera = "camera";

    /// <summary>Folders of episodes begin so.</summary>
    public const string EpisodePrefix = "episode_";

    private const string Actions = "actions";
    private const string States = "states";
    private readonly List<EpisodeDescription> _descriptions = [];
    private readonly List<Dictionary<string, EpisodeFrames>> _frames = [];

    /// <summary>Lists the episodes of a folder.</summary>
    /// <exception cref="FileFormatException">There is none, a file is missing or damaged, or sizes do not agree; the message names the
    /// file.</exception>
    public FolderSource(string path)
        : base(path)
    {
        var folders = Directory.GetDirectories(path, EpisodePrefix + "*").Order(StringComparer.Ordinal).ToArray();
        if (folders.Length == 0) throw new FileFormatException(path, $"holds no folder called {EpisodePrefix}*");
        var (episodes, files) = (new List<EpisodeInfo>(), new List<string>());
        foreach (var folder in folders)
        {
            var description = EpisodeDescription.Read(System.IO.Path.Combine(folder, "episode.json"));
            var cameras = Pictures(folder);
            var name = System.IO.Path.GetFileName(folder);
            _descriptions.Add(description);
            _frames.Add(cameras);
            episodes.Add(new EpisodeInfo(episodes.Count, name, EpisodeFolder.Table(Numpy(folder, Actions)).Length, description.Instruction,
                [.. cameras.Keys]));
            files.AddRange(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        }

        (Episodes, Files) = (episodes, files);
        Cameras = [.. episodes.SelectMany(e => e.Cameras).Distinct().Select(Camera)];
        (Columns, Action) = ([Column(Actions, "action", _descriptions[0].Actions)], [Actions]);
        Rate = _descriptions[0].Rates?.Actions ?? _descriptions[0].Rate;
        if (File.Exists(Numpy(folders[0], States)))
            (Columns, State) = ([.. Columns, Column(States, "state", _descriptions[0].States)], [States]);
        foreach (var episode in episodes) Check(episode);
    }

    /// <inheritdoc/>
    public override string Format => "own folders";

    /// <inheritdoc/>
    public override float[][] Numbers(EpisodeInfo episode, string column)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var path = Numpy(FolderOf(episode), Column(column).Name);
        var table = EpisodeFolder.Table(path);
        return table.Length == episode.Length ? table
            : throw new FileFormatException(path, $"has {table.Length} steps, actions.npy {episode.Length}");
    }

    /// <inheritdoc/>
    public override IEnumerable<RgbImage> Frames(EpisodeInfo episode, string camera)
    {
        RequireCamera(episode, camera);
        var (last, picture) = ("", (RgbImage?)null);
        foreach (var file in PictureFiles(episode, camera))
        {
            // At a low rate several actions in a row have the same picture.
            if (file != last) (last, picture) = (file, Picture.Read(file));
            yield return picture!;
        }
    }

    /// <summary>The file of every step's picture.</summary>
    /// <exception cref="FileFormatException">A picture is missing.</exception>
    public string[] PictureFiles(EpisodeInfo episode, string camera) =>
        _frames[episode.Index][camera].For(_descriptions[episode.Index], episode.Length);

    private static Dictionary<string, EpisodeFrames> Pictures(string folder)
    {
        var cameras = new Dictionary<string, EpisodeFrames>();
        if (new EpisodeFrames(folder) is { Count: > 0 } own) cameras[OnlyCamera] = own;
        foreach (var inner in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
            if (new EpisodeFrames(inner) is { Count: > 0 } pictures) cameras[System.IO.Path.GetFileName(inner)] = pictures;
        return cameras;
    }

    private CameraInfo Camera(string name)
    {
        var episode = Episodes.First(e => e.Cameras.Contains(name));
        var file = PictureFiles(episode, name)[0];
        var picture = Picture.Read(file);
        return new CameraInfo(name, picture.Width, picture.Height,
            System.IO.Path.GetExtension(file).Equals(".png", StringComparison.OrdinalIgnoreCase) ? "PNG" : "JPEG")
        {
            Rate = _descriptions[episode.Index].Rates?.Pictures ?? _descriptions[episode.Index].Rate,
        };
    }

    private NumberColumn Column(string name, string numbered, IReadOnlyList<Quantity>? named)
    {
        var path = Numpy(FolderOf(Episodes[0]), name);
        var width = EpisodeFolder.Table(path)[0].Length;
        return new NumberColumn(name, named is null || named.Count == width ? named ?? Quantity.Numbered(numbered, width)
            : throw new FileFormatException(System.IO.Path.Combine(FolderOf(Episodes[0]), "episode.json"),
                $"\"{name}\" names {named.Count} numbers, {name}.npy has {width} a step"));
    }

    /// <summary>Every episode must be like the first, and have its pictures.</summary>
    private void Check(EpisodeInfo episode)
    {
        foreach (var column in Columns)
        {
            var path = Numpy(FolderOf(episode), column.Name);
            var width = EpisodeFolder.Table(path)[0].Length;
            if (width != column.Quantities.Count) throw new FileFormatException(
                path, $"has {width} numbers a step, {Episodes[0].Name} has {column.Quantities.Count}");
            var named = column.Name == Actions ? _descriptions[episode.Index].Actions : _descriptions[episode.Index].States;
            EpisodeFolder.RequireSame(FolderOf(episode), column.Name, named
                ?? Quantity.Numbered(column.Name == Actions ? "action" : "state", width), column.Quantities, Episodes[0].Name);
        }

        foreach (var camera in episode.Cameras) PictureFiles(episode, camera);
        foreach (var camera in Cameras.Where(c => !episode.Cameras.Contains(c.Name)))
            NoteMissing(string.Create(CultureInfo.InvariantCulture, $"{episode.Name}: pictures of the camera {camera.Name}"));
    }

    private string FolderOf(EpisodeInfo episode) => System.IO.Path.Combine(Path, episode.Name);

    private static string Numpy(string folder, string name) => System.IO.Path.Combine(folder, name + ".npy");
}
