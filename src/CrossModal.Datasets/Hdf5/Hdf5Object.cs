using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>A group or a data set: its header's messages, its members and attributes.</summary>
internal sealed class Hdf5Object
{
    private const int Continuation = 0x10;
    private const int SymbolTable = 0x11;
    private const int LinkInfo = 2;
    private const int Link = 6;
    private const int Attribute = 12;
    private const int AttributeInfo = 21;
    private const int AttributeIdentifier = 8;
    private readonly Hdf5File _file;
    private readonly List<(int Type, long Address, byte[] Data)> _messages = [];
    private Dictionary<string, long>? _members;

    /// <summary>Reads the header at an address.</summary>
    /// <exception cref="FileFormatException">It is damaged.</exception>
    public Hdf5Object(Hdf5File file, long address)
    {
        _file = file;
        file.Visit();
        var start = file.Block(address, Math.Min(16, Math.Max(0, file.Length - address)));
        var bytes = new Hdf5Bytes(start, file.Path, address);
        if (start.AsSpan().StartsWith("OHDR"u8)) Second(address);
        else if (bytes.Byte() == 1)
        {
            bytes.Skip(7);
            First(address + 16, bytes.Whole(4));
        }
        else throw file.Damaged($"no object begins at byte {address}");
    }

    /// <summary>The file.</summary>
    public Hdf5File File => _file;

    /// <summary>Names of members, in the order of the file: alphabetical, as a rule.</summary>
    /// <exception cref="FileFormatException">The group is damaged, or too large a one of a form that is not read.</exception>
    public IReadOnlyCollection<string> Names => Members.Keys;

    /// <summary>Whether it is a data set.</summary>
    public bool IsDataset => Message(8) is not null;

    private Dictionary<string, long> Members => _members ??= Hdf5Members.Read(
        _file, Message(SymbolTable), Message(LinkInfo), _messages.Where(m => m.Type == Link).Select(m => m.Data));

    /// <summary>A member, or a member's member: <c>data/demo_0</c>; null when there is none.</summary>
    public Hdf5Object? Find(string path)
    {
        _file.BeginWalk();
        var at = this;
        foreach (var name in path.Split('/'))
        {
            if (at.IsDataset || !at.Members.TryGetValue(name, out var address)) return null;
            at = new Hdf5Object(_file, address);
        }

        return at;
    }

    /// <summary>A data set below this group; null when there is none.</summary>
    public Hdf5Dataset? Dataset(string path) => Find(path) is { IsDataset: true } found ? new Hdf5Dataset(found, path) : null;

    /// <summary>The data of a message; null when the header has none of that type.</summary>
    public byte[]? Message(int type) => _messages.FirstOrDefault(m => m.Type == type).Data;

    /// <summary>An attribute as text; null when there is none, or it is no text.</summary>
    public string? Text(string name) => Find(name, (type, data) => type.Kind switch
    {
        Hdf5Kind.FixedText => Encoding.UTF8.GetString(data).TrimEnd('\0', ' '),
        Hdf5Kind.Text when data.Length >= 16 => Encoding.UTF8.GetString(Hdf5Heap.Object(_file, data)).TrimEnd('\0'),
        _ => null,
    });

    /// <summary>An attribute as a number; null when there is none, or it is no number.</summary>
    public double? Number(string name) => Find<double?>(name, (type, data) =>
    {
        if (!type.IsNumeric || data.Length < type.Size) return null;
        Span<float> value = [0];
        type.ToSingles(data, value);
        return value[0];
    });

    /// <summary>Attributes that are kept apart, because there are many.</summary>
    private IEnumerable<(int Type, long Address, byte[] Data)> Kept()
    {
        if (Message(AttributeInfo) is not { } info) return [];
        var bytes = new Hdf5Bytes(info, _file.Path, 0);
        bytes.Skip(1);
        bytes.Skip((bytes.Byte() & 1) != 0 ? 2 : 0);
        return Hdf5Members.InHeap(_file, ref bytes, 0, AttributeIdentifier).Select(data => (Attribute, 0L, data));
    }

    private delegate T Value<T>(Hdf5Type type, ReadOnlySpan<byte> data);

    private T? Find<T>(string wanted, Value<T> read)
    {
        foreach (var (type, address, message) in _messages.Concat(Kept()))
        {
            if (type != Attribute) continue;
            var bytes = new Hdf5Bytes(message, _file.Path, address);
            var version = bytes.Byte();
            if (version is < 1 or > 3) continue;
            bytes.Skip(1);
            var (nameBytes, typeBytes, spaceBytes) = (bytes.Whole(2), bytes.Whole(2), bytes.Whole(2));
            if (version == 3) bytes.Skip(1);
            var name = Encoding.UTF8.GetString(bytes.Take(Padded(nameBytes, version))[..(int)nameBytes]).TrimEnd('\0');
            var kind = new Hdf5Bytes(bytes.Take(Padded(typeBytes, version)), _file.Path, address);
            bytes.Skip(Padded(spaceBytes, version));
            if (name == wanted) return read(Hdf5Type.Read(ref kind), bytes.Take(bytes.Left));
        }

        return default;

        static long Padded(long size, int version) => version == 1 ? (size + 7) / 8 * 8 : size;
    }

    /// <summary>Messages of a version 1 header, and of the blocks it continues in.</summary>
    private void First(long address, long length)
    {
        var blocks = new Queue<(long Address, long Length)>([(address, length)]);
        while (blocks.TryDequeue(out var block))
        {
            _file.Visit();
            var bytes = new Hdf5Bytes(_file.Block(block.Address, block.Length), _file.Path, block.Address);
            while (bytes.Left >= 8) Add(ref bytes, (int)bytes.Whole(2), bytes.Whole(2), flagsThen: 3, block.Address, blocks);
        }
    }

    /// <summary>Messages of a version 2 header, and of the blocks it continues in.</summary>
    private void Second(long address)
    {
        var head = new Hdf5Bytes(_file.Block(address, Math.Min(48, _file.Length - address)), _file.Path, address);
        head.Expect("OHDR"u8);
        head.Skip(1);
        var flags = head.Byte();
        head.Skip(((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0));
        var length = head.Whole(1 << (flags & 3));
        var order = (flags & 4) != 0 ? 2 : 0;
        var blocks = new Queue<(long Address, long Length)>();
        Messages(address + head.At, length);
        while (blocks.TryDequeue(out var block)) Messages(block.Address + 4, block.Length - 8);

        void Messages(long from, long count)
        {
            _file.Visit();
            var bytes = new Hdf5Bytes(_file.Block(from, count), _file.Path, from);
            while (bytes.Left >= 4 + order) Add(ref bytes, bytes.Byte(), bytes.Whole(2), order, from, blocks);
        }
    }

    private void Add(ref Hdf5Bytes bytes, int type, long size, int flagsThen, long address, Queue<(long, long)> blocks)
    {
        const int Shared = 2;
        var flags = bytes.Byte();
        bytes.Skip(flagsThen);
        var at = address + bytes.At;
        var data = bytes.Take(size).ToArray();
        if (type == Continuation)
        {
            var next = new Hdf5Bytes(data, _file.Path, at);
            blocks.Enqueue((next.Address(), next.Address()));
        }
        else if (type != 0)
        {
            if ((flags & Shared) != 0 && type is 1 or 3 or 8)
                throw new FileFormatException(_file.Path, "has a type that several data sets share, which is not read");
            _file.Visit();
            _messages.Add((type, at, data));
        }
    }
}
