using System.Net;

namespace CrossModal.Server;

/// <summary>Where a server listens, and who may use it.</summary>
public sealed record ServerListen
{
    /// <summary>The address; loopback, which only this machine reaches, unless set. Any other needs <see cref="KeysFile"/>.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 8000, and any free one for 0.</summary>
    public int Port { get; init; } = 8000;

    /// <summary>A file with a line <c>name: key</c> for every client; it is read again when it changes. Null for no keys.</summary>
    public string? KeysFile { get; init; }

    /// <summary>A PEM file with the certificate for TLS; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A PEM file with the certificate's private key; null when it is in the certificate's file.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>Whether compressed WebSocket messages are accepted from clients that offer them.</summary>
    public bool Compression { get; init; } = true;

    /// <summary>Whether only this machine reaches the address.</summary>
    internal bool IsLoopback => IPAddress.IsLoopback(Address);
}
