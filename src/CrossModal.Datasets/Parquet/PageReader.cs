using System.Buffers.Binary;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Decodes the pages of one column of one row group.</summary>
/// <remarks>Encodings PLAIN, RLE, PLAIN_DICTIONARY, RLE_DICTIONARY and BYTE_STREAM_SPLIT; data pages of versions 1 and 2.</remarks>
/// <param name="leaf">The column.</param>
/// <param name="codec">Number of its codec.</param>
/// <param name="file">The file, for errors.</param>
/// <param name="fileBytes">Length of the file.</param>
internal sealed class PageReader(ParquetLeaf leaf, long codec, string file, long fileBytes)
{
    private readonly bool _isNumeric = leaf.Type is not (ParquetType.ByteArray or ParquetType.FixedByteArray or ParquetType.Int96);
    private double[] _numbers = [];
    private byte[]?[] _bytes = [];
    private int _values;
    private int[] _starts = [];
    private int _rows;
    private double[]? _numberDictionary;
    private byte[][]? _byteDictionary;

    /// <summary>Decodes all pages.</summary>
    /// <param name="chunk">The bytes of the column.</param>
    /// <param name="start">Where in the file they begin.</param>
    /// <param name="values">How many levels the pages have together, as the file says.</param>
    /// <param name="rows">How many rows, as the file says.</param>
    /// <exception cref="FileFormatException">They are damaged, or of an encoding that is not read.</exception>
    public ParquetColumn Read(ReadOnlySpan<byte> chunk, long start, long values, long rows)
    {
        ByteLimit.Check(values * sizeof(double), fileBytes, file, $"a column '{leaf.Path[0]}' of {values} values");
        if (rows < 0 || rows > values) throw Damaged($"it has {values} values in {rows} rows", start);
        if (_isNumeric) _numbers = new double[values];
        else _bytes = new byte[values][];
        _starts = new int[rows + 1];
        var (at, levels) = (0, 0L);
        while (levels < values)
        {
            var head = new CompactReader(chunk[at..], file, start + at);
            var page = head.ReadStruct();
            at += head.At;
            var packed = page.Whole(3);
            if (packed < 0 || packed > chunk.Length - at) throw Damaged("a page runs past its end", start + at);
            var plain = ByteLimit.Check(page.Whole(2), fileBytes, file, $"a page of the column '{leaf.Path[0]}'");
            var bytes = chunk.Slice(at, (int)packed);
            switch (page.Whole(1))
            {
                case 0:
                    levels += One(page.Struct(5), bytes, plain, values - levels, start + at);
                    break;
                case 2:
                    Dictionary(page.Struct(7), Decompression.Unpack(codec, bytes, plain, file), start + at);
                    break;
                case 3:
                    levels += Two(page.Struct(8), bytes, plain, values - levels, start + at);
                    break;
            }

            at += (int)packed;
        }

        if (_rows != rows) throw Damaged($"it has {_rows} rows, of {rows}", start);
        _starts[_rows] = _values;
        return new ParquetColumn(_starts, _isNumeric ? _numbers[.._values] : [], _isNumeric ? [] : _bytes[.._values]);
    }

    /// <summary>A data page of version 1: levels, each with a length, and values, compressed together.</summary>
    private int One(CompactStruct head, ReadOnlySpan<byte> packed, int length, long left, long at)
    {
        var count = Count(head.Whole(1), left, at);
        ReadOnlySpan<byte> plain = Decompression.Unpack(codec, packed, length, file);
        var repetition = leaf.Repetition > 0 ? Levels(ref plain, leaf.Repetition, count, head.Whole(4), at) : null;
        var definition = leaf.Definition > 0 ? Levels(ref plain, leaf.Definition, count, head.Whole(3), at) : null;
        Assemble(count, repetition, definition, plain, head.Whole(2), at);
        return count;
    }

