using System.Buffers;
using MessagePack;

namespace CrossModal.Client.Wire;

/// <summary>Reads msgpack messages in which arrays are written as msgpack-numpy does: maps with binary keys.</summary>
/// <remarks>
/// Values become null, bool, long, double, string, <see cref="ReadOnlyMemory{T}"/> of bytes, <see cref="List{T}"/>,
/// <see cref="Dictionary{TKey, TValue}"/> by text and <see cref="NumpyArray"/>; bytes stay where they lie in the message. Extension types
/// are refused. Nothing is allocated for a size that the message only claims.
/// </remarks>
internal static class MessageReader
{
    private const int MostNested = 16;
    private const int MostValues = 65_536;

    /// <summary>Reads a message that is one map.</summary>
    /// <exception cref="WireFormatException">It is no such message.</exception>
    public static Dictionary<string, object?> ReadMap(ReadOnlyMemory<byte> message) => Read(message) as Dictionary<string, object?>
        ?? throw new WireFormatException("the message is no msgpack map");

    /// <summary>Reads a message.</summary>
    /// <exception cref="WireFormatException">It is damaged, nested too deeply, has too many values, or bytes follow it.</exception>
    public static object? Read(ReadOnlyMemory<byte> message)
    {
        var reader = new MessagePackReader(message);
        var left = MostValues;
        object? value;
        try
        {
            value = Value(ref reader, MostNested, ref left);
        }
        catch (Exception exception) when (exception is MessagePackSerializationException or EndOfStreamException or OverflowException
            or InvalidOperationException or ArgumentException)
        {
            throw new WireFormatException($"the message is no msgpack at byte {reader.Consumed}: {exception.Message}");
        }

        return reader.End ? value : throw new WireFormatException($"bytes follow the message, from byte {reader.Consumed} on");
    }

    private static object? Value(ref MessagePackReader reader, int depth, ref int left)
    {
        if (depth == 0) throw new WireFormatException($"the message is nested over {MostNested} deep");
        if (left-- == 0) throw new WireFormatException($"the message has over {MostValues} values");
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return null;
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.Integer:
                return reader.NextCode == MessagePackCode.UInt64 ? checked((long)reader.ReadUInt64()) : reader.ReadInt64();
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Binary:
                return Bytes(ref reader);
            case MessagePackType.Array:
                var count = reader.ReadArrayHeader();
                var items = new List<object?>(Math.Min(count, 64));
                for (var i = 0; i < count; i++) items.Add(Value(ref reader, depth - 1, ref left));
                return items;
            case MessagePackType.Map:
                return Map(ref reader, depth, ref left);
            default:
                throw new WireFormatException($"the message holds an extension type at byte {reader.Consumed}");
        }
    }

    private static object Map(ref MessagePackReader reader, int depth, ref int left)
    {
        var count = reader.ReadMapHeader();
        var map = new Dictionary<string, object?>(Math.Min(count, 64));
        for (var i = 0; i < count; i++)
        {
            var key = reader.NextMessagePackType switch
            {
                MessagePackType.String => reader.ReadString()!,
                MessagePackType.Binary => System.Text.Encoding.UTF8.GetString(Bytes(ref reader).Span),
                MessagePackType.Integer => reader.ReadInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
                var other => throw new WireFormatException($"a key of a map is of type {other}; text is needed"),
            };
            if (!map.TryAdd(key, Value(ref reader, depth - 1, ref left)))
                throw new WireFormatException($"a map has the key '{key}' twice");
        }

        if (map.ContainsKey("__ndarray__")) return Array(map);
        return map.ContainsKey("__npgeneric__") ? map.GetValueOrDefault("data") ?? throw new WireFormatException("a number has no 'data'")
            : map;
    }

    private static NumpyArray Array(Dictionary<string, object?> map)
    {
        if (map.GetValueOrDefault("dtype") is not string type) throw new WireFormatException("an array has no 'dtype'");
        if (map.GetValueOrDefault("shape") is not List<object?> axes || axes.Exists(a => a is not (>= 0L and <= int.MaxValue)))
            throw new WireFormatException("an array has no 'shape' of whole numbers");
        return map.GetValueOrDefault("data") is ReadOnlyMemory<byte> data
            ? new NumpyArray(NumpyType.Parse(type), [.. axes.Select(a => (int)(long)a!)], data)
            : throw new WireFormatException("an array has no 'data' of bytes");
    }

    private static ReadOnlyMemory<byte> Bytes(ref MessagePackReader reader)
    {
        var bytes = reader.ReadBytes() ?? default(ReadOnlySequence<byte>);
        return bytes.IsSingleSegment ? bytes.First : bytes.ToArray();
    }
}
