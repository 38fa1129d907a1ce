using System.Text;

namespace CrossModal.Datasets;

/// <summary>Writes Thrift's compact protocol (<see cref="CompactReader"/>). Fields of a struct are written in the order of their
/// numbers.</summary>
internal sealed class CompactWriter
{
    private const int Whole32 = 5;
    private const int Whole64 = 6;
    private const int Binary = 8;
    private const int ListType = 9;
    private const int StructType = 12;
    private readonly MemoryStream _bytes = new();
    private readonly Stack<int> _outer = new();
    private int _last;

    /// <summary>The bytes so far.</summary>
    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>A whole number of 32 bits.</summary>
    public CompactWriter Int32(int field, int value)
    {
        Head(field, Whole32);
        ZigZag(value);
        return this;
    }

    /// <summary>A whole number of 64 bits.</summary>
    public CompactWriter Int64(int field, long value)
    {
        Head(field, Whole64);
        ZigZag(value);
        return this;
    }

    /// <summary>Text.</summary>
    public CompactWriter Text(int field, string value)
    {
        Head(field, Binary);
        Bytes(value);
        return this;
    }

    /// <summary>A struct.</summary>
    public CompactWriter Struct(int field, Action<CompactWriter> write)
    {
        Head(field, StructType);
        Nested(write);
        return this;
    }

    /// <summary>A list of structs.</summary>
    public CompactWriter Structs<T>(int field, IReadOnlyCollection<T> items, Action<CompactWriter, T> write)
    {
        Head(field, ListType);
        ListHead(items.Count, StructType);
        foreach (var item in items) Nested(w => write(w, item));
        return this;
    }

    /// <summary>A list of texts.</summary>
    public CompactWriter Texts(int field, IReadOnlyCollection<string> items)
    {
        Head(field, ListType);
        ListHead(items.Count, Binary);
        foreach (var item in items) Bytes(item);
        return this;
    }

    /// <summary>A list of whole numbers of 32 bits.</summary>
    public CompactWriter Int32s(int field, IReadOnlyCollection<int> items)
    {
        Head(field, ListType);
        ListHead(items.Count, Whole32);
        foreach (var item in items) ZigZag(item);
        return this;
    }

    /// <summary>Ends the outermost struct.</summary>
    public CompactWriter End()
    {
        _bytes.WriteByte(0);
        return this;
    }

    private void Nested(Action<CompactWriter> write)
    {
        _outer.Push(_last);
        _last = 0;
        write(this);
        End();
        _last = _outer.Pop();
    }

    private void Head(int field, int type)
    {
        _bytes.WriteByte((byte)((field - _last) << 4 | type));
        _last = field;
    }

    private void ListHead(int count, int type)
    {
        if (count < 15)
        {
            _bytes.WriteByte((byte)(count << 4 | type));
            return;
        }

        _bytes.WriteByte((byte)(15 << 4 | type));
        Unsigned((ulong)count);
    }

    private void Bytes(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Unsigned((ulong)bytes.Length);
        _bytes.Write(bytes);
    }

    private void ZigZag(long value) => Unsigned((ulong)(value << 1 ^ value >> 63));

    private void Unsigned(ulong value)
    {
        for (; value >= 128; value >>= 7) _bytes.WriteByte((byte)(value & 127 | 128));
        _bytes.WriteByte((byte)value);
    }
}
