using System.Security.Cryptography;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Server.Access;

/// <summary>The keys that clients may use, from a file with a line <c>name: key</c> for each; a line taken out revokes its key.</summary>
/// <remarks>Keys are compared by their hashes, all of them, in a time that does not depend on the key that was sent.</remarks>
internal sealed class ApiKeys
{
    private const int ShortestKey = 16;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private volatile IReadOnlyList<(string Name, byte[] Hash)> _keys;
    private DateTime _changed;
    private long _checked;

    /// <summary>Reads the file.</summary>
    /// <exception cref="FileFormatException">It has no key, a line without a name, or a key that is too short.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ApiKeys(string path)
    {
        _path = path;
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: there is no such file");
        _changed = File.GetLastWriteTimeUtc(path);
        _keys = Read(path);
    }

    /// <summary>Finds the name of a key.</summary>
    /// <param name="authorization">The header <c>Authorization</c>: <c>Api-Key …</c> or <c>Bearer …</c>.</param>
    /// <param name="asPassword">Whether <c>Basic …</c> is taken too, with the key as password and any name, as a browser sends it.</param>
    /// <returns>The name, or null when the key is none of these.</returns>
    public string? NameOf(string? authorization, bool asPassword = false)
    {
        ReadAgain();
        var key = authorization switch
        {
            null => "",
            _ when authorization.StartsWith("Api-Key ", StringComparison.OrdinalIgnoreCase) => authorization[8..],
            _ when authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) => authorization[7..],
            _ when asPassword && authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) => Password(authorization[6..]),
            _ => "",
        };
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        string? found = null;
        foreach (var (name, expected) in _keys)
            if (CryptographicOperations.FixedTimeEquals(hash, expected)) found = name;
        return found;
    }

    private static string Password(string encoded)
    {
        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out var count)) return "";
        var text = Encoding.UTF8.GetString(bytes, 0, count);
        return text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    private void ReadAgain()
    {
        var now = Environment.TickCount64;
        if (now - Interlocked.Read(ref _checked) < Again.TotalMilliseconds) return;
        Interlocked.Exchange(ref _checked, now);
        try
        {
            var changed = File.GetLastWriteTimeUtc(_path);
            if (changed == _changed) return;
            (_keys, _changed) = (Read(_path), changed);
        }
        catch (Exception exception) when (exception is FileFormatException or IOException or UnauthorizedAccessException)
        {
            // A file that is being written, or is gone: a key that cannot be confirmed opens nothing.
            _keys = [];
            _changed = default;
        }
    }

    private static List<(string Name, byte[] Hash)> Read(string path)
    {
        var keys = new List<(string, byte[])>();
        foreach (var (i, line) in File.ReadLines(path).Index())
        {
            if (line.Trim() is not { Length: > 0 } text || text[0] == '#') continue;
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            var (name, key) = colon > 0 ? (text[..colon].Trim(), text[(colon + 1)..].Trim()) : ("", "");
            if (name.Length == 0) throw new FileFormatException(path, $"line {i + 1} is not 'name: key'");
            if (key.Length < ShortestKey) throw new FileFormatException(path, $"line {i + 1}: the key has under {ShortestKey} characters");
            keys.Add((name, SHA256.HashData(Encoding.UTF8.GetBytes(key))));
        }

        return keys.Count > 0 ? keys : throw new FileFormatException(path, "has no key");
    }
}
