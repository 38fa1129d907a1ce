using System.Buffers.Binary;
using System.IO.Compression;
using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

public sealed class NpzTests : IDisposable
{
    /// <summary>Laid out as numpy.savez does it (Python's zipfile, 64-bit sizes in the entries): a = [1, -2.5], b = true.</summary>
    private const string LikeNumpy =
        "UEsDBC0AAAAAAAAAIQAYbZef//////////8FABQAYS5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsIC" +
        "dmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg" +
        "ICAgICAgICAgICAgICAgICAKAACAPwAAIMBQSwMELQAAAAAAAAAhAIIt+NP//////////wUAFABiLm5weQEAEACBAAAAAAAAAIEAAAAAAAAAk0" +
        "5VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAg" +
        "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBUEsBAi0DLQAAAAAAAAAhABhtl5+IAAAAiAAAAAUAAAAAAAAAAA" +
        "AAAIABAAAAAGEubnB5UEsBAi0DLQAAAAAAAAAhAIIt+NOBAAAAgQAAAAUAAAAAAAAAAAAAAIABvwAAAGIubnB5UEsFBgAAAAACAAIAZgAAAHcB" +
        "AAAAAA==";

    /// <summary>The same with 64-bit fields in the archive's directory too.</summary>
    private const string Zip64 =
        "UEsDBC0AAAAAAAAAIQAYbZef//////////8FABQAYS5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsIC" +
        "dmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg" +
        "ICAgICAgICAgICAgICAgICAKAACAPwAAIMBQSwMELQAAAAAAAAAhAIIt+NP//////////wUAFABiLm5weQEAEACBAAAAAAAAAIEAAAAAAAAAk0" +
        "5VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAg" +
        "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBUEsBAi0DLQAAAAAAAAAhABhtl5///////////wUAFAAAAAAAAA" +
        "AAAIABAAAAAGEubnB5AQAQAIgAAAAAAAAAiAAAAAAAAABQSwECLQMtAAAAAAAAACEAgi340///////////BQAcAAAAAAAAAAAAgAH/////Yi5u" +
        "cHkBABgAgQAAAAAAAACBAAAAAAAAAL8AAAAAAAAAUEsGBiwAAAAAAAAALQAtAAAAAAAAAAAAAgAAAAAAAAACAAAAAAAAAJYAAAAAAAAAdwEAAA" +
        "AAAABQSwYHAAAAAA0CAAAAAAAAAQAAAFBLBQYAAAAAAgACAJYAAAB3AQAAAAA=";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossmodal");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Written_arrays_come_back_and_the_bytes_repeat(bool compress)
    {
        var path = Path.Combine(_folder.FullName, "a.npz");
        KeyValuePair<string, StoredArray>[] arrays =
            [new("states", StoredArray.From(new float[5000], 50, 100)), new("动作", StoredArray.From([1L, 2L], 2))];
        Npz.Write(path, arrays, compress);
        var first = File.ReadAllBytes(path);
        var read = Npz.Read(path);
        Assert.Equal(["states", "动作"], read.Keys);
        Assert.Equal([50, 100], read["states"].Shape.ToArray());
        Assert.Equal([1L, 2L], read["动作"].ToInt64s());
        Assert.Equal(compress, first.Length < 1500);
        Npz.Write(path, arrays, compress);
        Assert.Equal(first, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(LikeNumpy)]
    [InlineData(Zip64)]
    public void Archives_of_python_are_read(string archive)
    {
        var read = Npz.Read(new MemoryStream(Convert.FromBase64String(archive)), "x");
        Assert.Equal(["a", "b"], read.Keys);
        Assert.Equal([1f, -2.5f], read["a"].ToSingles());
        Assert.Equal([true], read["b"].ToBooleans());
        Assert.Equal(0, read["b"].Shape.Length);
    }

    [Fact]
    public void Entries_that_are_not_one_array_each_are_refused()
    {
        var npy = NpyOf([1f, 2f]);
        Refuses(Zip(("a.npy", npy), ("a.npy", npy)), "entry 'a.npy' is there twice");
        Refuses(Zip(("a.txt", npy)), "entry 'a.txt' is not an .npy file");
        Refuses(Zip(("a.npy", [])), "entry 'a.npy': the file does not begin as an .npy file does, at byte 0");
        Refuses(Zip(("a.npy", [.. npy, 0])), "entry 'a.npy': F32 [2] needs 8 bytes but 9 follow the header, at byte 128");
        Refuses(Zip(("a.npy", npy[..^1])), "entry 'a.npy': F32 [2] needs 8 bytes but 7 follow the header, at byte 128");
        Refuses("PK\x05\x06nonsense"u8.ToArray(), "the file is not a readable zip archive, at its directory");
        Refuses([], "the file is not a readable zip archive, at its directory");
    }

    [Fact]
    public void A_changed_byte_is_noticed_by_the_check_value()
    {
        var file = Zip(("a.npy", NpyOf([1f, 2f])));
        var at = file.AsSpan().IndexOf("'shape'"u8);
        file[at + "'shape': (2,), }".Length + 3] = (byte)'\n';
        var error = Assert.Throws<FileFormatException>(() => Npz.Read(new MemoryStream(file), "x"));
        Assert.Matches("^x: entry 'a.npy' has the check value [0-9a-f]{8} and should have [0-9a-f]{8}$", error.Message);
    }

    [Fact]
    public void More_than_the_limit_is_refused() => Assert.Equal(
        "x: entry 'b.npy' takes the arrays over the limit of 200 bytes",
        Assert.Throws<FileFormatException>(() => Npz.Read(
            new MemoryStream(Zip(("a.npy", NpyOf([1f])), ("b.npy", NpyOf([1f])))), "x", limit: 200)).Message);

    [Fact]
    public void An_entry_that_promises_more_than_deflate_can_hold_is_refused()
    {
        var file = Zip(("a.npy", NpyOf([1f])));
        BinaryPrimitives.WriteUInt32LittleEndian(Directory1(file)[24..], 2_000_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refuses(file, "entry 'a.npy' promises 2000000000 bytes out of 132, more than deflate can");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_bomb_costs_no_more_memory_than_its_header_is_true()
    {
        // 64 MB promised by the header, the directory and deflate's best ratio alike, but only 100 kB are there.
        var header = new MemoryStream();
        Npy.Write(header, StoredArray.From(Array.Empty<byte>(), 0));
        var text = System.Text.Encoding.Latin1.GetString(header.ToArray()).Replace("(0,), }       ", "(64000000,), }");
        var packed = new byte[100_000];
        new Random(3).NextBytes(packed);
        var file = Zip(CompressionLevel.Optimal, ("a.npy", [.. System.Text.Encoding.Latin1.GetBytes(text), .. packed]));
        BinaryPrimitives.WriteUInt32LittleEndian(Directory1(file)[24..], (uint)(64_000_000 + text.Length));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<FileFormatException>(() => Npz.Read(new MemoryStream(file), "x"));
        Assert.Equal(
            "x: entry 'a.npy': U8 [64000000] needs 64000000 bytes but only 100000 are there, at byte 100128", error.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < file.Length * 8 + (1 << 20));
    }

    [Fact]
    public void Overlapping_entries_are_refused()
    {
        var file = Zip(("a.npy", NpyOf([1f])), ("b.npy", NpyOf([2f])));
        // The second record claims nearly the whole file as its packed bytes.
        var directory = Directory1(file)[46..];
        BinaryPrimitives.WriteUInt32LittleEndian(directory[directory.IndexOf("PK\x01\x02"u8)..][20..], 400);
        Refuses(file, "entry 'b.npy' overlaps another or runs past the end of the file");
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 4)]
    public void Damaged_files_never_escape_or_exhaust_memory(bool compress, int seed)
    {
        var path = Path.Combine(_folder.FullName, "fuzz.npz");
        var random = new Random(5);
        var numbers = Enumerable.Range(0, 40).Select(_ => random.NextSingle()).ToArray();
        Npz.Write(path, [new("a", StoredArray.From(numbers, 5, 8)), new("b", StoredArray.From([true, false], 2))], compress);
        Mutation.Check(
            [File.ReadAllBytes(path), Convert.FromBase64String(LikeNumpy), Convert.FromBase64String(Zip64)],
            stream => Npz.Read(stream, "fuzz"), seed);
    }

    private static void Refuses(byte[] file, string problem)
    {
        var error = Assert.Throws<FileFormatException>(() => Npz.Read(new MemoryStream(file), "x"));
        Assert.Equal("x: " + problem, error.Message);
    }

    private static byte[] NpyOf(float[] values)
    {
        var stream = new MemoryStream();
        Npy.Write(stream, StoredArray.From(values, values.Length));
        return stream.ToArray();
    }

    /// <summary>The first record of the archive's directory.</summary>
    private static Span<byte> Directory1(byte[] file) => file.AsSpan(file.AsSpan().IndexOf("PK\x01\x02"u8));

    private static byte[] Zip(params (string Name, byte[] Content)[] entries) => Zip(CompressionLevel.NoCompression, entries);

    private static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries)
                using (var entry = archive.CreateEntry(name, level).Open())
                    entry.Write(content);
        return stream.ToArray();
    }
}
