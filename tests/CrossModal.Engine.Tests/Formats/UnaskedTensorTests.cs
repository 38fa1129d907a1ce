using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

/// <summary>A tensor that nobody asked for never makes a file unreadable.</summary>
public sealed class UnaskedTensorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("F4", "[5]", 3)]
    [InlineData("C64", "[1]", 8)]
    [InlineData("F6_E2M3", "[4]", 3)]
    [InlineData("SOMETHING_NEW", "[]", 1)]
    [InlineData("X", "[4294967296,4294967296,4294967296]", 2)]
    public void A_dtype_that_is_not_known_only_matters_to_who_asks_for_it(string dtype, string shape, int bytes)
    {
        var path = File(
            $$$"""{"odd":{"dtype":"{{{dtype}}}","shape":{{{shape}}},"data_offsets":[0,{{{bytes}}}]},"good":{"dtype":"U8","shape":[2],"data_offsets":[{{{bytes}}},{{{bytes + 2}}}]}}""",
            [.. new byte[bytes], 7, 200]);
        var problem = $"{path}: tensor 'odd' has the unsupported dtype '{dtype}'";
        var file = SafeTensors.Read(path);
        Assert.Equal([7f, 200f], file["good"].ToSingles());
        Assert.Equal(["good"], file.Tensors.Keys);
        Assert.Equal(problem, Assert.Throws<FileFormatException>(() => file["odd"]).Message);
        Assert.Throws<KeyNotFoundException>(() => file["none"]);

        using var reader = SafeTensors.Open(path);
        Assert.Equal(["odd", "good"], reader.Names);
        Assert.Equal([7f, 200f], reader.ReadSingles("good"));
        Assert.Equal(ElementType.U8, reader.Read("good").Type);
        Assert.Equal(problem, Assert.Throws<FileFormatException>(() => reader.ReadSingles("odd")).Message);
        Assert.Equal(problem, Assert.Throws<FileFormatException>(() => reader.Read("odd")).Message);
        if (dtype == "F4") Assert.Equal(5, reader.ShapeOf("odd")[0]);
        if (dtype == "X") Assert.Throws<FileFormatException>(() => reader.ShapeOf("odd"));
        Assert.True(reader.CountOf("odd") >= 1);
    }

    [Fact]
    public void A_size_that_no_array_has_only_matters_to_who_asks_for_it()
    {
        var path = File("""{"wide":{"dtype":"U8","shape":[4294967296,0],"data_offsets":[0,0]},"good":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}""", [255]);
        Assert.Equal([-1f], SafeTensors.Read(path)["good"].ToSingles());
        using var reader = SafeTensors.Open(path);
        Assert.Equal([-1f], reader.ReadSingles("good"));
        Assert.Contains("'wide' has a size over 2147483647, [4294967296,0]",
            Assert.Throws<FileFormatException>(() => reader.ReadSingles("wide")).Message, StringComparison.Ordinal);
        Assert.Throws<FileFormatException>(() => reader.ShapeOf("wide"));
    }

    [Fact]
    public void An_array_of_an_archive_is_read_whatever_the_others_hold()
    {
        var path = Path.Combine(_folder, "a.npz");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            Entry(archive, "objects.npy", Npy("|O", 8));
            Entry(archive, "complex.npy", Npy("<c8", 8));
            Entry(archive, "good.npy", Npy("<u2", 4));
            Entry(archive, "notes.txt", "no array"u8.ToArray());
        }

        Assert.Equal(["objects", "complex", "good"], Npz.Names(path));
        Assert.Equal([0L, 0], Npz.Read(path, "good").ToInt64s());
        Assert.Contains("object arrays hold Python pickles", Assert.Throws<FileFormatException>(() => Npz.Read(path, "objects")).Message,
            StringComparison.Ordinal);
        Assert.Contains("the type '<c8' is not supported", Assert.Throws<FileFormatException>(() => Npz.Read(path, "complex")).Message,
            StringComparison.Ordinal);
        Assert.Contains("there is no array 'none'", Assert.Throws<KeyNotFoundException>(() => Npz.Read(path, "none")).Message,
            StringComparison.Ordinal);
        Assert.Throws<FileFormatException>(() => Npz.Read(path));
    }

    private static void Entry(ZipArchive archive, string name, byte[] bytes)
    {
        using var stream = archive.CreateEntry(name).Open();
        stream.Write(bytes);
    }

    private static byte[] Npy(string descr, int bytes)
    {
        var text = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({(descr == "<u2" ? 2 : 1)},), }}";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. Encoding.ASCII.GetBytes(text), .. new byte[bytes]];
    }

    private string File(string header, byte[] data)
    {
        var path = Path.Combine(_folder, $"{header.Length}.safetensors");
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        System.IO.File.WriteAllBytes(path, [.. prefix, .. Encoding.UTF8.GetBytes(header), .. data]);
        return path;
    }
}
