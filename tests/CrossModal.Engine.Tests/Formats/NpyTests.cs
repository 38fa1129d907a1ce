using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

public sealed class NpyTests : IDisposable
{
    /// <summary>A file numpy wrote: the 10 actions of 7 numbers of a BridgeData episode (MIT, octo-models/octo).</summary>
    private const string MadeByNumpy =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEwLCA3KSwgfSAgICAgICAgICAgICAgICAgICAgICAgI" +
        "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAogjsgvkBkSLgCCWC/fG0i0micHtQkfoTMAAIA/ztrpuvyNJzkSZR07hYQKPdUbb7yuQ0i+AACAP0xEc7" +
        "ty+d26hcySueRYBT3/lqy8mutGvgAAgD/BXZy7NWkSO7/zlrvveCW7h9NtPaQHGr4AAIA/YcygOgJA1zozzO67hmbBvMulhD0ls0q+AACAPw8baDtc24M7Dxc7vEM" +
        "JyLx2eQU9PO3BvQAAgD8znGa5j6kkuSOSRLwbYGG8Gb8IveDXMr0AAIA//uqIuUFeijuuHUi8IBaFvJaJm7xWh5i8AACAP7Gql7rfKtW5GrRlvD2YZLz/oZA8Wjq6" +
        "vAAAgD+cjh67aok5OoyIOrzeYpi8dsSLPNdSFbsAAIA/";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossmodal");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_of_numpy_is_read_and_written_back_byte_for_byte()
    {
        var bytes = Convert.FromBase64String(MadeByNumpy);
        var array = Npy.Read(new MemoryStream(bytes), "actions.npy");
        Assert.Equal([10, 7], array.Shape.ToArray());
        Assert.Equal(1f, array.ToSingles()[6]);
        Assert.Equal(-0.0017841698f, array.ToSingles()[7]);
        var path = Path.Combine(_folder.FullName, "copy.npy");
        Npy.Write(path, array);
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.F64)]
    [InlineData(ElementType.I8)]
    [InlineData(ElementType.U8)]
    [InlineData(ElementType.I16)]
    [InlineData(ElementType.U16)]
    [InlineData(ElementType.I32)]
    [InlineData(ElementType.U32)]
    [InlineData(ElementType.I64)]
    [InlineData(ElementType.U64)]
    [InlineData(ElementType.Bool)]
    public void Every_type_and_rank_comes_back(ElementType type)
    {
        foreach (var shape in new int[][] { [], [5], [2, 3], [0, 4], [1, 2, 3, 4] })
        {
            var data = new byte[shape.Aggregate(type.Size(), (a, b) => a * b)];
            new Random(7).NextBytes(data);
            var stream = new MemoryStream();
            Npy.Write(stream, new StoredArray(type, shape, data));
            Assert.Equal(0, (stream.Length - data.Length) % 64);
            stream.Position = 0;
            var read = Npy.Read(stream, "x");
            Assert.Equal(type, read.Type);
            Assert.Equal(shape, read.Shape.ToArray());
            Assert.Equal(data, read.Data.ToArray());
        }
    }

    [Theory]
    [InlineData(">i2", new byte[] { 1, 2, 0xFF, 0xFE }, new double[] { 0x0102, -2 })]
    [InlineData(">f4", new byte[] { 0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0 }, new[] { 1, -2.5 })]
    [InlineData(">i8", new byte[] { 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, new double[] { 256, 1 })]
    [InlineData(">u1", new byte[] { 3, 200 }, new double[] { 3, 200 })]
    [InlineData(">u2", new byte[] { 1, 2, 0xFF, 0xFE }, new double[] { 0x0102, 65534 })]
    [InlineData(">u4", new byte[] { 0, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF }, new double[] { 256, uint.MaxValue })]
    [InlineData(">u8", new byte[] { 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, new double[] { 256, 1 })]
    public void Big_endian_numbers_are_turned_round(string descr, byte[] data, double[] values)
    {
        var file = File1($"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,)}}", data);
        Assert.Equal(values, Npy.Read(new MemoryStream(file), "x").ToDoubles());
    }

    [Theory]
    [InlineData("=u2", new byte[] { 1, 2, 0xFE, 0xFF }, new double[] { 0x0201, 65534 })]
    [InlineData("<u4", new byte[] { 0, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF }, new double[] { 256, uint.MaxValue })]
    [InlineData("<u8", new byte[] { 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80 }, new double[] { 256, 9223372036854775808 })]
    [InlineData("=f4", new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0 }, new[] { 1, -2.5 })]
    [InlineData("=i8", new byte[] { 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 }, new double[] { 256, 1 })]
    [InlineData("=u1", new byte[] { 3, 200 }, new double[] { 3, 200 })]
    [InlineData("<i1", new byte[] { 3, 200 }, new double[] { 3, -56 })]
    [InlineData("=b1", new byte[] { 0, 1 }, new double[] { 0, 1 })]
    public void Unsigned_integers_and_the_machines_own_order_are_read(string descr, byte[] data, double[] values)
    {
        var file = File1($"{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,)}}", data);
        Assert.Equal(values, Npy.Read(new MemoryStream(file), "x").ToDoubles());
    }

    [Theory]
    [InlineData("(2, 3)", new byte[] { 0, 3, 1, 4, 2, 5 })]
    [InlineData("(6,)", new byte[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData("(1, 2, 3)", new byte[] { 0, 3, 1, 4, 2, 5 })]
    [InlineData("(2, 1, 3)", new byte[] { 0, 3, 1, 4, 2, 5 })]
    [InlineData("(3, 2)", new byte[] { 0, 2, 4, 1, 3, 5 })]
    public void Fortran_order_comes_out_row_major(string shape, byte[] columns)
    {
        var file = File1($"{{'descr': '|u1', 'fortran_order': True, 'shape': {shape}}}", columns);
        Assert.Equal([0, 1, 2, 3, 4, 5], Npy.Read(new MemoryStream(file), "x").Data.ToArray());
    }

    [Fact]
    public void Three_axes_in_fortran_order_come_out_row_major()
    {
        // Element [i, j, k] of a 2 x 3 x 4 array holds 100 i + 10 j + k; the file runs through i first.
        var columns = from k in Enumerable.Range(0, 4)
                      from j in Enumerable.Range(0, 3)
                      from i in Enumerable.Range(0, 2)
                      select (byte)(100 * i + 10 * j + k);
        var rows = from i in Enumerable.Range(0, 2)
                   from j in Enumerable.Range(0, 3)
                   from k in Enumerable.Range(0, 4)
                   select (byte)(100 * i + 10 * j + k);
        var file = File1("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", [.. columns]);
        Assert.Equal([.. rows], Npy.Read(new MemoryStream(file), "x").Data.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void All_versions_are_read(byte version)
    {
        var file = File1("{\"shape\":(2 , 1), 'descr':\"<i2\",'fortran_order':False}  \n", [1, 0, 2, 0], version);
        Assert.Equal([1L, 2L], Npy.Read(new MemoryStream(file), "x").ToInt64s());
    }

    [Theory]
    [InlineData("'|O'", "False", "(1,)", "object arrays hold Python pickles, which are never read, at byte 20")]
    [InlineData("[('a', '<f4')]", "False", "(1,)", "structured arrays are not supported, at byte 20")]
    [InlineData("'<c8'", "False", "(1,)", "the type '<c8' is not supported, at byte 20")]
    [InlineData("'|f4'", "False", "(1,)", "the type '|f4' is not supported, at byte 20")]
    [InlineData("'f4'", "False", "(1,)", "the type 'f4' is not supported, at byte 20")]
    [InlineData("''", "False", "(1,)", "the type '' is not supported, at byte 20")]
    [InlineData("'<\\x664'", "False", "(1,)", "descr is not a plain string, at byte 20")]
    [InlineData("'<f4", "False", "1", "the type '<f4, ' is not supported, at byte 20")]
    [InlineData("<f4", "False", "(1,)", "descr is not a string, at byte 20")]
    [InlineData("'<f4'", "0", "(1,)", "fortran_order is neither True nor False, at byte 44")]
    [InlineData("'<f4'", "False", "[1]", "the header has no '(' where one belongs, at byte 60")]
    [InlineData("'<f4'", "False", "(1)", "the shape is a number and not a tuple, at byte 63")]
    [InlineData("'<f4'", "False", "(-1,)", "the shape has something that is not a whole number, at byte 61")]
    [InlineData("'<f4'", "False", "(1L,)", "the shape has no comma between its sizes, at byte 62")]
    [InlineData("'<f4'", "False", "(1,,)", "the shape has something that is not a whole number, at byte 63")]
    [InlineData("'<f4'", "False", "(99999999999,)", "the shape has a size over 2147483647, at byte 61")]
    [InlineData("'<f4'", "False", "(2147483647, 2147483647, 2147483647)",
        "the shape [2147483647,2147483647,2147483647] is too large for any file, at byte 10")]
    [InlineData("'<f4'", "False", "(2,)", "F32 [2] needs 8 bytes but 4 follow the header, at byte 65")]
    [InlineData("'|u1'", "False", "(1,)", "U8 [1] needs 1 bytes but 4 follow the header, at byte 65")]
    [InlineData("'<f4'", "False", "(1,), 'shape': (1,)", "the header has an unknown or repeated key 'shape', at byte 66")]
    [InlineData("'<f4'", "False", "(1,), 'x': 1", "the header has an unknown or repeated key 'x', at byte 66")]
    [InlineData("'<f4'", "False", "(1,), '", "a key is not a plain string, at byte 66")]
    [InlineData("'<f4'", "False", "(1,)} + {", "the header goes on after its closing brace, at byte 66")]
    public void A_hostile_header_gives_one_clear_error(string descr, string fortran, string shape, string problem)
    {
        var file = File1($"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}}}", new byte[4]);
        var error = Assert.Throws<FileFormatException>(() => Npy.Read(new MemoryStream(file), "bad.npy"));
        Assert.Equal("bad.npy: " + problem, error.Message);
    }

    public static TheoryData<byte[], string> BadPrefixes() => new()
    {
        { [], "the file does not begin as an .npy file does, at byte 0" },
        { "\x80\x04pickle"u8.ToArray(), "the file does not begin as an .npy file does, at byte 0" },
        { [0x93, .. "NUMPY"u8, 4, 0, 0, 0], "the .npy version 4.0 is not one of 1.0, 2.0 and 3.0, at byte 6" },
        { [0x93, .. "NUMPY"u8, 1, 1, 0, 0], "the .npy version 1.1 is not one of 1.0, 2.0 and 3.0, at byte 6" },
        { [0x93, .. "NUMPY"u8, 1, 0, 9], "the header runs past the end of 9 bytes, at byte 8" },
        { [0x93, .. "NUMPY"u8, 1, 0, 9, 0], "the header runs past the end of 10 bytes, at byte 8" },
        { [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 255], "the header runs past the end of 12 bytes, at byte 8" },
        { [0x93, .. "NUMPY"u8, 2, 0, 1, 0, 1, 0, .. new byte[70_000]], "a header of 65537 bytes is over the limit of 65536, at byte 8" },
        { [0x93, .. "NUMPY"u8, 1, 0, 0, 0], "the header has no '{' where one belongs, at byte 10" },
        { [0x93, .. "NUMPY"u8, 1, 0, 2, 0, .. "{}"u8], "the header lacks descr, at byte 10" },
    };

    [Theory]
    [MemberData(nameof(BadPrefixes))]
    public void A_bad_beginning_gives_one_clear_error(byte[] file, string problem) => Assert.Equal(
        "x: " + problem, Assert.Throws<FileFormatException>(() => Npy.Read(new MemoryStream(file), "x")).Message);

    [Fact]
    public void More_than_64_dimensions_are_refused() => Assert.Equal(
        "x: the shape has more than 64 dimensions, at byte 253",
        Assert.Throws<FileFormatException>(() => Npy.Read(new MemoryStream(File1(
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", Enumerable.Repeat(1, 65))})}}", new byte[4])),
                "x")).Message);

    [Fact]
    public void Bfloat16_is_refused_on_writing() => Assert.Equal(
        "numpy has no type for BF16; convert to F32 first",
        Assert.Throws<ArgumentException>(() => Npy.Write(new MemoryStream(), new StoredArray(ElementType.BF16, [1], new byte[2]))).Message);

    [Fact]
    public void Damaged_files_never_escape_or_exhaust_memory() => Mutation.Check(
        [
            Convert.FromBase64String(MadeByNumpy),
            File1("{'descr': '>f8', 'fortran_order': True, 'shape': (3, 2)}", new byte[48], version: 2),
        ],
        stream => Npy.Read(stream, "fuzz"),
        seed: 2);

    /// <summary>A file of the given header text and data.</summary>
    private static byte[] File1(string header, byte[] data, byte version = 1)
    {
        byte[] length = version == 1
            ? BitConverter.GetBytes((ushort)header.Length)
            : BitConverter.GetBytes(header.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. Encoding.Latin1.GetBytes(header), .. data];
    }
}
