using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CrossModal.Cli.Hosting;
using CrossModal.Datasets;

namespace CrossModal.Cli.Runs;

/// <summary>Digests of recordings: of the names and bytes of their files, read as a stream.</summary>
internal static class RecordingsDigest
{
    private const int BufferBytes = 1 << 16;
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".npy", ".json"];

    /// <summary>Adds the digests of a data set to a description: of every folder of pictures and numbers in plain folders, of every file
    /// otherwise.</summary>
    /// <returns>A digest of them all.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Add(RunDescription description, RecordingSource source)
    {
        var all = new StringBuilder();
        var parts = source is FolderSource
            ? source.Files.Where(f => Endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
                .GroupBy(f => Path.GetDirectoryName(f)!)
            : source.Files.GroupBy(f => f);
        foreach (var part in parts)
        {
            var (name, digest) = (Directory.Exists(source.Path) ? Path.GetRelativePath(source.Path, part.Key)
                : Path.GetFileName(part.Key), Of(part));
            description.SetEpisode(name, digest);
            all.Append(name).Append(' ').Append(digest).Append('\n');
        }

        return RunDescription.Digest(Encoding.UTF8.GetBytes(all.ToString()));
    }

    /// <summary>The digest of some files: of their names and bytes, whatever their order.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Of(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, length) = (new byte[BufferBytes], new byte[sizeof(long)]);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);

            // Lengths part the files, so that bytes moved from one to the next change the digest.
            BinaryPrimitives.WriteInt64LittleEndian(length, stream.Length);
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            hash.AppendData(length);
            for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()[..8]);
    }
}
