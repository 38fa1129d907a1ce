namespace CrossModal.Engine.Formats;

/// <summary>Writes a file so that a reader sees either the old content or all of the new one.</summary>
internal static class AtomicFile
{
    private const int BufferBytes = 1 << 16;

    /// <summary>
    /// Writes into a new file beside <paramref name="path"/>, flushes it to the disk and renames it over the old one.
    /// Folders are created. If anything fails, the new file is removed and the old one stays as it was.
    /// </summary>
    /// <exception cref="IOException">The disk is full or the path cannot be written; the message begins with the path.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, write, overwrite: true);

    /// <summary>The same where a file of that name that is there already stays.</summary>
    /// <returns>Whether this call made it; false when there is one already.</returns>
    /// <exception cref="IOException">The disk is full or the path cannot be written; the message begins with the path.</exception>
    public static bool WriteNew(string path, Action<Stream> write) => Write(path, write, overwrite: false);

    /// <summary>Removes the files that calls left in a folder whose process was killed; none of another process may be under
    /// way there.</summary>
    /// <exception cref="IOException">The folder cannot be read or written; the message names it.</exception>
    public static void RemoveRemains(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.GetFiles(folder, $".{new string('?', 32)}.tmp")) File.Delete(path);
    }

    private static bool Write(string path, Action<Stream> write, bool overwrite)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            WriteBeside(Path.GetFullPath(path), write, overwrite);
            return true;
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: could not be written: {Failure.Reason(e)}", e);
        }
    }

    private static void WriteBeside(string path, Action<Stream> write, bool overwrite)
    {
        var folder = Path.GetDirectoryName(path) ?? throw new IOException("it is a folder");
        Directory.CreateDirectory(folder);
        var beside = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            if (overwrite) File.Move(beside, path, overwrite: true);
            else NewName.Give(beside, path);
        }
        catch
        {
            // Removing the remains must not hide why the write failed.
            try
            {
                File.Delete(beside);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }

            throw;
        }
    }
}
