namespace CrossModal.Cli.Commands;

/// <summary>Finds out before the work, not after it, whether its result can be written.</summary>
internal static class OutputPath
{
    /// <summary>Makes sure that a file can be written at a path; its folder is made if need be.</summary>
    /// <exception cref="IOException">It cannot; the message begins with the path.</exception>
    public static void CheckFile(string path)
    {
        if (path.Length == 0) throw new IOException("'': an empty path cannot be written");
        if (Directory.Exists(path)) throw new IOException($"{path}: is a folder, not a file");
        CheckFolder(Path.GetDirectoryName(Path.GetFullPath(path))!, path);
    }

    /// <summary>Makes sure that files can be written into a folder; it is made if need be.</summary>
    /// <exception cref="IOException">They cannot; the message begins with the path.</exception>
    public static void CheckFolder(string folder) => CheckFolder(folder, folder);

    private static void CheckFolder(string folder, string named)
    {
        try
        {
            Directory.CreateDirectory(folder);
            File.Create(Path.Combine(folder, $".{Guid.NewGuid():N}.tmp"), 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{named}: cannot be written: {e.Message}", e);
        }
    }
}
