using System.Security.Cryptography;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Encoders;

/// <summary>The files of a pretrained encoder, and the digest that tells it from others.</summary>
/// <param name="Files">Their paths, by file name.</param>
/// <param name="Sha256">SHA-256 over names and contents in the order of names, hexadecimal.</param>
internal sealed record EncoderFolder(IReadOnlyList<string> Files, string Sha256)
{
    /// <summary>What a published checkpoint consists of; shards of weights beside them.</summary>
    private static readonly string[] Names =
    [
        "added_tokens.json", "config.json", "merges.txt", "model.safetensors", "model.safetensors.index.json", "preprocessor_config.json",
        "processor_config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "vocab.txt",
    ];

    /// <summary>The files of a checkpoint's folder.</summary>
    /// <param name="folder">The folder.</param>
    public static EncoderFolder Of(string folder) => Of(
        [.. Directory.EnumerateFiles(folder).Where(file => Names.Contains(Path.GetFileName(file))
            || Path.GetFileName(file).StartsWith("model-", StringComparison.Ordinal))]);

    /// <summary>Some files.</summary>
    /// <param name="files">Their paths.</param>
    public static EncoderFolder Of(IEnumerable<string> files)
    {
        string[] sorted = [.. files.OrderBy(file => Path.GetFileName(file), StringComparer.Ordinal)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in sorted)
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)}\n"));
            hash.AppendData(SHA256.HashData(stream));
        }

        return new EncoderFolder(sorted, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Copies the files into a folder unless they lie there; the folder is written beside and renamed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void CopyTo(string folder)
    {
        if (Directory.Exists(folder) && Of(Directory.EnumerateFiles(folder)).Sha256 == Sha256) return;
        var unfinished = folder + ".unfinished";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        foreach (var file in Files) File.Copy(file, Path.Combine(unfinished, Path.GetFileName(file)));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.Move(unfinished, folder);
    }

    /// <summary>Refuses files that are not those a policy was trained with.</summary>
    /// <param name="folder">Where they lie, for the message.</param>
    /// <param name="expected">The digest that the policy names.</param>
    /// <exception cref="FileFormatException">The digests differ.</exception>
    public void Require(string folder, string expected)
    {
        if (Sha256 != expected)
            throw new FileFormatException(folder,
                $"is not the encoder that the policy was trained with: its files have the SHA-256 {Sha256}, the policy names {FileFormatException.Quote(expected)}");
    }
}
