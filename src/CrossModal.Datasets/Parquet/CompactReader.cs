using System.Buffers.Binary;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Reads Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), in which
/// Parquet describes itself. No list is made longer than the bytes that are left.</summary>
/// <param name="bytes">The bytes; nothing beyond them is read.</param>
/// <param name="file">The file, for errors.</param>
/// <param name="start">Where in the file the bytes begin.</param>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes, string file, long start)
{
    private const int Deepest = 16;
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _depth;

    /// <summary>How many bytes were read.</summary>
    public int At { get; private set; }

    /// <summary>Reads a struct.</summary>
    /// <exception cref="FileFormatException">The bytes do not follow the protocol.</exception>
    public CompactStruct ReadStruct()
    {
        if (++_depth > Deepest) throw Damaged("structs are nested too deeply");
        var read = new CompactStruct(file);
        var field = 0;
        for (var head = Byte(); head != 0; head = Byte())
        {
            field = head >> 4 == 0 ? (int)ZigZag() : field + (head >> 4);
            read.Set(field, Value(head & 15, inList: false));
        }

        _depth--;
        return read;
    }

    private object Value(int type, bool inList) => type switch
    {
        1 or 2 when inList => Byte() == 1,
        1 or 2 => type == 1,
        3 => (long)(sbyte)Byte(),
        4 or 5 or 6 => ZigZag(),
        7 => BinaryPrimitives.ReadDoubleLittleEndian(Take(8)),
        8 => Take(Length()).ToArray(),
        9 or 10 => List(),
        11 => Map(),
        12 => ReadStruct(),
        _ => throw Damaged($"there is no type {type}"),
    };

    private List<object> List()
    {
        if (++_depth > Deepest) throw Damaged("lists are nested too deeply");
        var head = Byte();
        var count = head >> 4 == 15 ? Length() : head >> 4;
        if (count > _bytes.Length - At) throw Damaged($"a list of {count} runs past the end");
        var list = new List<object>(count);
        for (var i = 0; i < count; i++) list.Add(Value(head & 15, inList: true));
        _depth--;
        return list;
    }

    private List<object> Map()
    {
        if (++_depth > Deepest) throw Damaged("maps are nested too deeply");
        var count = Length();
        if (count == 0)
        {
            _depth--;
            return [];
        }

        if (count > _bytes.Length - At) throw Damaged($"a map of {count} runs past the end");
        var types = Byte();
        var list = new List<object>();
        for (var i = 0; i < count; i++)
        {
            list.Add(Value(types >> 4, inList: true));
            list.Add(Value(types & 15, inList: true));
        }

        _depth--;
        return list;
    }

    private int Length() => Unsigned() is var length && length <= (ulong)(_bytes.Length - At) ? (int)length
        : throw Damaged($"a length of {length} runs past the end");

    private long ZigZag() => Unsigned() is var value ? (long)(value >> 1) ^ -(long)(value & 1) : 0;

    private ulong Unsigned()
    {
        var value = 0ul;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128) return value;
        }

        throw Damaged("a number has no end");
    }

    private byte Byte() => At < _bytes.Length ? _bytes[At++] : throw Damaged("it ends too early");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - At) throw Damaged("it ends too early");
        At += count;
        return _bytes.Slice(At - count, count);
    }

    private readonly FileFormatException Damaged(string what) =>
        new(file, $"the description of the table is damaged: {what}, at byte {start + At}");
}
