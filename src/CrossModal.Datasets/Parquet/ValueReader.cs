using System.Buffers.Binary;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Decodes the values of a page.</summary>
/// <param name="leaf">Their column.</param>
/// <param name="file">The file, for errors.</param>
/// <param name="numberDictionary">The column's dictionary of numbers; null for none.</param>
/// <param name="byteDictionary">The column's dictionary of bytes; null for none.</param>
internal readonly struct ValueReader(ParquetLeaf leaf, string file, double[]? numberDictionary, byte[][]? byteDictionary)
{
    private const int Plain = 0;
    private const int PlainDictionary = 2;
    private const int Rle = 3;
    private const int RleDictionary = 8;
    private const int ByteStreamSplit = 9;

    /// <summary>Decodes values into whichever of the two arrays belongs to the column.</summary>
    /// <exception cref="FileFormatException">They are damaged, or of an encoding that is not read.</exception>
    public void Read(ReadOnlySpan<byte> plain, long encoding, double[] numbers, byte[][] bytes, long at)
    {
        var count = Math.Max(numbers.Length, bytes.Length);
        if (count == 0) return;
        switch (encoding)
        {
            case Plain when leaf.Type == ParquetType.Boolean:
                if (plain.Length < (count + 7) / 8) throw Short(at);
                for (var i = 0; i < count; i++) numbers[i] = plain[i / 8] >> (i % 8) & 1;
                break;
            case Plain when numbers.Length > 0:
                Numbers(plain, numbers, at);
                break;
            case Plain:
                Bytes(plain, bytes, at);
                break;
            case Rle when leaf.Type == ParquetType.Boolean:
                if (plain.Length < 4) throw Short(at);
                var bits = new int[count];
                if (!new RunLengthReader(plain[4..], 1).TryRead(bits)) throw Short(at);
                for (var i = 0; i < count; i++) numbers[i] = bits[i];
                break;
            case PlainDictionary or RleDictionary:
                Indexed(plain, numbers, bytes, at);
                break;
            case ByteStreamSplit when numbers.Length > 0:
                Split(plain, numbers, at);
                break;
            default:
                throw new FileFormatException(
                    file, $"the column '{string.Join('.', leaf.Path)}' has values of encoding {encoding}, which is not read; write it again with the encodings PLAIN and RLE_DICTIONARY");
        }
    }

    private int Width => leaf.Type is ParquetType.Int32 or ParquetType.Float ? 4 : 8;

    private void Numbers(ReadOnlySpan<byte> plain, double[] numbers, long at)
    {
        var width = Width;
        if (plain.Length / width < numbers.Length) throw Short(at);
        for (var i = 0; i < numbers.Length; i++) numbers[i] = Number(plain[(i * width)..]);
    }

    private double Number(ReadOnlySpan<byte> plain) => leaf.Type switch
    {
        ParquetType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(plain),
        ParquetType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(plain),
        ParquetType.Float => BinaryPrimitives.ReadSingleLittleEndian(plain),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(plain),
    };

    private void Bytes(ReadOnlySpan<byte> plain, byte[][] bytes, long at)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var length = leaf.Type == ParquetType.Int96 ? 12 : leaf.FixedLength;
            if (leaf.Type == ParquetType.ByteArray)
            {
                if (plain.Length < 4) throw Short(at);
                length = BinaryPrimitives.ReadInt32LittleEndian(plain);
                plain = plain[4..];
            }

            if (length < 0 || length > plain.Length) throw Short(at);
            bytes[i] = plain[..length].ToArray();
            plain = plain[length..];
        }
    }

    private void Indexed(ReadOnlySpan<byte> plain, double[] numbers, byte[][] bytes, long at)
    {
        if (plain.IsEmpty || plain[0] > 32) throw Short(at);
        var indices = new int[Math.Max(numbers.Length, bytes.Length)];
        if (!new RunLengthReader(plain[1..], plain[0]).TryRead(indices)) throw Short(at);
        var known = numberDictionary?.Length ?? byteDictionary?.Length ?? 0;
        for (var i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)known) throw Damaged($"entry {(uint)indices[i]} of a dictionary of {known}", at);
            if (numberDictionary is not null) numbers[i] = numberDictionary[indices[i]];
            else bytes[i] = byteDictionary![indices[i]];
        }
    }

    /// <summary>The first bytes of all numbers, then the second ones, and so on.</summary>
    private void Split(ReadOnlySpan<byte> plain, double[] numbers, long at)
    {
        var width = Width;
        if (plain.Length / width < numbers.Length) throw Short(at);
        Span<byte> one = stackalloc byte[8];
        for (var i = 0; i < numbers.Length; i++)
        {
            for (var b = 0; b < width; b++) one[b] = plain[b * numbers.Length + i];
            numbers[i] = Number(one);
        }
    }

    private FileFormatException Short(long at) => Damaged("its values end too early", at);

    private FileFormatException Damaged(string what, long at) =>
        new(file, $"the column '{string.Join('.', leaf.Path)}' is damaged: {what}, at byte {at}");
}
