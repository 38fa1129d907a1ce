using System.Buffers.Binary;
using System.Globalization;

namespace CrossModal.Client.Wire;

/// <summary>The type of an array's elements, as NumPy writes it: <c>&lt;f4</c>, <c>|u1</c>, <c>&gt;i8</c>.</summary>
/// <param name="Kind"><c>b</c> (bool), <c>i</c>, <c>u</c> or <c>f</c>.</param>
/// <param name="Size">Bytes of an element.</param>
/// <param name="BigEndian">Whether the most significant byte is first.</param>
internal readonly record struct NumpyType(char Kind, int Size, bool BigEndian)
{
    /// <summary>Bytes, as pictures have them.</summary>
    public static NumpyType Byte { get; } = new('u', 1, false);

    /// <summary>Single precision, little-endian.</summary>
    public static NumpyType Single { get; } = new('f', 4, false);

    /// <summary>Double precision, little-endian.</summary>
    public static NumpyType Double { get; } = new('f', 8, false);

    /// <summary>Parses NumPy's <c>dtype.str</c>, or a plain name such as <c>uint8</c>.</summary>
    /// <exception cref="WireFormatException">It is no type of numbers: objects, records, text and complex numbers are refused.</exception>
    public static NumpyType Parse(string text)
    {
        if (Named(text) is { } named) return named;
        var start = text.Length > 0 && text[0] is '<' or '>' or '|' or '=' ? 1 : 0;
        if (text.Length > start + 1 && text.Length <= start + 2 && int.TryParse(text.AsSpan(start + 1), NumberStyles.None,
            CultureInfo.InvariantCulture, out var size) && Fits(text[start], size))
            return new NumpyType(text[start], size, text[0] == '>');
        throw new WireFormatException(
            $"an array has elements of type '{text}'; supported are bool, signed and unsigned integers, and floats of 2, 4 and 8 bytes");
    }

    /// <summary>NumPy's <c>dtype.str</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Size == 1 ? '|' : BigEndian ? '>' : '<')}{Kind}{Size}");

    /// <summary>The element that starts at the first byte, as a number.</summary>
    public double Value(ReadOnlySpan<byte> bytes)
    {
        Span<byte> little = stackalloc byte[8];
        bytes[..Size].CopyTo(little);
        if (BigEndian) little[..Size].Reverse();
        return (Kind, Size) switch
        {
            ('f', 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(little),
            ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(little),
            ('f', _) => BinaryPrimitives.ReadDoubleLittleEndian(little),
            ('i', 1) => (sbyte)little[0],
            ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(little),
            ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(little),
            ('i', _) => BinaryPrimitives.ReadInt64LittleEndian(little),
            ('b', _) => little[0] == 0 ? 0 : 1,
            _ => BinaryPrimitives.ReadUInt64LittleEndian(little),
        };
    }

    private static bool Fits(char kind, int size) => kind switch
    {
        'b' => size == 1,
        'i' or 'u' => size is 1 or 2 or 4 or 8,
        'f' => size is 2 or 4 or 8,
        _ => false,
    };

    private static NumpyType? Named(string text) => text switch
    {
        "bool" => new NumpyType('b', 1, false),
        "int8" => new NumpyType('i', 1, false),
        "int16" => new NumpyType('i', 2, false),
        "int32" => new NumpyType('i', 4, false),
        "int64" => new NumpyType('i', 8, false),
        "uint8" => Byte,
        "uint16" => new NumpyType('u', 2, false),
        "uint32" => new NumpyType('u', 4, false),
        "uint64" => new NumpyType('u', 8, false),
        "float16" => new NumpyType('f', 2, false),
        "float32" => Single,
        "float64" => Double,
        _ => null,
    };
}
