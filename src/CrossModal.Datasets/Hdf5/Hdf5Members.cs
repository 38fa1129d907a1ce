using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Reads the members of a group: names and addresses of their headers. Links to elsewhere are left out.</summary>
internal static class Hdf5Members
{
    private const int HashBytes = 4;
    private const int LinkIdentifier = 7;

    /// <summary>Reads members from whichever messages the group has.</summary>
    /// <exception cref="FileFormatException">They are damaged, or of a form that is not read.</exception>
    public static Dictionary<string, long> Read(Hdf5File file, byte[]? table, byte[]? info, IEnumerable<byte[]> links)
    {
        var members = new Dictionary<string, long>(StringComparer.Ordinal);
        if (table is not null)
        {
            var bytes = new Hdf5Bytes(table, file.Path, 0);
            var tree = bytes.Address();
            Walk(file, tree, Hdf5Heap.Local(file, bytes.Address()), members, byte.MaxValue + 1);
        }

        if (info is not null)
        {
            var bytes = new Hdf5Bytes(info, file.Path, 0);
            bytes.Skip(1);
            bytes.Skip((bytes.Byte() & 1) != 0 ? 8 : 0);
            var kept = InHeap(file, ref bytes, HashBytes, LinkIdentifier).Select(link => OfLink(file, link));
            foreach (var (name, address) in kept.OfType<(string Name, long Address)>().OrderBy(link => link.Name, StringComparer.Ordinal))
                members[name] = address;
        }

        foreach (var link in links)
            if (OfLink(file, link) is var (name, address)) members[name] = address;
        return members;
    }

    /// <summary>Objects that a group or a header keeps in a heap, because there are many: the addresses of the heap and of the tree of
    /// their names are next.</summary>
    /// <param name="file">The file.</param>
    /// <param name="info">The message that says where they are.</param>
    /// <param name="before">Bytes of a record before the identifier.</param>
    /// <param name="identifier">Bytes of the identifier.</param>
    /// <exception cref="FileFormatException">They are damaged.</exception>
    public static List<byte[]> InHeap(Hdf5File file, ref Hdf5Bytes info, int before, int identifier)
    {
        var (address, tree) = (info.Address(), info.Address());
        var found = new List<byte[]>();
        if (address == Hdf5File.Undefined) return found;
        var heap = new Hdf5FractalHeap(file, address);
        Hdf5Tree.Read(file, tree, record =>
        {
            if (record.Length < before + identifier) throw file.Damaged($"a tree of names has records of {record.Length} bytes");
            found.Add(heap.Object(record.Slice(before, identifier)));
        });
        return found;
    }

    private static void Walk(Hdf5File file, long address, byte[] names, Dictionary<string, long> members, int below)
    {
        const int EntryBytes = 40;
        file.Visit();
        var head = file.Block(address, 24);
        if (head.AsSpan().StartsWith("SNOD"u8))
        {
            var count = BitConverter.ToUInt16(head, 6);
            var entries = new Hdf5Bytes(file.Block(address + 8, (long)count * EntryBytes), file.Path, address + 8);
            for (var i = 0; i < count; i++)
            {
                const int SoftLink = 2;
                var (name, target, kind) = (entries.Address(), entries.Address(), entries.Whole(4));
                entries.Skip(20);
                file.Visit();
                if (name < 0 || name >= names.Length) throw file.Damaged($"a name lies outside its heap, at byte {address}");
                var text = names.AsSpan((int)name);
                if (kind != SoftLink) members[Encoding.UTF8.GetString(text[..Math.Max(0, text.IndexOf((byte)0))])] = target;
            }

            return;
        }

        var bytes = new Hdf5Bytes(head, file.Path, address);
        bytes.Expect("TREE"u8);
        bytes.Skip(1);
        var level = bytes.Byte();
        var used = bytes.Whole(2);
        if (level >= below) throw file.Damaged($"a tree's levels do not fall, at byte {address}");
        var children = new Hdf5Bytes(file.Block(address + 24, used * 16 + 8), file.Path, address + 24);
        for (var i = 0; i < used; i++)
        {
            children.Skip(8);
            Walk(file, children.Address(), names, members, level);
        }
    }

    private static (string Name, long Address)? OfLink(Hdf5File file, byte[] link)
    {
        var bytes = new Hdf5Bytes(link, file.Path, 0);
        bytes.Skip(1);
        var flags = bytes.Byte();
        var kind = (flags & 8) != 0 ? bytes.Byte() : 0;
        bytes.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 16) != 0 ? 1 : 0));
        var name = Encoding.UTF8.GetString(bytes.Take(bytes.Whole(1 << (flags & 3))));
        return kind == 0 ? (name, bytes.Address()) : null;
    }
}
