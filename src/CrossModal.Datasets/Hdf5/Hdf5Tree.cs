using System.Numerics;

namespace CrossModal.Datasets;

/// <summary>A record of a tree in an HDF5 file.</summary>
internal delegate void Hdf5Record(ReadOnlySpan<byte> record);

/// <summary>Reads the records of version 2 B-trees, in the order of the tree.</summary>
internal static class Hdf5Tree
{
    private const int HeaderBytes = 38;
    private const int NodeStart = 6;
    private const int ChecksumBytes = 4;
    private const int MostLevels = 32;

    /// <summary>Reads all records.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">The tree is damaged.</exception>
    public static void Read(Hdf5File file, long address, Hdf5Record take)
    {
        file.Visit();
        var head = new Hdf5Bytes(file.Block(address, HeaderBytes), file.Path, address);
        head.Expect("BTHD"u8);
        head.Skip(2);
        var (nodeBytes, size, depth) = (head.Whole(4), (int)head.Whole(2), (int)head.Whole(2));
        head.Skip(2);
        var (root, records) = (head.Address(), head.Whole(2));
        if (root == Hdf5File.Undefined || records == 0) return;
        if (size == 0 || depth > MostLevels || nodeBytes < NodeStart + ChecksumBytes + size)
            throw file.Damaged($"a tree's nodes hold no records, at byte {address}");

        // How many bytes the counts of a level's children take follows from how many records fit.
        var leafMost = (nodeBytes - NodeStart - ChecksumBytes) / size;
        var countBytes = BytesOf(leafMost);
        var (total, totalBytes) = (new double[depth + 1], new int[depth + 1]);
        total[0] = leafMost;
        for (var d = 1; d <= depth; d++)
        {
            var pointer = 8 + countBytes + totalBytes[d - 1];
            var most = (nodeBytes - NodeStart - ChecksumBytes - pointer) / (size + pointer);
            total[d] = Math.Min(long.MaxValue / 2, (most + 1) * total[d - 1] + most);
            totalBytes[d] = BytesOf((long)total[d]);
        }

        Walk(root, records, depth);

        void Walk(long node, long count, int level)
        {
            file.Visit();
            var pointer = level == 0 ? 0 : 8 + countBytes + totalBytes[level - 1];
            if (count < 0 || count > nodeBytes) throw file.Damaged($"a tree's node holds too much, at byte {node}");
            var length = NodeStart + count * size + (count + 1) * pointer;
            if (length > nodeBytes) throw file.Damaged($"a tree's node holds too much, at byte {node}");
            var bytes = new Hdf5Bytes(file.Block(node, length), file.Path, node);
            bytes.Expect(level == 0 ? "BTLF"u8 : "BTIN"u8);
            bytes.Skip(2);
            var own = bytes.Take(count * size);
            for (var i = 0; i <= count; i++)
            {
                if (level > 0)
                {
                    var (child, inside) = (bytes.Address(), bytes.Whole(countBytes));
                    bytes.Skip(totalBytes[level - 1]);
                    Walk(child, inside, level - 1);
                }

                if (i == count) break;
                file.Visit();
                take(own.Slice(i * size, size));
            }
        }
    }

    private static int BytesOf(long most) => BitOperations.Log2((ulong)Math.Max(1, most)) / 8 + 1;
}
