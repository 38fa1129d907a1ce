using System.Runtime.InteropServices;
using System.Text;

namespace CrossModal.Onnx;

/// <summary>A protocol-buffer message that is measured first and then written: fields in the order they were added.</summary>
/// <remarks>What ONNX needs of the wire format (protobuf.dev/programming-guides/encoding): whole numbers, float32, texts, bytes and
/// messages.</remarks>
internal sealed class ProtoMessage
{
    private const int Varint = 0;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private readonly List<(int Key, object Value)> _fields = [];

    /// <summary>Adds a whole number.</summary>
    public ProtoMessage Add(int field, long value) => Add(field, Varint, (ulong)value);

    /// <summary>Adds a float32.</summary>
    public ProtoMessage Add(int field, float value) => Add(field, Fixed32, value);

    /// <summary>Adds a text.</summary>
    public ProtoMessage Add(int field, string value) => Add(field, Delimited, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds the little-endian bytes of float32 numbers; they are read when the message is written.</summary>
    public ProtoMessage Add(int field, ReadOnlyMemory<float> values) => Add(field, Delimited, values);

    /// <summary>Adds bytes.</summary>
    public ProtoMessage Add(int field, byte[] value) => Add(field, Delimited, value);

    /// <summary>Adds a message.</summary>
    public ProtoMessage Add(int field, ProtoMessage value) => Add(field, Delimited, value);

    /// <summary>Adds every message of a list.</summary>
    public ProtoMessage AddAll(int field, IEnumerable<ProtoMessage> values)
    {
        foreach (var value in values) Add(field, value);
        return this;
    }

    /// <summary>Bytes of the message.</summary>
    public long Length => _fields.Sum(entry => Size((ulong)entry.Key) + entry.Value switch
    {
        ulong number => Size(number),
        float => sizeof(float),
        var value => Size((ulong)LengthOf(value)) + LengthOf(value),
    });

    /// <summary>Writes the message.</summary>
    public void Write(Stream stream)
    {
        foreach (var (key, value) in _fields)
        {
            Write(stream, (ulong)key);
            if (value is ulong number) Write(stream, number);
            else if (value is float real) stream.Write(BitConverter.GetBytes(real));
            else WriteDelimited(stream, value);
        }
    }

    private static void WriteDelimited(Stream stream, object value)
    {
        Write(stream, (ulong)LengthOf(value));
        if (value is ProtoMessage message) message.Write(stream);
        else if (value is byte[] bytes) stream.Write(bytes);
        else WriteFloats(stream, (ReadOnlyMemory<float>)value);
    }

    /// <summary>Writes float32 numbers as they lie in memory.</summary>
    public static void WriteFloats(Stream stream, ReadOnlyMemory<float> values) => stream.Write(MemoryMarshal.AsBytes(values.Span));

    private static long LengthOf(object value) => value switch
    {
        ProtoMessage message => message.Length,
        byte[] bytes => bytes.Length,
        _ => (long)((ReadOnlyMemory<float>)value).Length * sizeof(float),
    };

    private static long Size(ulong value)
    {
        var size = 1;
        while ((value >>= 7) != 0) size++;
        return size;
    }

    private static void Write(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    private ProtoMessage Add(int field, int kind, object value)
    {
        _fields.Add((field << 3 | kind, value));
        return this;
    }
}
