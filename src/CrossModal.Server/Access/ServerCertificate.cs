using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CrossModal.Engine.Formats;

namespace CrossModal.Server.Access;

/// <summary>The certificate by which clients know the server.</summary>
internal static class ServerCertificate
{
    /// <summary>Reads a certificate and its private key.</summary>
    /// <param name="file">A PEM file with the certificate.</param>
    /// <param name="key">A PEM file with its private key; null when it is in the same file.</param>
    /// <exception cref="FileFormatException">They are no PEM files, or do not belong together.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    public static X509Certificate2 Read(string file, string? key)
    {
        foreach (var path in key is null ? [file] : new[] { file, key })
            if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file");
        try
        {
            return X509Certificate2.CreateFromPemFile(file, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new FileFormatException(file, $"is no PEM certificate with its private key{(key is null ? "" : $" in {key}")}");
        }
    }
}
