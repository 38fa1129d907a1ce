namespace CrossModal.Datasets;

/// <summary>Reads values that are kept apart: names of members in local heaps, texts of any length in global ones.</summary>
internal static class Hdf5Heap
{
    /// <summary>The data of a local heap.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">It is damaged.</exception>
    public static byte[] Local(Hdf5File file, long address)
    {
        var bytes = new Hdf5Bytes(file.Block(address, 32), file.Path, address);
        bytes.Expect("HEAP"u8);
        bytes.Skip(4);
        var length = bytes.Address();
        bytes.Skip(8);
        return file.Block(bytes.Address(), length);
    }

    /// <summary>What a reference of sixteen bytes points to: its length, the heap's address, and the object's number in it.</summary>
    /// <exception cref="Engine.Formats.FileFormatException">It is damaged.</exception>
    public static byte[] Object(Hdf5File file, ReadOnlySpan<byte> reference)
    {
        var bytes = new Hdf5Bytes(reference, file.Path, 0);
        var (length, address, wanted) = (bytes.Whole(4), bytes.Address(), bytes.Whole(4));
        if (length == 0) return [];
        var head = new Hdf5Bytes(file.Block(address, 16), file.Path, address);
        head.Expect("GCOL"u8);
        head.Skip(4);
        var heap = new Hdf5Bytes(file.Block(address, head.Address()), file.Path, address);
        heap.Skip(16);
        while (heap.Left >= 16)
        {
            var index = heap.Whole(2);
            heap.Skip(6);
            var size = heap.Address();
            if (index == 0) break;
            var data = heap.Take(size);
            if (index == wanted) return length <= size ? data[..(int)length].ToArray()
                : throw file.Damaged($"a text of {length} bytes has {size}");
            heap.Skip(Math.Min(heap.Left, (8 - size % 8) % 8));
        }

        throw file.Damaged($"the text {wanted} at byte {address} is missing");
    }
}
