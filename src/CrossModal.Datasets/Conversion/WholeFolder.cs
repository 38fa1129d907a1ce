namespace CrossModal.Datasets;

/// <summary>Writes a folder so that there is all of it or nothing.</summary>
internal static class WholeFolder
{
    /// <summary>Writes into a new folder beside, and renames it.</summary>
    /// <param name="folder">The folder, which is not there or empty.</param>
    /// <param name="write">Writes into the folder it is given.</param>
    /// <exception cref="IOException">Something is in the folder already, or it cannot be written.</exception>
    public static void Write(string folder, Action<string> write)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() || File.Exists(path))
            throw new IOException($"{folder}: is there already; name a new folder");
        var made = new List<string>();
        for (var each = Path.GetDirectoryName(path); each is not null && !Directory.Exists(each); each = Path.GetDirectoryName(each))
            made.Add(each);
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(beside);
            write(beside);
            if (Directory.Exists(path)) Directory.Delete(path);
            Directory.Move(beside, path);
        }
        catch
        {
            if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
            foreach (var each in made)
                if (Directory.Exists(each) && !Directory.EnumerateFileSystemEntries(each).Any()) Directory.Delete(each);
            throw;
        }
    }
}
