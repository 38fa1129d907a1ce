using System.Buffers.Binary;
using System.Text;

namespace CrossModal.Engine.Formats;

/// <summary>What the header of a .npy file says, and the bytes it took.</summary>
internal sealed record NpyHeader(ElementType Type, bool BigEndian, bool FortranOrder, int[] Shape, int HeaderBytes, long DataBytes)
{
    /// <summary>Longest header text that is read; numpy itself stops at 10,000 unless configured otherwise.</summary>
    public const int LongestText = 1 << 16;

    /// <summary>Most dimensions an array may have, as in numpy 2.</summary>
    public const int MostDimensions = 64;

    private const int PrefixBytes = 8;

    private static ReadOnlySpan<byte> Magic => "NUMPY"u8;

    /// <summary>Reads the header from the stream's position; <paramref name="length"/> is how many bytes are there at most.</summary>
    public static NpyHeader Read(Stream stream, long length, string name)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes + 4];
        var got = stream.ReadAtLeast(prefix[..PrefixBytes], PrefixBytes, throwOnEndOfStream: false);
        if (got < PrefixBytes || prefix[0] != 0x93 || !prefix[1..6].SequenceEqual(Magic))
            throw new FileFormatException(name, "the file does not begin as an .npy file does, at byte 0");
        int major = prefix[6], minor = prefix[7];
        if (major is < 1 or > 3 || minor != 0)
            throw new FileFormatException(name, $"the .npy version {major}.{minor} is not one of 1.0, 2.0 and 3.0, at byte 6");

        var lengthBytes = major == 1 ? 2 : 4;
        got = stream.ReadAtLeast(prefix.Slice(PrefixBytes, lengthBytes), lengthBytes, throwOnEndOfStream: false);
        var textLength = got < lengthBytes ? uint.MaxValue
            : major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(prefix[PrefixBytes..])
            : BinaryPrimitives.ReadUInt32LittleEndian(prefix[PrefixBytes..]);
        var headerBytes = PrefixBytes + lengthBytes + (long)textLength;
        if (got < lengthBytes || headerBytes > length)
            throw new FileFormatException(name, $"the header runs past the end of {length} bytes, at byte {PrefixBytes}");
        if (textLength > LongestText)
            throw new FileFormatException(
                name, $"a header of {textLength} bytes is over the limit of {LongestText}, at byte {PrefixBytes}");

        var text = new byte[textLength];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
            throw new FileFormatException(name, $"the header is cut short, at byte {PrefixBytes}");
        return new NpyHeaderParser(text, PrefixBytes + lengthBytes, name).Parse();
    }

    /// <summary>A version 1.0 header for this array, padded as numpy does so that the data begins at a multiple of 64 bytes.</summary>
    public static byte[] Write(StoredArray array)
    {
        var shape = string.Join(", ", array.Shape.ToArray()) + (array.Shape.Length == 1 ? "," : "");
        var text = $"{{'descr': '{Describe(array.Type)}', 'fortran_order': False, 'shape': ({shape}), }}";
        var padded = text.PadRight((text.Length + PrefixBytes + 2 + 1 + 63) / 64 * 64 - PrefixBytes - 2 - 1) + '\n';
        var header = new byte[PrefixBytes + 2 + padded.Length];
        header[0] = 0x93;
        Magic.CopyTo(header.AsSpan(1));
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(PrefixBytes), (ushort)padded.Length);
        Encoding.ASCII.GetBytes(padded, header.AsSpan(PrefixBytes + 2));
        return header;
    }

    private static string Describe(ElementType type) => type switch
    {
        ElementType.F16 => "<f2",
        ElementType.F32 => "<f4",
        ElementType.F64 => "<f8",
        ElementType.I8 => "|i1",
        ElementType.U8 => "|u1",
        ElementType.I16 => "<i2",
        ElementType.U16 => "<u2",
        ElementType.I32 => "<i4",
        ElementType.U32 => "<u4",
        ElementType.I64 => "<i8",
        ElementType.U64 => "<u8",
        ElementType.Bool => "|b1",
        _ => throw new ArgumentException($"numpy has no type for {type}; convert to F32 first"),
    };
}
