using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CrossModal.Client.Wire;

namespace CrossModal.Server.Wires;

/// <summary>A tensor of a KServe request: numbers, or texts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Numbers">Numbers; null for texts.</param>
/// <param name="Texts">Texts (<c>BYTES</c>); null for numbers.</param>
/// <param name="Files">The bytes of the texts, for pictures that are sent as files.</param>
internal sealed record KServeTensor(string Name, NumpyArray? Numbers, IReadOnlyList<string>? Texts,
    IReadOnlyList<ReadOnlyMemory<byte>>? Files)
{
    private const int MostElements = 1 << 26;

    /// <summary>Parses an input.</summary>
    /// <param name="input">Its JSON.</param>
    /// <param name="binary">What follows the JSON of the request; what the tensor takes is cut off.</param>
    /// <exception cref="WireFormatException">It does not follow the protocol; the message names the tensor.</exception>
    public static KServeTensor Parse(JsonElement input, ref ReadOnlyMemory<byte> binary)
    {
        var name = Text(input, "name", "an input");
        var type = Text(input, "datatype", $"the input '{name}'");
        var (shape, count) = Shape(input, name);
        if (BinarySize(input, name) is { } size)
        {
            if (size > binary.Length)
                throw new WireFormatException($"the input '{name}' has {size} binary bytes, {binary.Length} are left of the body");
            var data = binary[..size];
            binary = binary[size..];
            return type == "BYTES" ? OfFiles(name, Split(data, count, name))
                : new KServeTensor(name, Array(Type(type, name), shape, data, name), null, null);
        }

        if (!input.TryGetProperty("data", out var values) || values.ValueKind != JsonValueKind.Array)
            throw new WireFormatException($"the input '{name}' has neither 'data' nor 'binary_data_size'");
        var flat = new List<JsonElement>(Math.Min(count, 1 << 16));
        Flatten(values, flat, count, name);
        if (flat.Count != count) throw new WireFormatException($"the input '{name}' has {flat.Count} values, its shape says {count}");
        return type == "BYTES" ? OfFiles(name, [.. flat.Select(v => TextBytes(v, name))]) : OfNumbers(name, type, shape, flat);
    }

    private static KServeTensor OfFiles(string name, IReadOnlyList<ReadOnlyMemory<byte>> files) =>
        new(name, null, [.. files.Select(f => Encoding.UTF8.GetString(f.Span))], files);

    private static KServeTensor OfNumbers(string name, string type, int[] shape, List<JsonElement> values)
    {
        var target = Type(type, name);
        var bytes = new byte[values.Count * (target == NumpyType.Byte ? 1 : 4)];
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].ValueKind is JsonValueKind.True or JsonValueKind.False)
                throw new WireFormatException($"the input '{name}' holds a value that is no number");
            if (values[i].ValueKind != JsonValueKind.Number || !values[i].TryGetDouble(out var value))
                throw new WireFormatException($"the input '{name}' holds a value that is no number");
            if (target != NumpyType.Byte) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), (float)value);
            else if (value is >= 0 and <= 255 && value == Math.Floor(value)) bytes[i] = (byte)value;
            else throw new WireFormatException($"the input '{name}' holds {value}, which is no UINT8");
        }

        return new KServeTensor(name, new NumpyArray(target == NumpyType.Byte ? target : NumpyType.Single, shape, bytes), null, null);
    }

    private static NumpyArray Array(NumpyType type, int[] shape, ReadOnlyMemory<byte> data, string name)
    {
        try
        {
            return new NumpyArray(type, shape, data);
        }
        catch (WireFormatException exception)
        {
            throw new WireFormatException($"the input '{name}': {exception.Message}");
        }
    }

    private static NumpyType Type(string datatype, string name) => datatype switch
    {
        "BOOL" => NumpyType.Parse("bool"),
        "UINT8" or "UINT16" or "UINT32" or "UINT64" or "INT8" or "INT16" or "INT32" or "INT64" =>
            NumpyType.Parse(datatype.ToLowerInvariant()),
        "FP16" => NumpyType.Parse("float16"),
        "FP32" => NumpyType.Single,
        "FP64" => NumpyType.Double,
        _ => throw new WireFormatException($"the input '{name}' has the datatype '{datatype}'"),
    };

    private static (int[] Shape, int Count) Shape(JsonElement input, string name)
    {
        if (!input.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array || shape.GetArrayLength() > 8)
            throw new WireFormatException($"the input '{name}' has no 'shape'");
        long count = 1;
        var axes = new List<int>();
        foreach (var axis in shape.EnumerateArray())
        {
            if (axis.ValueKind != JsonValueKind.Number || !axis.TryGetInt32(out var length) || length < 0)
                throw new WireFormatException($"the input '{name}' has a shape that is not of whole numbers");
            axes.Add(length);
            count = Math.Min(count * length, MostElements + 1L);
        }

        return count <= MostElements ? ([.. axes], (int)count)
            : throw new WireFormatException($"the input '{name}' has over {MostElements} elements");
    }

    private static int? BinarySize(JsonElement input, string name)
    {
        if (!input.TryGetProperty("parameters", out var parameters) || parameters.ValueKind != JsonValueKind.Object
            || !parameters.TryGetProperty("binary_data_size", out var size))
            return null;
        return size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out var bytes) && bytes >= 0 ? bytes
            : throw new WireFormatException($"the input '{name}' has a 'binary_data_size' that is no size");
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> data, int count, string name)
    {
        var texts = new List<ReadOnlyMemory<byte>>();
        while (data.Length > 0)
        {
            if (data.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(data.Span) > data.Length - 4)
                throw new WireFormatException($"the input '{name}' ends inside a text");
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(data.Span);
            texts.Add(data.Slice(4, length));
            data = data[(4 + length)..];
        }

        return texts.Count == count ? texts
            : throw new WireFormatException($"the input '{name}' has {texts.Count} texts, its shape says {count}");
    }

    private static void Flatten(JsonElement values, List<JsonElement> flat, int most, string name)
    {
        foreach (var value in values.EnumerateArray())
        {
            if (value.ValueKind == JsonValueKind.Array) Flatten(value, flat, most, name);
            else flat.Add(value);
            if (flat.Count > most) throw new WireFormatException($"the input '{name}' has more values than its shape says, {most}");
        }
    }

    private static ReadOnlyMemory<byte> TextBytes(JsonElement value, string name) => value.ValueKind == JsonValueKind.String
        ? Encoding.UTF8.GetBytes(value.GetString()!)
        : throw new WireFormatException($"the input '{name}' holds a value that is no text");

    private static string Text(JsonElement element, string property, string whose) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new WireFormatException($"{whose} has no '{property}'");
}
