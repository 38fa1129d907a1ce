using CrossModal.Cli.Hosting;
using CrossModal.Data;
using CrossModal.Datasets;

namespace CrossModal.Cli.Runs;

/// <summary>The episodes of a data set of any format as a policy is trained or measured on them, their pictures in a cache on
/// disk.</summary>
internal sealed class TrainingData : IDisposable
{
    private readonly FrameCache _cache;

    private TrainingData(RecordingSource source, DataChoice choice, string key, int side, string cache, CommandContext context)
    {
        var left = source.Episodes.Count - choice.Episodes(source).Count;
        if (left > 0) context.Warn(
            $"{left} of {source.Episodes.Count} episodes have no pictures of {string.Join(" and ", choice.Cameras)} and are left out");

        // The first of many ranks fills the cache; the others find it filled.
        if (!context.IsFirst) context.Ranks!.Meet();
        _cache = FrameCache.Open(cache, key, source, choice, side, cancellation: context.Stop);
        if (context.IsFirst) context.Ranks?.Meet();
        (Choice, Episodes) = (choice, TrainingEpisodes.Read(source, choice, _cache));
    }

    /// <summary>What of the data set was taken.</summary>
    public DataChoice Choice { get; }

    /// <summary>The episodes.</summary>
    public IReadOnlyList<Episode> Episodes { get; }

    /// <summary>Reads a data set, and adds its digests to a run's description.</summary>
    /// <param name="path">The data set.</param>
    /// <param name="options">What of it; null for what the data set says.</param>
    /// <param name="side">Side of the square that pictures are fitted into, in pixels.</param>
    /// <param name="cache">Folder of caches.</param>
    /// <param name="description">Receives the digests.</param>
    /// <param name="context">Options and the sign to stop.</param>
    public static TrainingData Read(string path, DataOptions options, int side, string cache, RunDescription description,
        CommandContext context)
    {
        using var source = Recordings.Open(path);
        var choice = options.Choose(context, source);
        return new TrainingData(source, choice, RecordingsDigest.Add(description, source), side, cache, context);
    }

    /// <summary>Reads a data set as a policy was trained on one of its kind.</summary>
    /// <param name="path">The data set.</param>
    /// <param name="checkpoint">The policy's folder, or a file in it.</param>
    /// <param name="side">Side of the policy's pictures.</param>
    /// <param name="context">The sign to stop.</param>
    public static TrainingData ReadFor(string path, string checkpoint, int side, CommandContext context)
    {
        using var source = Recordings.Open(path);
        var folder = File.Exists(checkpoint) ? Path.GetDirectoryName(Path.GetFullPath(checkpoint))! : checkpoint;
        var found = DataChoiceFile.Find(folder);
        var choice = DataChoice.Of(source, found?.Cameras ?? [], found?.Action ?? [], found is null ? [] : found.State.Count == 0
            ? [DataChoice.NoState] : found.State, found?.Instruction);
        return new TrainingData(source, choice, RecordingsDigest.Add(new RunDescription("evaluate"), source), side,
            CacheBeside(folder), context);
    }

    /// <summary>Folder of caches unless another is asked for: beside the folder of a run, for its neighbours to share.</summary>
    public static string CacheBeside(string run) =>
        Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run)))!, "cache");

    /// <summary>Writes into a run's folder what of its data set was taken.</summary>
    public void Save(string run) => DataChoiceFile.Save(run, Choice);

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();
}
