using System.Runtime.InteropServices;
using CrossModal.Engine.Formats;

namespace CrossModal.Encoders;

/// <summary>Features of pictures on disk, each in a file named by the digest of what it was computed from; up to 4 GB, the oldest go
/// first.</summary>
/// <param name="folder">Where the files are; made when one is written.</param>
internal sealed class FeatureCache(string folder)
{
    private const long MostBytes = 4L << 30;
    private readonly Lock _writing = new();
    private long? _bytes;

    /// <summary>Reads features; false when there are none of that name and length.</summary>
    public bool TryRead(string key, Span<float> features)
    {
        try
        {
            using var file = File.OpenHandle(PathOf(key));
            var bytes = MemoryMarshal.AsBytes(features);
            return RandomAccess.GetLength(file) == bytes.Length && RandomAccess.Read(file, bytes, 0) == bytes.Length;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Writes features; the file is written beside and renamed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string key, float[] features)
    {
        lock (_writing)
        {
            Directory.CreateDirectory(folder);
            _bytes ??= new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length);
            var length = (long)features.Length * sizeof(float);
            if (_bytes + length > MostBytes) Shrink();
            AtomicFile.Write(PathOf(key), stream => stream.Write(MemoryMarshal.AsBytes(features.AsSpan())));
            _bytes += length;
        }
    }

    private string PathOf(string key) => Path.Combine(folder, $"{key}.f32");

    private void Shrink()
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.LastWriteTimeUtc))
        {
            if (_bytes <= MostBytes / 2) return;
            file.Delete();
            _bytes -= file.Length;
        }
    }
}
