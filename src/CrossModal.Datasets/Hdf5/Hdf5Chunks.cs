using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>A stored chunk.</summary>
/// <param name="Offset">Where in the data set it begins, a number for each axis.</param>
/// <param name="Address">Where in the file.</param>
/// <param name="Bytes">How many bytes are stored.</param>
/// <param name="Skipped">A bit for each filter that was not used.</param>
internal sealed record Hdf5Chunk(long[] Offset, long Address, long Bytes, long Skipped);

/// <summary>Finds the chunks of a data set by its version 1 B-tree.</summary>
internal static class Hdf5Chunks
{
    /// <summary>All chunks.</summary>
    /// <exception cref="FileFormatException">The tree is damaged.</exception>
    public static List<Hdf5Chunk> Read(Hdf5File file, long root, int rank)
    {
        var chunks = new List<Hdf5Chunk>();
        if (root != Hdf5File.Undefined) Walk(root, byte.MaxValue + 1);
        return chunks;

        void Walk(long address, int below)
        {
            file.Visit();
            var head = new Hdf5Bytes(file.Block(address, 24), file.Path, address);
            head.Expect("TREE"u8);
            head.Skip(1);
            var level = head.Byte();
            var used = head.Whole(2);
            if (level >= below) throw file.Damaged($"a tree's levels do not fall, at byte {address}");
            var key = 8 + 8 * (rank + 1);
            var bytes = new Hdf5Bytes(file.Block(address + 24, used * (key + 8)), file.Path, address + 24);
            for (var i = 0; i < used; i++)
            {
                var (size, skipped) = (bytes.Whole(4), bytes.Whole(4));
                var offset = new long[rank];
                for (var d = 0; d < rank; d++) offset[d] = bytes.Address();
                bytes.Skip(8);
                var child = bytes.Address();
                file.Visit();
                if (level > 0) Walk(child, level);
                else chunks.Add(new Hdf5Chunk(offset, child, size, skipped));
            }
        }
    }
}
