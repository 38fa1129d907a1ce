using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace CrossModal.Engine.Formats;

/// <summary>One tensor as the header of a safetensors file describes it; offsets count from the first byte after the header.</summary>
internal sealed record SafeTensorsEntry(string Name, ElementType Type, long[] Shape, long Begin, long End)
{
    /// <summary>Why the tensor cannot be read, should somebody ask for it; null when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>The tensor of these bytes.</summary>
    public StoredArray Array(byte[] data) => new(Type, System.Array.ConvertAll(Shape, size => (int)size), data);
}

/// <summary>Parses and checks the JSON header of a safetensors file.</summary>
internal ref struct SafeTensorsHeader
{
    private const int HeaderStart = 8;

    // The object, a tensor in it, a list in that. One more, so that a list inside a list is named as such.
    private const int Depth = 4;

    private const int UsualRank = 8;

    private readonly string _name;
    private readonly OrderedDictionary<string, string> _metadata = [];
    private readonly List<SafeTensorsEntry> _entries = [];
    private Utf8JsonReader _json;

    private SafeTensorsHeader(ReadOnlySpan<byte> header, string name)
    {
        _name = name;
        _json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = Depth });
    }

    /// <summary>The entries in header order, checked against <paramref name="dataLength"/>, the bytes after the header.</summary>
    public static (List<SafeTensorsEntry> Entries, OrderedDictionary<string, string> Metadata) Parse(
        ReadOnlySpan<byte> header, long dataLength, string name)
    {
        if (header.IsEmpty || header[0] != '{')
            throw new FileFormatException(name, $"the header does not begin with '{{', at byte {HeaderStart}");
        if (!Utf8.IsValid(header))
            throw new FileFormatException(name, "the header is not UTF-8, at byte " + (HeaderStart + ValidPrefix(header)));
        var parser = new SafeTensorsHeader(header, name);
        try
        {
            parser.ParseAll();
        }
        catch (JsonException e)
        {
            throw new FileFormatException(
                name, $"the header is not JSON, at byte {HeaderStart + parser._json.BytesConsumed}", e);
        }
        catch (InvalidOperationException e)
        {
            // Utf8JsonReader reports an escaped half of a surrogate pair this way, when the string is taken out.
            throw new FileFormatException(
                name, $"the header has a string that is not Unicode, before byte {HeaderStart + parser._json.BytesConsumed}", e);
        }

        CheckLayout(parser._entries, dataLength, name);
        return (parser._entries, parser._metadata);
    }

    /// <summary>The entries by where their data begins.</summary>
    public static IEnumerable<SafeTensorsEntry> InFileOrder(List<SafeTensorsEntry> entries)
    {
        // Nearly every writer keeps them so already.
        for (var i = 1; i < entries.Count; i++)
            if (entries[i].Begin < entries[i - 1].Begin || entries[i].Begin == entries[i - 1].Begin && entries[i].End < entries[i - 1].End)
                return entries.OrderBy(e => e.Begin).ThenBy(e => e.End);
        return entries;
    }

    private static int ValidPrefix(ReadOnlySpan<byte> header)
    {
        // The decoder stops at the first sequence it would have to replace.
        Utf8.ToUtf16(header, new char[header.Length], out var valid, out _, replaceInvalidSequences: false);
        return valid;
    }

    private static void CheckLayout(List<SafeTensorsEntry> entries, long dataLength, string name)
    {
        var position = 0L;
        foreach (var entry in InFileOrder(entries))
        {
            var tensor = FileFormatException.Quote(entry.Name);
            if (entry.End > dataLength)
                throw new FileFormatException(name,
                    $"tensor {tensor} ends at {entry.End} of {dataLength} data bytes: the file is truncated or the offset wrong");
            if (entry.Begin < position)
                throw new FileFormatException(
                    name, $"tensor {tensor} overlaps the one before it, at data byte {entry.Begin}");
            if (entry.Begin > position)
                throw new FileFormatException(
                    name, $"{entry.Begin - position} unused bytes before tensor {tensor}, at data byte {position}");
            position = entry.End;
        }

        if (position != dataLength)
            throw new FileFormatException(
                name, $"{dataLength - position} trailing bytes after the last tensor, at data byte {position}");
    }

    private void ParseAll()
    {
        var names = new HashSet<string>();
        Next();
        while (Next() == JsonTokenType.PropertyName)
        {
            var name = _json.GetString()!;
            if (!names.Add(name))
                throw Fail($"the name {FileFormatException.Quote(name)} is given twice");
            if (name == SafeTensors.MetadataKey)
                ParseMetadata();
            else
                _entries.Add(ParseEntry(name));
        }

        // Only white space may follow; anything else makes Read throw.
        _json.Read();
    }

    private void ParseMetadata()
    {
        if (Next() != JsonTokenType.StartObject)
            throw Fail("__metadata__ is not an object");
        while (Next() == JsonTokenType.PropertyName)
        {
            var key = _json.GetString()!;
            if (Next() != JsonTokenType.String)
                throw Fail($"metadata {FileFormatException.Quote(key)} is not a string");
            if (!_metadata.TryAdd(key, _json.GetString()!))
                throw Fail($"metadata {FileFormatException.Quote(key)} is given twice");
        }
    }

    private SafeTensorsEntry ParseEntry(string name)
    {
        var tensor = "tensor " + FileFormatException.Quote(name);
        if (Next() != JsonTokenType.StartObject)
            throw Fail($"{tensor} is not an object");
        string? dtype = null;
        long[]? shape = null, offsets = null;
        while (Next() == JsonTokenType.PropertyName)
        {
            var key = _json.GetString()!;
            if (key == "dtype" && dtype is null)
                dtype = ParseType(tensor);
            else if (key == "shape" && shape is null)
                shape = ParseNumbers(tensor, key);
            else if (key == "data_offsets" && offsets is null)
                offsets = ParseNumbers(tensor, key);
            else
                throw Fail($"{tensor} has an unknown or repeated key {FileFormatException.Quote(key)}");
        }

        if (dtype is null || shape is null || offsets is null)
            throw Fail($"{tensor} lacks {(dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets")}");
        if (offsets.Length != 2 || offsets[0] > offsets[1])
            throw Fail($"{tensor} has data_offsets {Shorten(offsets)}, not [begin, end]");
        var held = offsets[1] - offsets[0];

        // What this library cannot read is no fault of the file: newer types and larger tensors may stand beside the ones asked for.
        if (ElementTypeExtensions.OfDtype(dtype) is not { } type)
        {
            return new SafeTensorsEntry(name, default, shape, offsets[0], offsets[1])
            {
                Problem = $"{tensor} has the unsupported dtype {FileFormatException.Quote(dtype)}",
            };
        }

        if (!StoredArray.TryByteCount(type, shape, out var bytes))
            throw Fail($"{tensor} has a shape too large for any file, {Shorten(shape)}");
        if (bytes != held)
            throw Fail($"{tensor} of {dtype} {Shorten(shape)} needs {bytes} bytes but data_offsets hold {held}");
        var problem = held > Array.MaxLength ? $"{tensor} has {held} bytes, over the limit of {Array.MaxLength} for one tensor"
            : shape.Any(size => size > int.MaxValue) ? $"{tensor} has a size over {int.MaxValue}, {Shorten(shape)}" : null;
        return new SafeTensorsEntry(name, type, shape, offsets[0], offsets[1]) { Problem = problem };
    }

    private string ParseType(string tensor)
    {
        if (Next() != JsonTokenType.String)
            throw Fail($"{tensor} has a dtype that is not a string");
        return _json.GetString()!;
    }

    private long[] ParseNumbers(string tensor, string key)
    {
        if (Next() != JsonTokenType.StartArray)
            throw Fail($"{tensor} has a {key} that is not a list");
        Span<long> numbers = stackalloc long[UsualRank];
        var count = 0;
        while (Next() != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number)
                throw Fail($"{tensor} has a {key} with something that is not a number");
            if (!_json.TryGetInt64(out var number) || number < 0)
                throw Fail($"{tensor} has a {key} with {FileFormatException.Quote(Encoding.UTF8.GetString(_json.ValueSpan))}, not a whole number from 0 to 2^63 - 1");
            if (count == numbers.Length)
            {
                var more = new long[2 * count];
                numbers.CopyTo(more);
                numbers = more;
            }

            numbers[count++] = number;
        }

        return numbers[..count].ToArray();
    }

    private static string Shorten(long[] numbers) => numbers.Length <= 8
        ? StoredArray.ShapeText<long>(numbers)
        : $"[{string.Join(',', numbers.Take(8))},...]";

    private JsonTokenType Next() =>
        _json.Read() ? _json.TokenType : throw Fail("the header ends early");

    private readonly FileFormatException Fail(string problem) =>
        new(_name, $"{problem}, at byte {HeaderStart + _json.TokenStartIndex}");
}
