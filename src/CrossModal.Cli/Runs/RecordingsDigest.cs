using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CrossModal.Cli.Hosting;

namespace CrossModal.Cli.Runs;

/// <summary>Digests of recorded episodes: of the names and bytes of their pictures, actions, states and instruction, read as a stream.</summary>
internal static class RecordingsDigest
{
    private const int BufferBytes = 1 << 16;
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".npy", ".json"];

    /// <summary>Adds the digest of every <c>episode_*</c> folder to a description.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static void Add(RunDescription description, string folder)
    {
        foreach (var episode in Directory.GetDirectories(folder, "episode_*").Order(StringComparer.Ordinal))
            description.SetEpisode(Path.GetFileName(episode), Of(Directory.GetFiles(episode).Where(f => Endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))));
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

            // Lengths part the files, so that bytes moved from one to the next are told apart.
            BinaryPrimitives.WriteInt64LittleEndian(length, stream.Length);
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            hash.AppendData(length);
            for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()[..8]);
    }
}
