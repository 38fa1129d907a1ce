using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Opens data sets of recorded episodes, whatever their format.</summary>
public static class Recordings
{
    /// <summary>What is read, for messages.</summary>
    public const string Formats =
        "own folders (episode_000/), LeRobot (meta/info.json), RLDS (*.tfrecord-*), HDF5 of robomimic, LIBERO and ALOHA (*.hdf5, *.h5)";

    private const int LongestStart = 16;
    private static readonly string[] Hdf5Endings = [".hdf5", ".h5"];

    /// <summary>Opens a data set by what is found at a path.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <exception cref="FileFormatException">It is of no known format, or damaged; the message names the file.</exception>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    public static RecordingSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path)) return OfFile(path);
        if (!Directory.Exists(path)) throw new FileFormatException(path, "no such folder");
        if (File.Exists(Path.Combine(path, LeRobotInfo.FileName))) return new LeRobotSource(path);
        if (Directory.GetDirectories(path, FolderSource.EpisodePrefix + "*").Length > 0) return new FolderSource(path);
        string[] files = [.. Directory.GetFiles(path).Order(StringComparer.Ordinal)];
        if (Array.FindAll(files, f => Path.GetFileName(f).Contains(".tfrecord", StringComparison.Ordinal)) is { Length: > 0 } records)
            return new RldsSource(path, records);
        var trees = Array.FindAll(files, f => Hdf5Endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase));
        if (trees.Length > 0) return new Hdf5Source(path, trees);
        throw new FileFormatException(path, $"{Found(path, files)}; what is read: {Formats}");
    }

    private static RecordingSource OfFile(string path)
    {
        Span<byte> start = stackalloc byte[LongestStart];
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read))
            start = start[..stream.ReadAtLeast(start, LongestStart, throwOnEndOfStream: false)];
        if (Hdf5File.IsHdf5(start)) return new Hdf5Source(path, [path]);
        if (RecordFile.IsTfRecord(start)) return new RldsSource(path, [path]);
        throw new FileFormatException(path, start.IsEmpty ? "is empty"
            : $"is no data set, nor a file that holds whole episodes; give the folder; what is read: {Formats}");
    }

    private static string Found(string path, string[] files)
    {
        var folders = Directory.GetDirectories(path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal).ToList();
        var pictures = files.Concat(Directory.GetDirectories(path).SelectMany(Directory.GetFiles))
            .Count(f => Path.GetExtension(f).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg");
        return pictures > 0 ? $"holds {pictures} pictures, but no actions, so no episodes"
            : folders.Count > 0
                ? $"is no data set itself; it holds the folders {string.Join(", ", folders.Take(8))}{(folders.Count > 8 ? ", …" : "")}"
                : "holds no data set";
    }
}