    /// <summary>A data page of version 2: levels without lengths and never compressed, then values.</summary>
    private int Two(CompactStruct head, ReadOnlySpan<byte> packed, int length, long left, long at)
    {
        var count = Count(head.Whole(1), left, at);
        var (definitionBytes, repetitionBytes) = (head.Whole(5), head.Whole(6));
        if (definitionBytes < 0 || repetitionBytes < 0 || definitionBytes + repetitionBytes > Math.Min(packed.Length, length))
            throw Damaged("levels run past their page", at);
        var repetition = leaf.Repetition > 0 ? Decode(packed[..(int)repetitionBytes], leaf.Repetition, count, at) : null;
        var definition = leaf.Definition > 0 ? Decode(packed.Slice((int)repetitionBytes, (int)definitionBytes), leaf.Definition, count, at)
            : null;
        var levels = (int)(definitionBytes + repetitionBytes);

        // Boolean fields are stored in their type: true unless said otherwise.
        var plain = head.Has(7) && !head.Flag(7) ? packed[levels..] : Decompression.Unpack(codec, packed[levels..], length - levels, file);
        Assemble(count, repetition, definition, plain, head.Whole(4), at);
        return count;
    }

    private int[] Levels(ref ReadOnlySpan<byte> plain, int most, int count, long encoding, long at)
    {
        const int Rle = 3;
        if (encoding != Rle) throw Damaged($"levels of encoding {encoding} are not read", at);
        if (plain.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(plain) is var length && (length < 0 || length > plain.Length - 4))
            throw Damaged("levels run past their page", at);
        var levels = Decode(plain.Slice(4, length), most, count, at);
        plain = plain[(4 + length)..];
        return levels;
    }

    private int[] Decode(ReadOnlySpan<byte> bytes, int most, int count, long at)
    {
        var levels = new int[count];
        if (!new RunLengthReader(bytes, BitsOf(most)).TryRead(levels)) throw Damaged("levels end too early", at);
        return levels;
    }

    /// <summary>Puts values where the levels say.</summary>
    private void Assemble(int count, int[]? repetition, int[]? definition, ReadOnlySpan<byte> plain, long encoding, long at)
    {
        var present = count;
        if (definition is not null)
            foreach (var level in definition) present -= level == leaf.Definition ? 0 : 1;
        var (numbers, bytes) = (_isNumeric ? new double[present] : [], _isNumeric ? [] : new byte[present][]);
        new ValueReader(leaf, file, _numberDictionary, _byteDictionary).Read(plain, encoding, numbers, bytes, at);
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            var level = definition is null ? leaf.Definition : definition[i];
            if (repetition is null || repetition[i] == 0)
            {
                if (_rows >= _starts.Length - 1) throw Damaged("it has more rows than it says", at);
                _starts[_rows++] = _values;
            }
            else if (_rows == 0) throw Damaged("its first value continues a row", at);

            if (level < leaf.ElementDefinition) continue;
            if (_isNumeric) _numbers[_values++] = level == leaf.Definition ? numbers[next++] : double.NaN;
            else _bytes[_values++] = level == leaf.Definition ? bytes[next++] : null;
        }
    }

    private void Dictionary(CompactStruct head, ReadOnlySpan<byte> plain, long at)
    {
        var count = head.Whole(1);

        // A value of bytes takes at least its length's four bytes; a bit is the smallest number.
        if (count < 0 || count > 8L * plain.Length) throw Damaged($"a dictionary of {count} values in {plain.Length} bytes", at);
        var (numbers, bytes) = (_isNumeric ? new double[count] : [], _isNumeric ? [] : new byte[count][]);
        new ValueReader(leaf, file, null, null).Read(plain, 0, numbers, bytes, at);
        (_numberDictionary, _byteDictionary) = (_isNumeric ? numbers : null, _isNumeric ? null : bytes);
    }

    private int Count(long count, long left, long at) =>
        count >= 0 && count <= left ? (int)count : throw Damaged($"a page has {count} values, {left} are left", at);

    private static int BitsOf(int most) => 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)most);

    private FileFormatException Damaged(string what, long at) =>
        new(file, $"the column '{string.Join('.', leaf.Path)}' is damaged: {what}, at byte {at}");
}
