using CrossModal.Data;
using CrossModal.Engine.Formats;
using CrossModal.Imaging;

namespace CrossModal.Datasets;

/// <summary>A data set of recorded episodes, whatever its format: lists what it holds and reads numbers and pictures when asked.</summary>
/// <remarks>Not for several threads at once. Only what is asked for is read: opening reads descriptions, not pictures.</remarks>
public abstract class RecordingSource : IDisposable
{
    private readonly List<string> _missing = [];

    /// <summary>A source at a path.</summary>
    /// <param name="path">The file or folder, as the caller named it.</param>
    private protected RecordingSource(string path) => Path = path;

    /// <summary>The file or folder, as the caller named it.</summary>
    public string Path { get; }

    /// <summary>What it is, such as <c>LeRobot v3.0</c>.</summary>
    public abstract string Format { get; }

    /// <summary>Steps a second, in Hz; null where the data set does not say.</summary>
    public double? Rate { get; private protected init; }

    /// <summary>The episodes whose numbers are there, in the data set's order.</summary>
    public IReadOnlyList<EpisodeInfo> Episodes { get; private protected init; } = [];

    /// <summary>The cameras of which there is a picture, in the data set's order.</summary>
    public IReadOnlyList<CameraInfo> Cameras { get; private protected init; } = [];

    /// <summary>The numbers that every episode has.</summary>
    public IReadOnlyList<NumberColumn> Columns { get; private protected init; } = [];

    /// <summary>Names of the columns that are the action unless others are asked for; empty when none is known to be.</summary>
    public IReadOnlyList<string> Action { get; private protected init; } = [];

    /// <summary>Names of the columns that are the robot's state unless others are asked for; empty when none is known to be.</summary>
    public IReadOnlyList<string> State { get; private protected init; } = [];

    /// <summary>What the data set's own description lists but is not there, a line each.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>The files that are there and decide what is read.</summary>
    public IReadOnlyList<string> Files { get; private protected init; } = [];

    /// <summary>Reads a column of an episode, <c>[T, D]</c>; numbers of 64 bits are rounded to 32.</summary>
    /// <param name="episode">One of <see cref="Episodes"/>.</param>
    /// <param name="column">Name of one of <see cref="Columns"/>.</param>
    /// <exception cref="FileFormatException">A file is damaged, or was changed since the source was opened.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public abstract float[][] Numbers(EpisodeInfo episode, string column);

    /// <summary>Reads several columns of an episode side by side, <c>[T, ΣD]</c>.</summary>
    /// <param name="episode">One of <see cref="Episodes"/>.</param>
    /// <param name="columns">Names of columns, at least one.</param>
    /// <exception cref="FileFormatException">As for one column.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public float[][] Numbers(EpisodeInfo episode, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var parts = columns.Select(column => Numbers(episode, column)).ToArray();
        return parts.Length == 1 ? parts[0] : [.. parts[0].Select((_, t) => parts.SelectMany(part => part[t]).ToArray())];
    }

    /// <summary>When each step of an episode was, in seconds; null where the data set does not say.</summary>
    /// <param name="episode">One of <see cref="Episodes"/>.</param>
    /// <exception cref="FileFormatException">A file is damaged.</exception>
    public virtual double[]? Times(EpisodeInfo episode) => null;

    /// <summary>The pictures of an episode, one a step, decoded one after the other as they are taken, in the size of the
    /// recording.</summary>
    /// <param name="episode">One of <see cref="Episodes"/>.</param>
    /// <param name="camera">Name of a camera that the episode has pictures of.</param>
    /// <exception cref="FileFormatException">While taking them: a file is damaged, or a program that decodes it is not installed; the
    /// message says how to get it.</exception>
    /// <exception cref="IOException">While taking them: a file cannot be read.</exception>
    public abstract IEnumerable<RgbImage> Frames(EpisodeInfo episode, string camera);

    /// <summary>The pictures of an episode, each fitted into a square (<see cref="Letterbox"/>) as policies are given them.</summary>
    /// <param name="episode">One of <see cref="Episodes"/>.</param>
    /// <param name="camera">Name of a camera that the episode has pictures of.</param>
    /// <param name="side">Side of the square, in pixels.</param>
    /// <exception cref="FileFormatException">As for pictures in the size of the recording.</exception>
    /// <exception cref="IOException">While taking them: a file cannot be read.</exception>
    public IEnumerable<RgbImage> Frames(EpisodeInfo episode, string camera, int side) =>
        Frames(episode, camera).Select(picture => Letterbox.Fit(picture.Width, picture.Height, side).Apply(picture));

    /// <summary>Names and units of the numbers of several columns side by side.</summary>
    /// <param name="columns">Names of columns.</param>
    /// <exception cref="ArgumentException">There is no such column; the message lists those there are.</exception>
    public IReadOnlyList<Quantity> Quantities(IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return [.. columns.SelectMany(name => Column(name).Quantities)];
    }

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>The column of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    internal NumberColumn Column(string name) => Columns.FirstOrDefault(c => c.Name == name)
        ?? throw new ArgumentException(
            $"{Path} has no numbers called '{name}'; there are: {string.Join(", ", Columns.Select(c => c.Name))}");

    /// <summary>Notes that something the description lists is not there.</summary>
    private protected void NoteMissing(string line) => _missing.Add(line);

    /// <summary>The pictures of an episode's camera must be there.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    private protected void RequireCamera(EpisodeInfo episode, string camera)
    {
        ArgumentNullException.ThrowIfNull(episode);
        if (!episode.Cameras.Contains(camera))
            throw new ArgumentException(
                $"{Path}: {episode.Name} has no pictures of a camera '{camera}'; there are: {string.Join(", ", episode.Cameras.DefaultIfEmpty("none"))}");
    }
}
