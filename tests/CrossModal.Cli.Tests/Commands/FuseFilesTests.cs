using CrossModal.Cli.Tests.Hosting;
using CrossModal.Engine.Formats;

namespace CrossModal.Cli.Tests.Commands;

/// <summary>What fuse takes as a mask, what it reads of a file, and where it writes.</summary>
public sealed class FuseFilesTests : IDisposable
{
    private const int Words = 5, Patches = 4, Width = 8;
    private const string Additive = ": convert one that is added to scores (0 for real, a low number for padding) with mask == 0";
    private const string Counted = ": convert one in which any number but 0 is real with mask != 0";
    private readonly TemporaryFolder _folder = new();
    private readonly string _language;
    private readonly string _vision;

    public FuseFilesTests() => (_language, _vision) = (Write("l.npy", Words, Width), Write("v.npy", Patches, Width));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new[] { 0f, 0, 0, float.NegativeInfinity, float.NegativeInfinity }, "token 3 of sample 0 is -Infinity", Additive)]
    [InlineData(new[] { 0f, -10000, 0, 0, 0 }, "token 1 of sample 0 is -10000", Additive)]
    [InlineData(new[] { 1f, 1, 1, float.NaN, 0 }, "token 3 of sample 0 is NaN", "")]
    [InlineData(new[] { 1f, 1, 1, 0, float.PositiveInfinity }, "token 4 of sample 0 is Infinity", Counted)]
    [InlineData(new[] { 0.5f, 1, 1, 1, 1 }, "token 0 of sample 0 is 0.5", Counted)]
    [InlineData(new[] { 1f, 2, 3, 4, 5 }, "token 1 of sample 0 is 2", Counted)]
    [InlineData(new[] { -1f, 1, 1, 1, 1 }, "token 0 of sample 0 is -1", Additive)]
    public void A_mask_holds_nothing_but_0_and_1(float[] mask, string place, string conversion)
    {
        Npy.Write(_folder["m.npy"], StoredArray.From(mask, mask.Length));
        foreach (var (option, features, other) in new[] { ("--language-mask", "--language", "--vision"),
            ("--vision-mask", "--vision", "--language") })
        {
            var error = Refused(ToolRun.Of("fuse", features, _language, other, _vision, option, _folder["m.npy"], "--out",
                _folder["o.npz"]));
            Assert.Contains($"m.npy: the mask of {place}; a mask holds 1 or true for tokens that are real and 0 or false for padding{conversion}", error, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(_folder["o.npz"]));
    }

    [Fact]
    public void Masks_of_every_type_of_number_say_the_same()
    {
        var ones = new Dictionary<ElementType, byte[]>
        {
            [ElementType.Bool] = [1],
            [ElementType.U8] = [1],
            [ElementType.I8] = [1],
            [ElementType.U16] = [1, 0],
            [ElementType.I32] = [1, 0, 0, 0],
            [ElementType.U32] = [1, 0, 0, 0],
            [ElementType.I64] = [1, 0, 0, 0, 0, 0, 0, 0],
            [ElementType.U64] = [1, 0, 0, 0, 0, 0, 0, 0],
            [ElementType.F16] = [0, 0x3C],
            [ElementType.BF16] = [0x80, 0x3F],
            [ElementType.F32] = [0, 0, 0x80, 0x3F],
            [ElementType.F8E4M3] = [0x38],
            [ElementType.F8E5M2] = [0x3C],
        };
        foreach (var (type, one) in ones)
        {
            SafeTensors.Write(_folder["m.safetensors"],
                [new("m", new StoredArray(type, [Words], [.. one, .. one, .. one, .. new byte[2 * one.Length]]))]);
            Assert.Equal(0, Fuse("--language-mask", _folder["m.safetensors"], "--out", _folder["o.npz"]).ExitCode);
            Assert.Equal([true, true, true, false, false], Npz.Read(_folder["o.npz"])["fused_mask"].ToBooleans());
        }
    }

    [Fact]
    public void The_place_in_a_batch_is_the_sample_and_its_token()
    {
        var (language, vision) = (Write("l2.npy", 2, Words, Width), Write("v2.npy", 2, Patches, Width));
        Npy.Write(_folder["m.npy"], StoredArray.From([1f, 1, 1, 1, 1, 1, 1, -3, 1, 1], 2, Words));
        Assert.Contains("token 2 of sample 1 is -3",
            Refused(ToolRun.Of("fuse", "--language", language, "--vision", vision, "--language-mask", _folder["m.npy"], "--out",
            _folder["o.npz"])), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_array_that_was_named_is_read()
    {
        var header = $$$"""{"odd":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},"words":{"dtype":"U8","shape":[2,{{{Width}}}],"data_offsets":[1,{{{1 + 2 * Width}}}]}}""";
        File.WriteAllBytes(_folder["f.safetensors"],
            [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.ASCII.GetBytes(header), 0,
            .. Enumerable.Range(0, 2 * Width).Select(i => (byte)i)]);
        Assert.Equal(0, ToolRun.Of("fuse", "--language", _folder["f.safetensors"] + ":words", "--vision", _vision, "--out",
            _folder["o.npz"]).ExitCode);
        Assert.Contains("tensor 'odd' has the unsupported dtype 'F4'",
            Refused(ToolRun.Of("fuse", "--language", _folder["f.safetensors"] + ":odd", "--vision", _vision, "--out", _folder["o.npz"])),
            StringComparison.Ordinal);
        Assert.Contains("there are: odd, words",
            Refused(ToolRun.Of("fuse", "--language", _folder["f.safetensors"], "--vision", _vision, "--out", _folder["o.npz"])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_of_the_output_says_its_format()
    {
        Assert.Equal(0, Fuse("--out", _folder["o.npz"]).ExitCode);
        var fused = Npz.Read(_folder["o.npz"])["fused"].ToSingles();
        Assert.Equal(0, Fuse("--out", _folder["o.npy"]).ExitCode);
        Assert.Equal(fused, Npy.Read(_folder["o.npy"]).ToSingles());
        Assert.Equal(0, Fuse("--out", _folder["o.SafeTensors"], "--attention").ExitCode);
        var tensors = SafeTensors.Read(_folder["o.SafeTensors"]).Tensors;
        Assert.Equal(fused, tensors["fused"].ToSingles());
        Assert.Contains("attention/layers.0.cross_attn", tensors.Keys);

        Assert.Contains("a .npy holds one array; --attention needs a .npz or .safetensors",
            Refused(Fuse("--out", _folder["a.npy"], "--attention")), StringComparison.Ordinal);
        var more = Fuse("--out", _folder["o.npy"], "--strategy", "co-attention");
        Assert.Equal(0, more.ExitCode);
        Assert.Contains("o.npy holds 'fused' alone; a .npz or .safetensors would hold 'vision' too", more.Error, StringComparison.Ordinal);
        foreach (var name in new[] { "o.txt", "o", "o.pt", "o.npz.bak", ".npzx" })
        {
            Assert.Contains("the name must end in .npz, .safetensors or .npy", Refused(Fuse("--out", _folder[name])),
                StringComparison.Ordinal);
            Assert.False(File.Exists(_folder[name]));
        }
    }

    [Fact]
    public void No_input_is_ever_overwritten_however_it_is_spelled()
    {
        Npy.Write(_folder["m.npy"], StoredArray.From([true, true, true, false, false], Words));
        Npy.Write(_folder["p.npy"], StoredArray.From([true, true, true, false], Patches));
        Assert.Equal(0, Fuse("--out", _folder["o.npz"], "--save-checkpoint", _folder["w.safetensors"]).ExitCode);
        var before = Directory.GetFiles(_folder.Path).ToDictionary(f => f, File.ReadAllBytes);
        Directory.CreateDirectory(_folder["sub"]);
        Directory.CreateSymbolicLink(_folder["linked"], _folder.Path);
        File.CreateSymbolicLink(_folder["link.npy"], "v.npy");
        File.CreateSymbolicLink(_folder["twice.npy"], _folder["linked/link.npy"]);
        string[] all = ["--language-mask", _folder["m.npy"], "--vision-mask", _folder["p.npy"], "--checkpoint", _folder["w.safetensors"]];
        foreach (var (name, option) in new[]
        {
            ("v.npy", "--vision"), ("l.npy", "--language"), ("m.npy", "--language-mask"), ("p.npy", "--vision-mask"),
                ("w.safetensors", "--checkpoint"),
            ("sub/../v.npy", "--vision"), ("linked/l.npy", "--language"), ("linked/linked/sub/../l.npy", "--language"),
                ("link.npy", "--vision"), ("twice.npy", "--vision"),
        })
        {
            var error = Refused(Fuse([.. all, "--out", _folder[name]]));
            Assert.Contains($"--out {_folder[name]} is the file of {option}, which would be overwritten", error, StringComparison.Ordinal);
        }

        Assert.Contains("is the file of --vision",
            Refused(ToolRun.Of("fuse", "--language", _language, "--vision", _folder["twice.npy"], "--out", _vision)),
            StringComparison.Ordinal);
        Npz.Write(_folder["both.npz"], [new("l", Npy.Read(_language)), new("v", Npy.Read(_vision))]);
        Assert.Contains("is the file of --language",
            Refused(ToolRun.Of("fuse", "--language", _folder["both.npz"] + ":l", "--vision", _folder["both.npz"] + ":v", "--out",
            _folder["both.npz"])), StringComparison.Ordinal);
        Assert.Contains("--save-checkpoint", Refused(Fuse("--out", _folder["new.npz"], "--save-checkpoint", _vision)),
            StringComparison.Ordinal);
        Assert.Contains("is the file of --out",
            Refused(Fuse("--out", _folder["new.safetensors"], "--save-checkpoint", _folder["new.safetensors"])), StringComparison.Ordinal);
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        Assert.False(File.Exists(_folder["new.npz"]));
    }

    private ToolRun Fuse(params string[] more) => ToolRun.Of(["fuse", "--language", _language, "--vision", _vision, .. more]);

    private static string Refused(ToolRun run)
    {
        Assert.Equal(2, run.ExitCode);
        return run.OnlyError();
    }

    private string Write(string name, params int[] shape)
    {
        var random = new Random(name.Length);
        Npy.Write(_folder[name], StoredArray.From(Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b))
            .Select(_ => random.NextSingle() - 0.5f).ToArray(), shape));
        return _folder[name];
    }
}
