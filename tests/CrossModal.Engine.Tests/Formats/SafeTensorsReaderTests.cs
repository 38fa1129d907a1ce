using CrossModal.Engine.Formats;

namespace CrossModal.Engine.Tests.Formats;

public sealed class SafeTensorsReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crossmodal");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Single_tensors_are_those_of_the_whole_file()
    {
        var path = Written(
            ("whole", StoredArray.From([1L, -2L, 3L], 3)),
            ("w", StoredArray.From([1f, float.NaN, -0f, 4f, 5f, 6f], 2, 3)),
            ("empty", StoredArray.From(Array.Empty<float>(), 0, 7)),
            ("half", new StoredArray(ElementType.BF16, [1], [0x80, 0x3F])),
            ("one", StoredArray.From([2.5], [])));
        var whole = SafeTensors.Read(path);
        using var reader = SafeTensors.Open(path);
        Assert.Equal(whole.Tensors.Keys, reader.Names);
        Assert.Equal("kept", reader.Metadata["note"]);
        foreach (var (name, stored) in whole.Tensors.Reverse())
        {
            Assert.Equal(stored.Shape.ToArray(), reader.ShapeOf(name).Sizes.ToArray());
            Assert.Equal(stored.ToSingles(), reader.ReadSingles(name));
        }
    }

    [Fact]
    public void A_header_out_of_file_order_is_read_right()
    {
        var path = Path.Combine(_folder.FullName, "order.safetensors");
        var header = """{"late":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"early":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"""u8;
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)header.Length), .. header, .. BitConverter.GetBytes(1f),
            .. BitConverter.GetBytes(2f)]);
        using var reader = SafeTensors.Open(path);
        Assert.Equal(["late", "early"], reader.Names);
        Assert.Equal([2f], reader.ReadSingles("late"));
        Assert.Equal([1f], reader.ReadSingles("early"));
        Assert.Equal([2f], SafeTensors.Read(path)["late"].ToSingles());
    }

    [Fact]
    public void A_shape_of_many_axes_is_read_whole()
    {
        int[] shape = [1, 2, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2];
        using var reader = SafeTensors.Open(Written(("deep", StoredArray.From(new float[12], shape))));
        Assert.Equal(shape, reader.ShapeOf("deep").Sizes.ToArray());
    }

    [Fact]
    public void A_tensor_that_is_not_there_is_named_with_its_file()
    {
        var path = Written(("w", StoredArray.From([1f], 1)));
        using var reader = SafeTensors.Open(path);
        var message = $"{path}: there is no tensor 'v' among the 1 in the file";
        Assert.Equal(message, Assert.Throws<KeyNotFoundException>(() => reader.ReadSingles("v")).Message);
        Assert.Equal(message, Assert.Throws<KeyNotFoundException>(() => reader.ShapeOf("v")).Message);
    }

    [Fact]
    public void A_damaged_file_is_refused_as_by_the_whole_reader_and_not_kept_open()
    {
        var path = Written(("w", StoredArray.From([1f, 2f], 2)));
        var whole = File.ReadAllBytes(path);
        foreach (var damaged in (byte[][])[[], whole[..7], whole[..^1], [.. whole, 0], [.. whole[..8], (byte)'!', .. whole[9..]]])
        {
            File.WriteAllBytes(path, damaged);
            var expected = Assert.Throws<FileFormatException>(() => SafeTensors.Read(path)).Message;
            Assert.Equal(expected, Assert.Throws<FileFormatException>(() => SafeTensors.Open(path)).Message);
        }

        using var free = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_open_is_reported()
    {
        if (!OperatingSystem.IsLinux()) return;
        var path = Written(("w", StoredArray.From(new float[4096], 4096)));
        using var reader = SafeTensors.Open(path);
        var whole = File.ReadAllBytes(path);
        // Another program need not respect that the file is open.
        using (var shell = System.Diagnostics.Process.Start("truncate", ["-s", $"{whole.Length - 100}", path])!) shell.WaitForExit();
        Assert.Contains("'w' is cut off", Assert.Throws<FileFormatException>(() => reader.ReadSingles("w")).Message.Replace('"', '\''));
    }

    private string Written(params (string Name, StoredArray Array)[] tensors)
    {
        var path = Path.Combine(_folder.FullName, "model.safetensors");
        SafeTensors.Write(path, tensors.Select(t => KeyValuePair.Create(t.Name, t.Array)), [KeyValuePair.Create("note", "kept")]);
        return path;
    }
}
