using CrossModal.Engine.Formats;

namespace CrossModal.Datasets;

/// <summary>Reads HDF5 files (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html) as h5py writes them, in the
/// earliest and the latest version: groups as symbol tables, compact links or links in a heap; data sets contiguous, compact or in chunks
/// under every index; filters gzip, shuffle, LZF and Fletcher32.</summary>
/// <remarks>What a file asks for is bounded by its own length: no address outside it is followed, and no structure is walked more often
/// than fits into it.</remarks>
internal sealed class Hdf5File : IDisposable
{
    /// <summary>What stands for no address.</summary>
    public const long Undefined = -1;

    private const int SuperblockBytes = 96;
    private readonly FileStream _stream;
    private long _visits;

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileFormatException">It is no HDF5 file, or damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public Hdf5File(string path)
    {
        Path = path;
        _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Length = _stream.Length;
        try
        {
            Root = new Hdf5Object(this, RootAddress());
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>How many bytes it has.</summary>
    public long Length { get; }

    /// <summary>The outermost group.</summary>
    public Hdf5Object Root { get; }

    /// <summary>Whether a file begins as an HDF5 file does.</summary>
    public static bool IsHdf5(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n']);

    /// <summary>A block of the file.</summary>
    /// <exception cref="FileFormatException">It is not in the file.</exception>
    public byte[] Block(long address, long length)
    {
        if (address < 0 || length < 0 || address > Length - length || length > Array.MaxLength)
            throw Damaged($"{length} bytes at byte {address} are not in it");
        var block = new byte[length];
        _stream.Position = address;
        _stream.ReadExactly(block);
        return block;
    }

    /// <summary>Begins to count structures anew, before something is looked up.</summary>
    public void BeginWalk() => _visits = 0;

    /// <summary>Counts a structure that is walked: a damaged file may point to the same ones again and again.</summary>
    /// <exception cref="FileFormatException">There were more than can be in the file.</exception>
    public void Visit()
    {
        if (++_visits > 1000 + Length) throw Damaged("structures point to each other in circles");
    }

    /// <summary>An error that names the file.</summary>
    public FileFormatException Damaged(string what) => new(Path, $"is damaged: {what}");

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private long RootAddress()
    {
        var block = Block(0, Math.Min(Length, SuperblockBytes));
        if (!IsHdf5(block)) throw new FileFormatException(Path, "is no HDF5 file");
        var bytes = new Hdf5Bytes(block, Path, 0);
        bytes.Skip(8);
        var version = bytes.Byte();
        if (version > 3) throw new FileFormatException(Path, $"is of version {version} of HDF5, 0 to 3 are read");
        bytes.Skip(version < 2 ? 4 : 0);
        var (offsets, lengths) = (bytes.Byte(), bytes.Byte());
        if (offsets != 8 || lengths != 8) throw new FileFormatException(
            Path, $"has addresses of {offsets} bytes and lengths of {lengths}; 8 are read");
        bytes.Skip(version switch { 0 => 9, 1 => 13, _ => 1 });
        if (bytes.Address() != 0) throw new FileFormatException(
            Path, "has a block of a user before it, which is not read; write it again with h5repack -u 0");
        bytes.Skip(version < 2 ? 32 : 16);
        return bytes.Address();
    }
}
