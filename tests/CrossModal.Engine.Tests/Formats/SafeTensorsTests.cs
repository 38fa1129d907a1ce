using System.Buffers.Binary;
using System.Text;
using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossmodal");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Written_tensors_come_back_in_the_same_order()
    {
        var tensors = new KeyValuePair<string, StoredArray>[]
        {
            new("mask", StoredArray.From([true, false, true], 3)),
            new("step", StoredArray.From([12.5], [])),
            new("q_proj.weight", StoredArray.From([1f, float.NaN, -0f, 4f, 5f, 6f], 2, 3)),
            new("名字 \"quoted\"", StoredArray.From([1L, -2L], 1, 2)),
            new("empty", StoredArray.From(Array.Empty<float>(), 0, 7)),
            new("half", new StoredArray(ElementType.BF16, [1], [0x80, 0x3F])),
            new("", StoredArray.From([(byte)9], 1)),
        };
        var path = Path.Combine(_folder.FullName, "new", "model.safetensors");
        SafeTensors.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt", ["说明"] = "a\nb" });

        var read = SafeTensors.Read(path);
        Assert.Equal(tensors.Select(t => t.Key), read.Tensors.Keys);
        foreach (var (name, array) in tensors)
        {
            Assert.Equal(array.Type, read[name].Type);
            Assert.Equal(array.Shape.ToArray(), read[name].Shape.ToArray());
            Assert.Equal(array.Data.ToArray(), read[name].Data.ToArray());
        }

        Assert.Equal("pt", read.Metadata["format"]);
        Assert.Equal("a\nb", read.Metadata["说明"]);
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        var header = BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(path));
        Assert.Equal(0, header % 8);
        Assert.Equal(
            $"{path}: there is no tensor 'k_proj' among the 7 in the file",
            Assert.Throws<KeyNotFoundException>(() => read["k_proj"]).Message);
    }

    [Fact]
    public void Larger_elements_are_laid_out_first_so_that_all_are_aligned()
    {
        var path = Path.Combine(_folder.FullName, "aligned.safetensors");
        SafeTensors.Write(path, [new("flag", StoredArray.From([true], 1)), new("number", StoredArray.From([1.0], 1))]);
        Assert.Contains(
            """{"flag":{"dtype":"BOOL","shape":[1],"data_offsets":[8,9]},"number":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""",
            Encoding.UTF8.GetString(File.ReadAllBytes(path)));
    }

    [Fact]
    public void Names_that_cannot_be_read_back_are_refused()
    {
        var one = StoredArray.From([1f], 1);
        var path = Path.Combine(_folder.FullName, "m");
        Assert.StartsWith(
            $"{path}: the tensor name 'a' is given twice",
            Assert.Throws<ArgumentException>(() => SafeTensors.Write(path, [new("a", one), new("a", one)])).Message);
        Assert.StartsWith(
            $"{path}: the tensor name '__metadata__' is reserved",
            Assert.Throws<ArgumentException>(() => SafeTensors.Write(path, [new("__metadata__", one)])).Message);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    [Trait("Category", "Golden")]
    public void Every_reference_file_is_read()
    {
        var files = Directory.GetFiles(ReferenceFolders.Golden, "*.safetensors", SearchOption.AllDirectories);
        Assert.True(files.Length >= 3);
        foreach (var file in files)
            Assert.NotEmpty(SafeTensors.Read(file).Tensors);
    }

    [Fact]
    public void The_numbers_of_reference_files_are_right()
    {
        var golden = Path.Combine(ReferenceFolders.Fixtures, "golden");
        var heatmap = SafeTensors.Read(Path.Combine(golden, "tutorial", "heatmap_30x21_p7_remainder.safetensors"));
        Assert.Equal("tutorial/heatmap_30x21_p7_remainder", heatmap.Metadata["case"]);
        Assert.Equal([2, 12], heatmap["in/weights"].Shape.ToArray());
        Assert.Equal(0.31724972531821655f, heatmap["in/weights"].ToSingles()[0]);
        Assert.Equal(0.022014252841472626f, heatmap["in/weights"].ToSingles()[23]);
        Assert.Equal([0L, 7L], heatmap["out/argmax"].ToInt64s());

        var flamingo = SafeTensors.Read(Path.Combine(golden, "flamingo", "lucid_cross_all_previous.safetensors"));
        Assert.Equal(ElementType.F64, flamingo["loss64"].Type);
        Assert.Equal(0, flamingo["loss64"].Shape.Length);
        Assert.Equal([5.5444997819986135], flamingo["loss64"].ToDoubles());
        Assert.Equal([5.544498920440674f], flamingo["loss"].ToSingles());
        Assert.Equal([false, true, false, true, false, false, true], flamingo["in/media_locations"].ToBooleans());
    }

    public static TheoryData<string, int, string> Hostile()
    {
        const string Good = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        var rows = new TheoryData<string, int, string>
        {
            { "", 8, "the header does not begin with '{', at byte 8" },
            { " " + Good, 8, "the header does not begin with '{', at byte 8" },
            { "{", 0, "the header is not JSON, at byte 9" },
            { """{"a":1,}""", 0, "tensor 'a' is not an object, at byte 13" },
            { Good + "x", 8, "the header is not JSON, at byte 62" },
            { "{\"\xFF\":{}}", 0, "the header is not UTF-8, at byte 10" },
            { """{"\ud800":{}}""", 0, "the header has a string that is not Unicode, before byte 18" },
            { Good, 7, "tensor 'a' ends at 8 of 7 data bytes: the file is truncated or the offset wrong" },
            { Good, 10, "2 trailing bytes after the last tensor, at data byte 8" },
            { """{"__metadata__":[]}""", 0, "__metadata__ is not an object, at byte 24" },
            { """{"__metadata__":{"k":1}}""", 0, "metadata 'k' is not a string, at byte 29" },
            { """{"__metadata__":{"k":"1","k":"2"}}""", 0, "metadata 'k' is given twice, at byte 37" },
            { """{"__metadata__":{},"__metadata__":{}}""", 0, "the name '__metadata__' is given twice, at byte 27" },
            { "{" + Entry("a", "F32", "[1]", "[0,4]") + "," + Entry("a", "F32", "[1]", "[4,8]") + "}", 8,
                "the name 'a' is given twice, at byte 62" },
            { "{" + Entry("a", "F32", "[1]", "[0,4]") + "," + Entry("b", "F32", "[1]", "[2,6]") + "}", 6,
                "tensor 'b' overlaps the one before it, at data byte 2" },
            { "{" + Entry("a", "F32", "[1]", "[0,4]") + "," + Entry("b", "F32", "[1]", "[6,10]") + "}", 10,
                "2 unused bytes before tensor 'b', at data byte 4" },
        };
        foreach (var (dtype, shape, offsets, problem) in new (string, string, string, string)[]
        {
            ("F32", "[-1]", "[0,4]", "tensor 'a' has a shape with '-1', not a whole number from 0 to 2^63 - 1, at byte 37"),
            ("F32", "[1.5]", "[0,4]", "tensor 'a' has a shape with '1.5', not a whole number from 0 to 2^63 - 1, at byte 37"),
            ("F32", "[99999999999999999999]", "[0,4]",
                "tensor 'a' has a shape with '99999999999999999999', not a whole number from 0 to 2^63 - 1, at byte 37"),
            ("F32", "[4294967296,4294967296]", "[0,0]",
                "tensor 'a' has a shape too large for any file, [4294967296,4294967296], at byte 80"),
            ("F32", "[4294967296]", "[0,0]", "tensor 'a' of F32 [4294967296] needs 17179869184 bytes but data_offsets hold 0, at byte 69"),
            ("F8_E4M3", "[3]", "[0,8]", "tensor 'a' of F8_E4M3 [3] needs 3 bytes but data_offsets hold 8, at byte 64"),
            ("F4", "[2]", "[8,0]", "tensor 'a' has data_offsets [8,0], not [begin, end], at byte 59"),
            ("F4", "[2]", "[0,7]", "1 trailing bytes after the last tensor, at data byte 7"),
            ("F32", "[[2]]", "[0,8]", "tensor 'a' has a shape with something that is not a number, at byte 37"),
            ("F32", "2", "[0,8]", "tensor 'a' has a shape that is not a list, at byte 36"),
            ("F32", "[3]", "[0,8]", "tensor 'a' of F32 [3] needs 12 bytes but data_offsets hold 8, at byte 60"),
            ("F32", "[2]", "[8,0]", "tensor 'a' has data_offsets [8,0], not [begin, end], at byte 60"),
            ("F32", "[2]", "[0]", "tensor 'a' has data_offsets [0], not [begin, end], at byte 58"),
            ("F32", "[2]", "[-8,0]", "tensor 'a' has a data_offsets with '-8', not a whole number from 0 to 2^63 - 1, at byte 56"),
            ("F32", "[2]", "[1000,1008]", "tensor 'a' ends at 1008 of 8 data bytes: the file is truncated or the offset wrong"),
            ("F32\",\"x\":\"", "[2]", "[0,8]", "tensor 'a' has an unknown or repeated key 'x', at byte 28"),
        })
            rows.Add("{" + Entry("a", dtype, shape, offsets) + "}", 8, problem);
        rows.Add("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "tensor 'a' lacks data_offsets, at byte 39");
        rows.Add("""{"a":{"dtype":"F32","dtype":"F32"}}""", 8, "tensor 'a' has an unknown or repeated key 'dtype', at byte 28");
        return rows;
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_header_gives_one_clear_error(string header, int dataBytes, string problem)
    {
        byte[] json = Encoding.Latin1.GetBytes(header);
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        var error = Assert.Throws<FileFormatException>(
            () => SafeTensors.Read(new MemoryStream([.. prefix, .. json, .. new byte[dataBytes]]), "bad.safetensors"));
        Assert.Equal("bad.safetensors: " + problem, error.Message);
        Assert.Equal("bad.safetensors", error.FileName);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 }, "the file has 3 bytes, too few for the header's length, at byte 0")]
    [InlineData(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 123 }, "a header of 9 bytes runs past the end of the file of 9 bytes, at byte 0")]
    [InlineData(new byte[] { 1, 225, 245, 5, 0, 0, 0, 0 }, "a header of 100000001 bytes is over the limit of 100000000, at byte 0")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255 },
        "a header of 18446744073709551615 bytes is over the limit of 100000000, at byte 0")]
    public void A_hostile_length_gives_one_clear_error(byte[] file, string problem) => Assert.Equal(
        "x: " + problem, Assert.Throws<FileFormatException>(() => SafeTensors.Read(new MemoryStream(file), "x")).Message);

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var header = """{"a":{"dtype":""" + new string('[', 100_000);
        var file = new byte[8 + header.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        Encoding.ASCII.GetBytes(header, file.AsSpan(8));
        Assert.Equal(
            "x: tensor 'a' has a dtype that is not a string, at byte 22",
            Assert.Throws<FileFormatException>(() => SafeTensors.Read(new MemoryStream(file), "x")).Message);
    }

    [Fact]
    public void Damaged_files_never_escape_or_exhaust_memory() => Mutation.Check(
        [
            File.ReadAllBytes(Path.Combine(ReferenceFolders.Fixtures, "golden/tutorial/heatmap_30x21_p7_remainder.safetensors")),
            Sample(),
        ],
        stream => SafeTensors.Read(stream, "fuzz"),
        seed: 1);

    private static string Entry(string name, string dtype, string shape, string offsets) =>
        $$"""
        "{{name}}":{"dtype":"{{dtype}}","shape":{{shape}},"data_offsets":{{offsets}}}
        """;

    private byte[] Sample()
    {
        var path = Path.Combine(_folder.FullName, "sample.safetensors");
        SafeTensors.Write(path, [new("w", StoredArray.From([1f, 2f, 3f, 4f], 2, 2)), new("m", StoredArray.From([true], 1))]);
        return File.ReadAllBytes(path);
    }
}
