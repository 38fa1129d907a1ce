using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CrossModal.Engine.Formats;

/// <summary>
/// Reads and writes safetensors files: 8 bytes of header length, a JSON header, then the raw little-endian data
/// (https://github.com/huggingface/safetensors). Nothing in a file can run code or reserve more memory than the file has bytes.
/// </summary>
public static class SafeTensors
{
    /// <summary>The longest header that is read or written, in bytes; the limit of the reference implementation.</summary>
    public const int LongestHeader = 100_000_000;

    internal const string MetadataKey = "__metadata__";

    private const int LengthBytes = 8;
    private const int BufferBytes = 1 << 16;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileFormatException">The bytes do not follow the format.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static SafeTensorsFile Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        return Read(stream, path);
    }

    /// <summary>Reads from the stream's position to its end; <paramref name="name"/> stands in the messages.</summary>
    /// <exception cref="FileFormatException">The bytes do not follow the format.</exception>
    public static SafeTensorsFile Read(Stream stream, string name)
    {
        stream = MeasuredStream.Of(stream);
        var (entries, metadata, _) = ReadHeader(stream, name);

        var tensors = new OrderedDictionary<string, StoredArray>(entries.Count);
        var problems = new Dictionary<string, string>();
        foreach (var entry in entries)
            if (entry.Problem is null)
                tensors.Add(entry.Name, Placeholder);
            else
                problems.Add(entry.Name, entry.Problem);
        foreach (var entry in SafeTensorsHeader.InFileOrder(entries))
        {
            if (entry.Problem is not null)
            {
                stream.Seek(entry.End - entry.Begin, SeekOrigin.Current);
                continue;
            }

            var data = new byte[entry.End - entry.Begin];
            stream.ReadExactly(data);
            tensors[entry.Name] = entry.Array(data);
        }

        return new SafeTensorsFile(name, tensors, problems, metadata);
    }

    /// <summary>Opens a file to read its metadata and single tensors without reading all of it.</summary>
    /// <exception cref="FileFormatException">The header does not follow the format, or does not fit the file's length.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static SafeTensorsReader Open(string path) => new(path);

    /// <summary>Reads the header from a stream of known length; the data begins at the third result, counted from where the stream
    /// stood.</summary>
    internal static (List<SafeTensorsEntry> Entries, OrderedDictionary<string, string> Metadata, long DataStart) ReadHeader(
        Stream stream, string name)
    {
        var length = stream.Length - stream.Position;
        if (length < LengthBytes)
            throw new FileFormatException(name, $"the file has {length} bytes, too few for the header's length, at byte 0");
        Span<byte> prefix = stackalloc byte[LengthBytes];
        stream.ReadExactly(prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > LongestHeader)
            throw new FileFormatException(
                name, $"a header of {headerLength} bytes is over the limit of {LongestHeader}, at byte 0");
        if (headerLength > (ulong)(length - LengthBytes))
            throw new FileFormatException(
                name, $"a header of {headerLength} bytes runs past the end of the file of {length} bytes, at byte 0");

        var header = new byte[headerLength];
        stream.ReadExactly(header);
        var dataStart = LengthBytes + header.Length;
        var (entries, metadata) = SafeTensorsHeader.Parse(header, length - dataStart, name);
        return (entries, metadata, dataStart);
    }

    /// <summary>
    /// Writes tensors and metadata through <see cref="AtomicFile"/>. The header keeps the given order; the data is laid out
    /// with larger element types first, so that every element is aligned, as the reference implementation does.
    /// </summary>
    /// <exception cref="ArgumentException">A name is given twice or is the reserved <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, StoredArray>> tensors,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var entries = tensors.ToArray();
        var names = new HashSet<string>();
        foreach (var (name, _) in entries)
            if (name == MetadataKey || !names.Add(name))
                throw new ArgumentException(
                    $"{path}: the tensor name {FileFormatException.Quote(name)} is {(name == MetadataKey ? "reserved" : "given twice")}",
                    nameof(tensors));

        var layout = entries.OrderByDescending(e => e.Value.Type.Size()).ToArray();
        var header = Header(entries, layout, metadata ?? []);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> prefix = stackalloc byte[LengthBytes];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
            stream.Write(prefix);
            stream.Write(header.Span);
            foreach (var (_, array) in layout)
                stream.Write(array.Data);
        });
    }

    private static StoredArray Placeholder { get; } = new(ElementType.U8, [0], []);

    private static ReadOnlyMemory<byte> Header(
        KeyValuePair<string, StoredArray>[] entries,
        KeyValuePair<string, StoredArray>[] layout,
        IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var begins = new Dictionary<string, long>();
        var position = 0L;
        foreach (var (name, array) in layout)
        {
            begins.Add(name, position);
            position += array.Data.Length;
        }

        var text = new ArrayBufferWriter<byte>();
        // Names such as "布" stay readable in the header; quotes and backslashes are still escaped.
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            foreach (var (name, array) in entries)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", array.Type.Dtype());
                json.WriteStartArray("shape");
                foreach (var size in array.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(begins[name]);
                json.WriteNumberValue(begins[name] + array.Data.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (text.WrittenCount % LengthBytes != 0)
            text.Write(" "u8);
        return text.WrittenCount <= LongestHeader
            ? text.WrittenMemory
            : throw new ArgumentException($"a header of {text.WrittenCount} bytes is over the limit of {LongestHeader}");
    }

    private static void WriteMetadata(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var started = false;
        var keys = new HashSet<string>();
        foreach (var (key, value) in metadata)
        {
            if (!keys.Add(key))
                throw new ArgumentException($"the metadata key {FileFormatException.Quote(key)} is given twice");
            if (!started)
                json.WriteStartObject(MetadataKey);
            started = true;
            json.WriteString(key, value);
        }

        if (started)
            json.WriteEndObject();
    }
}
