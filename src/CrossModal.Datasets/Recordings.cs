using CrossModal.Datasets.Folders;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Opens data sets of recorded episodes, whatever their format.</summary>
public static class Recordings
{
    /// <summary>Opens a data set by what is found at a path.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <exception cref="FileFormatException">It is of no known format, or damaged; the message names the file.</exception>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    public static RecordingSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path)) throw new FileFormatException(path, "no such folder");
        return new FolderSource(path);
    }
}
