using System.Runtime.InteropServices;
using CrossModal.Engine.Tensors;
using Microsoft.Win32.SafeHandles;

namespace CrossModal.Engine.Formats;

/// <summary>A safetensors file held open: the header is read and checked, each tensor only when asked for.</summary>
/// <remarks>Several threads may read from it at once. <see cref="SafeTensors.Open"/> makes one.</remarks>
public sealed class SafeTensorsReader : ITensorSource, IDisposable
{
    // The header is read through the stream's own buffer, the data around it: a large buffer would only be filled and thrown away.
    private const int HeaderBuffer = 1 << 12;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly long _dataStart;
    private readonly OrderedDictionary<string, SafeTensorsEntry> _entries;

    internal SafeTensorsReader(string path)
    {
        _path = path;
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, HeaderBuffer);
        try
        {
            (var entries, var metadata, _dataStart) = SafeTensors.ReadHeader(stream, path);
            _entries = new OrderedDictionary<string, SafeTensorsEntry>(entries.Count);
            foreach (var entry in entries)
                _entries.Add(entry.Name, entry);
            (Metadata, _file) = (metadata, stream.SafeFileHandle);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The file's path.</summary>
    public string Location => _path;

    /// <summary>The free text stored beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The names of the tensors, in the order of the header.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>The sizes of one tensor.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message names the file and the tensor.</exception>
    /// <exception cref="FileFormatException">No array can have so many elements.</exception>
    public Shape ShapeOf(string tensor)
    {
        try
        {
            return Shape.Of(Array.ConvertAll(Entry(tensor).Shape, size => checked((int)size)));
        }
        catch (Exception e) when (e is ShapeException or OverflowException)
        {
            throw new FileFormatException(_path, Failure.Reason(e), e);
        }
    }

    /// <inheritdoc/>
    public double CountOf(string tensor) => Entry(tensor).Shape.Aggregate(1.0, (count, size) => count * size);

    /// <summary>Reads one tensor, rounded to single precision.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message names the file and the tensor.</exception>
    /// <exception cref="FileFormatException">The tensor has a type or a size that is not supported, or the file has become shorter since it
    /// was opened.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public float[] ReadSingles(string tensor)
    {
        var entry = Readable(tensor);
        if (entry.Type != ElementType.F32) return Read(entry).ToSingles();

        // Every element is read, so that the zeros need not be written first.
        var values = GC.AllocateUninitializedArray<float>((int)((entry.End - entry.Begin) / sizeof(float)));
        Fill(MemoryMarshal.AsBytes(values.AsSpan()), entry);
        return values;
    }

    /// <summary>Reads one tensor as it is stored.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message names the file and the tensor.</exception>
    /// <exception cref="FileFormatException">The tensor has a type or a size that is not supported, or the file has become shorter since it
    /// was opened.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public StoredArray Read(string tensor) => Read(Readable(tensor));

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private SafeTensorsEntry Entry(string tensor) => _entries.TryGetValue(tensor, out var entry)
        ? entry
        : throw new KeyNotFoundException($"{_path}: there is no tensor '{tensor}' among the {_entries.Count} in the file");

    private SafeTensorsEntry Readable(string tensor)
    {
        var entry = Entry(tensor);
        return entry.Problem is null ? entry : throw new FileFormatException(_path, entry.Problem);
    }

    private StoredArray Read(SafeTensorsEntry entry)
    {
        var bytes = new byte[entry.End - entry.Begin];
        Fill(bytes, entry);
        return entry.Array(bytes);
    }

    private void Fill(Span<byte> bytes, SafeTensorsEntry entry)
    {
        for (var filled = 0; filled < bytes.Length;)
        {
            var read = RandomAccess.Read(_file, bytes[filled..], _dataStart + entry.Begin + filled);
            if (read == 0) throw new FileFormatException(_path,
                $"tensor {FileFormatException.Quote(entry.Name)} is cut off: the file became shorter while it was read");
            filled += read;
        }
    }
}
