using CrossModal.Engine.Formats;

namespace CrossModal.Cli.Hosting;

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
        for (var each = Path.GetFullPath(folder); each is not null && !Directory.Exists(each); each = Path.GetDirectoryName(each))
            missing.Add(each);
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
    public static string? Obstacle(string folder) =>
        Missing(folder).LastOrDefault(File.Exists) is { } file ? $"{file} is a file, not a folder" : null;

    /// <summary>Makes sure that a file to be written is none of those that are read, under whatever spelling and through whatever
    /// links.</summary>
    /// <param name="option">The option that names the file to be written.</param>
    /// <param name="path">The file to be written.</param>
    /// <param name="inputs">The files read, each with the option that names it; null for one that was not given.</param>
    /// <exception cref="UsageException">It is one of them.</exception>
    public static void CheckApart(string option, string path, params IEnumerable<(string Option, string? Path)> inputs)
    {
        var comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        var target = Real(path);
        foreach (var (input, read) in inputs)
            if (read is not null && string.Equals(Real(read), target, comparison))
                throw new UsageException($"{option} {path} is the file of {input}, which would be overwritten; name another");
    }

    /// <summary>The full path without links, of a file that need not be there.</summary>
    private static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        var real = Path.GetPathRoot(full)!;
        foreach (var part in full[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);

            // The target of the last link may lie behind a linked folder itself.
            if (new FileInfo(real).LinkTarget is not null && File.ResolveLinkTarget(real, returnFinalTarget: true) is { } target)
                real = Real(target.FullName);
        }

        return real;
    }

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
