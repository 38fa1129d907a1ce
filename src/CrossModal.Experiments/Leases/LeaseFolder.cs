using System.Text;

namespace CrossModal.Experiments.Leases;

/// <summary>Leases as files of a folder, on this machine or on a file server.</summary>
/// <remarks>A new file is made exclusively (O_EXCL), which is atomic on local disks and on NFS; until its content is written it counts as
/// that of an unknown holder.</remarks>
/// <param name="folder">The folder; it is made at the first lease, and not again when it vanishes.</param>
internal sealed class LeaseFolder(string folder) : ILeaseFiles
{
    private bool _made;

    /// <inheritdoc/>
    public IReadOnlyList<string> Names()
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public bool Create(string name, string content)
    {
        Make();
        var path = Path.Combine(folder, name);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }

        try
        {
            using (stream) stream.Write(Encoding.UTF8.GetBytes(content));
            return true;
        }
        catch (IOException)
        {
            Delete(name);
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Append(string name, string text)
    {
        try
        {
            using var stream = new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Write,
                FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            stream.Seek(0, SeekOrigin.End);
            stream.Write(Encoding.UTF8.GetBytes(text));
            return true;
        }
        catch (Exception e) when (IsMissing(e))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public string? Read(string name)
    {
        try
        {
            using var stream = new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (IsMissing(e))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        try
        {
            File.Delete(Path.Combine(folder, name));
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    /// <inheritdoc/>
    public TimeSpan? Age(string name)
    {
        // This machine's clock says nothing of a time that a file server wrote; a file that is written now does.
        var now = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            File.WriteAllBytes(now, []);
            return File.GetLastWriteTimeUtc(now) - File.GetLastWriteTimeUtc(Path.Combine(folder, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            try
            {
                File.Delete(now);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private void Make()
    {
        if (_made && !Directory.Exists(Path.GetDirectoryName(folder)))
            throw new IOException($"{folder}: the folder of the comparison has vanished");
        Directory.CreateDirectory(folder);
        _made = true;
    }

    private static bool IsMissing(Exception error) => error is FileNotFoundException or DirectoryNotFoundException;
}
