using CrossModal.Engine.Formats;

namespace CrossModal.Cli.Commands;

/// <summary>Finds out before the work, not after it, whether its result can be written; leaves nothing behind.</summary>
internal static class OutputPath
{
    /// <summary>Makes sure that a file can be written at a path.</summary>
    /// <exception cref="IOException">It cannot; the message begins with the path.</exception>
    public static void CheckFile(string path)
    {
        if (path.Length == 0) throw new IOException("'': an empty path cannot be written");
        if (Directory.Exists(path)) throw new IOException($"{path}: is a folder, not a file");
        CheckFolder(Path.GetDirectoryName(Path.GetFullPath(path))!, path);
    }

    /// <summary>Makes sure that files can be written into a folder.</summary>
    /// <exception cref="IOException">They cannot; the message begins with the path.</exception>
    public static void CheckFolder(string folder) => CheckFolder(folder, folder);

    /// <summary>The folders on the way to a folder, itself included, that are not there yet; the innermost first.</summary>
    public static IReadOnlyList<string> Missing(string folder)
    {
        var missing = new List<string>();
        for (var each = Path.GetFullPath(folder); each is not null && !Directory.Exists(each); each = Path.GetDirectoryName(each)) missing.Add(each);
        return missing;
    }

    /// <summary>Removes folders as long as they are empty.</summary>
    /// <param name="folders">The innermost first.</param>
    public static void RemoveEmpty(IEnumerable<string> folders)
    {
        try
        {
            foreach (var folder in folders)
                if (Directory.Exists(folder)) Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody has put something there meanwhile: it stays.
        }
    }

    /// <summary>The file that stands where a folder should be; null when none does.</summary>
    public static string? Obstacle(string folder) => Missing(folder).LastOrDefault(File.Exists) is { } file ? $"{file} is a file, not a folder" : null;

    private static void CheckFolder(string folder, string named)
    {
        var made = Missing(folder);
        try
        {
            Directory.CreateDirectory(folder);
            File.Create(Path.Combine(folder, $".{Guid.NewGuid():N}.tmp"), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{named}: cannot be written: {Obstacle(folder) ?? Failure.Reason(e)}", e);
        }
        finally
        {
            RemoveEmpty(made);
        }
    }
}
