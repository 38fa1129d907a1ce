using System.Buffers.Binary;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>What kind of values there are.</summary>
internal enum Hdf5Kind
{
    /// <summary>Whole numbers, with or without sign; enumerations too.</summary>
    Whole,

    /// <summary>Numbers of floating point.</summary>
    Floating,

    /// <summary>Texts of one length, padded.</summary>
    FixedText,

    /// <summary>Texts of any length, kept elsewhere in the file.</summary>
    Text,

    /// <summary>Anything else, which is not read.</summary>
    Other,
}

/// <summary>The type of the values of a data set or attribute.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Size">Bytes of one value where it is stored.</param>
/// <param name="Signed">Whether whole numbers have a sign.</param>
/// <param name="BigEndian">Whether the highest byte comes first.</param>
internal sealed record Hdf5Type(Hdf5Kind Kind, int Size, bool Signed = false, bool BigEndian = false)
{
    /// <summary>Whether values are numbers.</summary>
    public bool IsNumeric => Kind is Hdf5Kind.Whole or Hdf5Kind.Floating;

    /// <summary>Reads a datatype message.</summary>
    /// <exception cref="FileFormatException">It is damaged.</exception>
    public static Hdf5Type Read(ref Hdf5Bytes bytes)
    {
        const int Fixed = 0, Floating = 1, Text = 3, Enumeration = 8, Variable = 9;
        var kind = bytes.Byte() & 15;
        var bits = bytes.Whole(3);
        var size = (int)Math.Min(int.MaxValue, bytes.Whole(4));
        switch (kind)
        {
            case Fixed when size is 1 or 2 or 4 or 8:
                return new Hdf5Type(Hdf5Kind.Whole, size, (bits & 8) != 0, (bits & 1) != 0);
            case Floating when size is 2 or 4 or 8:
                return new Hdf5Type(Hdf5Kind.Floating, size, true, (bits & 1) != 0);
            case Text when size > 0:
                return new Hdf5Type(Hdf5Kind.FixedText, size);
            case Enumeration:
                // The numbers behind the names.
                return (bytes.Byte() & 15) == Fixed && bytes.Whole(3) is var inner && size is 1 or 2 or 4 or 8
                    ? new Hdf5Type(Hdf5Kind.Whole, size, (inner & 8) != 0, (inner & 1) != 0) : new Hdf5Type(Hdf5Kind.Other, size);
            case Variable when (bits & 15) == 1:
                return new Hdf5Type(Hdf5Kind.Text, size);
            default:
                return new Hdf5Type(Hdf5Kind.Other, size);
        }
    }

    /// <summary>Numbers from their bytes.</summary>
    public void ToSingles(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        Span<byte> one = stackalloc byte[8];
        for (var i = 0; i < values.Length; i++)
        {
            one.Clear();
            bytes.Slice(i * Size, Size).CopyTo(one);
            if (BigEndian) one[..Size].Reverse();
            values[i] = (float)Number(one);
        }
    }

    private double Number(ReadOnlySpan<byte> one) => (Kind, Size, Signed) switch
    {
        (Hdf5Kind.Floating, 2, _) => (double)BinaryPrimitives.ReadHalfLittleEndian(one),
        (Hdf5Kind.Floating, 4, _) => BinaryPrimitives.ReadSingleLittleEndian(one),
        (Hdf5Kind.Floating, _, _) => BinaryPrimitives.ReadDoubleLittleEndian(one),
        (_, 1, true) => (sbyte)one[0],
        (_, 2, true) => BinaryPrimitives.ReadInt16LittleEndian(one),
        (_, 4, true) => BinaryPrimitives.ReadInt32LittleEndian(one),
        (_, 8, true) => BinaryPrimitives.ReadInt64LittleEndian(one),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(one),
    };
}
