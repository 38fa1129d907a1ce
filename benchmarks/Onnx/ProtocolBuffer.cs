using System.Buffers.Binary;
using System.Text;

namespace CrossModal.Benchmarks.Onnx;

/// <summary>
/// Writes a message of Protocol Buffers field by field, as far as ONNX needs it (protobuf.dev/programming-guides/encoding).
/// </summary>
internal sealed class ProtocolBuffer
{
    private const int Varint = 0, Delimited = 2, Fixed32 = 5;

    private readonly MemoryStream _bytes = new();

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>A whole number.</summary>
    public ProtocolBuffer Number(int field, long value)
    {
        Raw((ulong)(field << 3 | Varint));
        Raw((ulong)value);
        return this;
    }

    /// <summary>A float32.</summary>
    public ProtocolBuffer Float(int field, float value)
    {
        Raw((ulong)(field << 3 | Fixed32));
        Span<byte> four = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(four, value);
        _bytes.Write(four);
        return this;
    }

    /// <summary>A string.</summary>
    public ProtocolBuffer Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message within this one.</summary>
    public ProtocolBuffer Message(int field, ProtocolBuffer message) => Bytes(field, message._bytes.GetBuffer().AsSpan(0,
        (int)message._bytes.Length));

    /// <summary>Bytes as they are.</summary>
    public ProtocolBuffer Bytes(int field, ReadOnlySpan<byte> value)
    {
        Raw((ulong)(field << 3 | Delimited));
        Raw((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Raw(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
