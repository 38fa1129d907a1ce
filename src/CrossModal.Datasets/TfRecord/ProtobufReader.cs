using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Reads fields of a message of protocol buffers, in place.</summary>
/// <param name="bytes">The message.</param>
/// <param name="file">The file, for errors.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes, string file)
{
    /// <summary>Wire type of whole numbers.</summary>
    public const int Varint = 0;

    /// <summary>Wire type of eight bytes.</summary>
    public const int Fixed64 = 1;

    /// <summary>Wire type of bytes with a length.</summary>
    public const int Delimited = 2;

    /// <summary>Wire type of four bytes.</summary>
    public const int Fixed32 = 5;

    private ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many bytes are left.</summary>
    public readonly int Left => _bytes.Length;

    /// <summary>The next field's number and wire type; null at the end. Its value must be read before the next field.</summary>
    /// <exception cref="FileFormatException">The message is damaged.</exception>
    public (int Field, int Wire)? Next()
    {
        if (_bytes.IsEmpty) return null;
        var tag = Whole();
        return tag >> 3 is > 0 and <= int.MaxValue && (tag & 7) is Varint or Fixed64 or Delimited or Fixed32
            ? ((int)(tag >> 3), (int)(tag & 7)) : throw Damaged();
    }

    /// <summary>A whole number.</summary>
    /// <exception cref="FileFormatException">The message is damaged.</exception>
    public ulong Whole()
    {
        var value = 0ul;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_bytes.IsEmpty) break;
            var next = _bytes[0];
            _bytes = _bytes[1..];
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }

        throw Damaged();
    }

    /// <summary>Bytes with a length, for a field of that wire type.</summary>
    /// <exception cref="FileFormatException">The field is of another type, or the message is damaged.</exception>
    public ReadOnlySpan<byte> Bytes(int wire) => wire == Delimited ? Take(Whole()) : throw Damaged();

    /// <summary>The next bytes.</summary>
    /// <exception cref="FileFormatException">There are not so many.</exception>
    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_bytes.Length) throw Damaged();
        var taken = _bytes[..(int)count];
        _bytes = _bytes[(int)count..];
        return taken;
    }

    /// <summary>Skips the value of a field.</summary>
    /// <exception cref="FileFormatException">The message is damaged.</exception>
    public void Skip(int wire)
    {
        if (wire == Varint) Whole();
        else Take(wire == Fixed64 ? 8 : wire == Fixed32 ? 4 : Whole());
    }

    private readonly FileFormatException Damaged() => new(file, "a record is no tf.Example: its message is damaged");
}
