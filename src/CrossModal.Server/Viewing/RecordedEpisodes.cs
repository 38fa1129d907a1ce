using CrossModal.Data;
using CrossModal.Datasets;
using CrossModal.Imaging;

namespace CrossModal.Server.Viewing;

/// <summary>The episodes of a data set, read when they are opened; the last ones are kept.</summary>
/// <param name="source">The data set.</param>
/// <param name="choice">What of it.</param>
/// <param name="cameras">What the policy calls its cameras; null to call them as the data set does.</param>
internal sealed class RecordedEpisodes(RecordingSource source, DataChoice choice, IReadOnlyList<string>? cameras = null) : IEpisodeSource, IDisposable
{
    private const int MostOpen = 2;

    // Of an episode's pictures; those of a longer one are reduced.
    private const long MostBytes = 256L << 20;
    private const double UsualRate = 10;

    private readonly Lock _lock = new();
    private readonly IReadOnlyList<EpisodeInfo> _episodes = choice.Episodes(source);
    private readonly List<ViewedEpisode> _open = [];

    /// <inheritdoc/>
    public bool IsLive => false;

    /// <inheritdoc/>
    public string Title { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Path));

    /// <inheritdoc/>
    public IReadOnlyList<string> Cameras(string? policy) => cameras ?? choice.Cameras;

    /// <inheritdoc/>
    public IReadOnlyList<Quantity> Actions(string? policy) => TrainingEpisodes.Distinct(source.Quantities(choice.Action));

    /// <inheritdoc/>
    public IReadOnlyList<EpisodeHead> List() =>
        [.. _episodes.Select(e => new EpisodeHead(e.Name, e.Name, InstructionOf(e), e.Length, null))];

    /// <inheritdoc/>
    public ViewedEpisode? Open(string id)
    {
        lock (_lock)
        {
            if (_open.Find(e => e.Id == id) is { } known) return known;
            if (_episodes.FirstOrDefault(e => e.Name == id) is not { } found) return null;
            var episode = Read(found);
            _open.Add(episode);
            if (_open.Count > MostOpen) _open.RemoveAt(0);
            return episode;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();

    private ViewedEpisode Read(EpisodeInfo info)
    {
        var instruction = InstructionOf(info);
        var episode = new ViewedEpisode(info.Name, info.Name, instruction)
        {
            Rate = source.Rate ?? UsualRate,
            Other = _episodes.Select(InstructionOf).FirstOrDefault(i => i != instruction),
        };
        var actions = choice.Action.Count == 0 ? null : TrainingEpisodes.Finite(source, info, choice.Action);
        var states = choice.State.Count == 0 ? null : TrainingEpisodes.Finite(source, info, choice.State);
        var films = choice.Cameras.Select(camera => source.Frames(info, camera).GetEnumerator()).ToList();
        try
        {
            for (var step = 0; step < info.Length && films.TrueForAll(film => film.MoveNext()); step++)
                episode.Add(new ViewedStep([.. films.Select(film => Reduced(film.Current, info.Length * films.Count))],
                    states?[step] ?? [], actions?[step]));
        }
        finally
        {
            foreach (var film in films) film.Dispose();
        }

        return episode;
    }

    /// <summary>The instruction; the one given for episodes without, or none.</summary>
    private string InstructionOf(EpisodeInfo episode) =>
        episode.Instruction.Any(char.IsLetterOrDigit) ? episode.Instruction : choice.Instruction ?? "";

    private static RgbImage Reduced(RgbImage picture, int count)
    {
        var scale = Math.Sqrt(MostBytes / ((double)count * picture.Pixels.Length));
        return scale >= 1 ? picture : ImageResize.Resize(picture, Math.Max(1, (int)(scale * picture.Width)),
            Math.Max(1, (int)(scale * picture.Height)), ResizeFilter.BilinearAntialias);
    }
}
