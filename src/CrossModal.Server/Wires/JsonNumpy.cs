using System.Text.Json;
using CrossModal.Client.Wire;

namespace CrossModal.Server.Wires;

/// <summary>JSON in which arrays are objects of base64 text, type and shape, as the json-numpy package writes them.</summary>
internal static class JsonNumpy
{
    private const int MostNested = 16;

    /// <summary>Reads an object: text, numbers, lists, objects and <see cref="NumpyArray"/>.</summary>
    /// <exception cref="WireFormatException">It is no JSON object, or an array in it is damaged.</exception>
    public static Dictionary<string, object?> ReadMap(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MostNested });
            return Value(document.RootElement) as Dictionary<string, object?>
                ?? throw new WireFormatException("the body is no JSON object");
        }
        catch (JsonException exception)
        {
            throw new WireFormatException($"the body is no JSON: {exception.Message}");
        }
        catch (InvalidOperationException exception)
        {
            // Text with half of a surrogate pair.
            throw new WireFormatException($"the body is no JSON: {exception.Message}");
        }
    }

    /// <summary>Writes an array of single-precision numbers.</summary>
    public static byte[] Write(float[] values)
    {
        var array = NumpyArray.Of(values, values.Length);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteBase64String("__numpy__", array.Data.Span);
            writer.WriteString("dtype", array.Type.ToString());
            writer.WriteStartArray("shape");
            writer.WriteNumberValue(values.Length);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? (object)whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.Object => element.TryGetProperty("__numpy__", out var data) ? Array(element, data) : Map(element),
        _ => null,
    };

    private static Dictionary<string, object?> Map(JsonElement element)
    {
        var map = new Dictionary<string, object?>();
        foreach (var property in element.EnumerateObject())
            if (!map.TryAdd(property.Name, Value(property.Value)))
                throw new WireFormatException($"the body has '{property.Name}' twice");
        return map;
    }

    private static NumpyArray Array(JsonElement element, JsonElement data)
    {
        if (!element.TryGetProperty("dtype", out var type) || type.ValueKind != JsonValueKind.String)
            throw new WireFormatException("an array has no 'dtype'");
        if (!element.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array
            || shape.EnumerateArray().Any(a => a.ValueKind != JsonValueKind.Number || !a.TryGetInt32(out _)))
            throw new WireFormatException("an array has no 'shape' of whole numbers");
        return data.ValueKind == JsonValueKind.String && data.TryGetBytesFromBase64(out var bytes)
            ? new NumpyArray(NumpyType.Parse(type.GetString()!), [.. shape.EnumerateArray().Select(a => a.GetInt32())], bytes)
            : throw new WireFormatException("an array's '__numpy__' is no base64 text");
    }
}
