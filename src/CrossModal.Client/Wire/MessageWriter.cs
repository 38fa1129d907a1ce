using System.Buffers;
using MessagePack;

namespace CrossModal.Client.Wire;

/// <summary>Writes msgpack messages in which arrays are written as msgpack-numpy does: maps with binary keys.</summary>
internal static class MessageWriter
{
    /// <summary>Writes a map.</summary>
    /// <param name="map">Null, bool, int, long, float, double, string, bytes, lists, maps by text and <see cref="NumpyArray"/>.</param>
    /// <param name="output">Receives the message.</param>
    /// <exception cref="ArgumentException">There is a value of another type.</exception>
    public static void Write(IReadOnlyDictionary<string, object?> map, IBufferWriter<byte> output)
    {
        var writer = new MessagePackWriter(output);
        Write(map, ref writer);
        writer.Flush();
    }

    private static void Write(object? value, ref MessagePackWriter writer)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case bool truth:
                writer.Write(truth);
                break;
            case int or long:
                writer.Write(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case float or double:
                writer.Write(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case string text:
                writer.Write(text);
                break;
            case ReadOnlyMemory<byte> bytes:
                writer.Write(bytes.Span);
                break;
            case NumpyArray array:
                Write(array, ref writer);
                break;
            case IReadOnlyDictionary<string, object?> map:
                writer.WriteMapHeader(map.Count);
                foreach (var (key, item) in map)
                {
                    writer.Write(key);
                    Write(item, ref writer);
                }

                break;
            case IReadOnlyList<object?> items:
                writer.WriteArrayHeader(items.Count);
                foreach (var item in items) Write(item, ref writer);
                break;
            default:
                throw new ArgumentException($"MessageWriter: a {value.GetType().Name} cannot be written");
        }
    }

    private static void Write(NumpyArray array, ref MessagePackWriter writer)
    {
        writer.WriteMapHeader(4);
        writer.Write("__ndarray__"u8);
        writer.Write(true);
        writer.Write("data"u8);
        writer.Write(array.Data.Span);
        writer.Write("dtype"u8);
        writer.Write(array.Type.ToString());
        writer.Write("shape"u8);
        writer.WriteArrayHeader(array.Shape.Count);
        foreach (var axis in array.Shape) writer.Write(axis);
    }
}
