using System.Buffers.Binary;
using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Numbers and texts of a block of an HDF5 file, read one after the other.</summary>
/// <param name="bytes">The block.</param>
/// <param name="file">The file, for errors.</param>
/// <param name="address">Where in the file the block begins.</param>
internal ref struct Hdf5Bytes(ReadOnlySpan<byte> bytes, string file, long address)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many bytes were read.</summary>
    public int At { get; private set; }

    /// <summary>How many bytes are left.</summary>
    public readonly int Left => _bytes.Length - At;

    /// <summary>The next byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>A whole number of so many bytes, at most eight.</summary>
    public long Whole(int size)
    {
        var value = 0ul;
        var read = Take(size);
        for (var i = 0; i < size; i++) value |= (ulong)read[i] << (8 * i);
        return (long)value;
    }

    /// <summary>An address or a length, eight bytes; −1 for none.</summary>
    public long Address() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > Left) throw new FileFormatException(file, $"is damaged: a structure is cut short, at byte {address + At}");
        At += (int)count;
        return _bytes.Slice(At - (int)count, (int)count);
    }

    /// <summary>Skips bytes.</summary>
    public void Skip(long count) => Take(count);

    /// <summary>Bytes that must be there.</summary>
    public void Expect(ReadOnlySpan<byte> signature)
    {
        if (!Take(signature.Length).SequenceEqual(signature))
            throw new FileFormatException(
                file, $"is damaged: '{System.Text.Encoding.ASCII.GetString(signature)}' is missing at byte {address + At - signature.Length}");
    }
}
