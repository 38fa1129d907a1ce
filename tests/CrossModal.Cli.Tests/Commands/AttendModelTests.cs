using System.Text.Json;
using CrossModal.Cli.Tests.Hosting;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;
using CrossModal.Tests.Checkpoints;
using CrossModal.Tests.Imaging;

namespace CrossModal.Cli.Tests.Commands;

public sealed class AttendModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("blip", "text_encoder.encoder.layers.0.cross_attn", 4, 2)]
    [InlineData("vilt", "stream.encoder.layers.1.self_attn", 4, 1)]
    [InlineData("clip", "patch-text similarity", 5, 1)]
    public void A_published_model_shows_a_map_for_each_word(string kind, string layer, int words, int maps)
    {
        var run = Attend(kind, Photo, "--layer", kind == "blip" ? layer : "last", "--json", _folder["r.json"], "--top", "20");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith(layer + ", ", run.Output);
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["r.json"]));
        var layers = json.RootElement.GetProperty("layers").EnumerateArray().ToList();
        Assert.Equal(maps, layers.Count);
        Assert.Equal(["the", "red", "cup", "!"], json.RootElement.GetProperty("words").EnumerateArray().Select(w => w.GetString()).Take(4));
        Assert.Equal(words, layers[0].GetProperty("words").GetArrayLength());
        Assert.Equal(kind == "vilt", !json.RootElement.TryGetProperty("score", out _));
        Assert.False(json.RootElement.TryGetProperty("action", out _));
        Assert.Equal(2 * words * maps + 1, Directory.GetFiles(_folder["out"]).Length);

        // BLIP's weighted form follows its layer, and each word's patches sum to 1.
        if (kind != "blip") return;
        Assert.EndsWith(" × gradient", layers[1].GetProperty("layer").GetString());
        Assert.All(layers[1].GetProperty("words").EnumerateArray(), w =>
            Assert.Equal(1, w.GetProperty("top").EnumerateArray().Sum(p => p.GetProperty("weight").GetDouble()), 4));
    }

    [Fact]
    public void Clip_is_shown_the_middle_of_the_picture_and_the_page_shows_no_more()
    {
        Assert.Equal(0, Attend("clip", Photo).ExitCode);

        // 45×31 shrinks to 46×32, of which the middle 32 columns are seen: 31 of the picture, enlarged twelve times.
        Assert.Equal(31 * 12, Png.Read(_folder["out/01-red-patch_text_similarity-mean-nearest.png"]).Width);
        Assert.Contains("input of 32 × 32 pixels", File.ReadAllText(_folder["out/attention.html"]));
    }

    [Fact]
    public void The_default_is_the_sharpest_layer_and_others_can_be_chosen()
    {
        var output = Attend("blip", Photo).Output;
        Assert.Contains(" × gradient, mean of 4 heads", output);

        // It decides on no action whose change could be measured.
        Assert.Contains("; faithfulness not measured", output);
        Assert.Contains("layers.0.cross_attn, head 3",
            Attend("blip", Photo, "--layer", "text_encoder.encoder.layers.0.cross_attn", "--head", "3").Output);
        Assert.Equal(3, Attend("blip", Photo, "--layer", "all").Output.Split("patches, (row, column)").Length - 1);
    }

    [Fact]
    public void What_cannot_be_done_is_said_in_one_line()
    {
        Assert.Contains("LXMERT takes features and boxes of regions", Refused(Attend("lxmert", Photo)));
        Assert.Contains("--checkpoint means nothing with --model", Refused(Attend("clip", Photo, "--checkpoint", "x")));
        Assert.Contains("--proprioception means nothing with --model", Refused(Attend("clip", Photo, "--proprioception", "1")));
        Assert.Contains("attend needs --checkpoint or --model", Refused(ToolRun.Of("attend", "--image", Photo, "--instruction", "red")));
        Assert.Contains("there is no such folder",
            Refused(ToolRun.Of("attend", "--model", _folder["none"], "--image", Photo, "--instruction", "red")));
        Assert.Contains("has no word", Refused(ToolRun.Of("attend", "--model", Model("vilt"), "--image", Photo, "--instruction", " ",
            "--out", _folder["out"])));
        File.Delete(Path.Combine(Model("blip"), "preprocessor_config.json"));
        Assert.Contains("preprocessor_config.json",
            Refused(ToolRun.Of("attend", "--model", _folder["blip"], "--image", Photo, "--instruction", "red", "--out", _folder["out"])));
        File.WriteAllText(_folder["picture.png"], "GIF89a");
        Assert.Contains("picture.png: is a GIF picture; PNG and JPEG are read", Refused(Attend("clip", _folder["picture.png"])));
    }

    [Fact]
    public void Words_without_room_and_unknown_words_are_warned_of()
    {
        var run = ToolRun.Of("attend", "--model", Model("vilt"), "--image", Photo, "--instruction",
            "☃ red cup red cup red cup red cup red cup red cup", "--out", _folder["out"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("the model never learned: ☃", run.Error);
        Assert.Contains("the instruction is too long: 3 pieces of words at its end were left out", run.Error);
    }

    [Fact]
    public void An_added_token_has_a_map_of_its_own()
    {
        File.WriteAllText(Path.Combine(Model("clip"), "added_tokens.json"), """{"<cat-toy>": 558}""");
        var run = ToolRun.Of("attend", "--model", _folder["clip"], "--image", Photo, "--instruction", "the <cat-toy> cup", "--out",
            _folder["out"], "--json", _folder["r.json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["r.json"]));
        var words = json.RootElement.GetProperty("layers")[0].GetProperty("words").EnumerateArray()
            .Select(w => w.GetProperty("word").GetString());
        Assert.Equal(["the", "<cat-toy>", "cup", "(whole text)"], words);
        Assert.Equal(2 * 4 + 1, Directory.GetFiles(_folder["out"]).Length);
    }

    [Fact]
    public void A_published_model_sees_the_colours_beneath_transparency()
    {
        var random = new Random(4);
        var samples = new byte[4 * 40 * 30];
        random.NextBytes(samples);
        foreach (var (name, color) in new[] { ("clear.png", 6), ("opaque.png", 2) })
            File.WriteAllBytes(_folder[name], PngSample.Encode(40, 30, color, 8, false, (x, y, c) => samples[4 * (40 * y + x) + c]));
        foreach (var kind in new[] { "clip", "blip", "vilt" })
        {
            Assert.Equal(0, Attend(kind, _folder["clear.png"], "--json", _folder["clear.json"]).ExitCode);
            Assert.Equal(0, Attend(kind, _folder["opaque.png"], "--json", _folder["opaque.json"]).ExitCode);
            Assert.Equal(Layers("clear.json"), Layers("opaque.json"));
        }

        string Layers(string name)
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(_folder[name]));
            return json.RootElement.GetProperty("layers").GetRawText();
        }
    }

    [Fact]
    public void A_jpeg_photograph_is_read_where_it_can_be()
    {
        var jpeg = Path.Combine(ReferenceFolders.Fixtures, "pictures", "baseline.jpg");
        var run = Attend("blip", jpeg);
        if (Jpeg.IsInstalled) Assert.Equal((0, ""), (run.ExitCode, run.Error));
        else Assert.Contains("install it (", Refused(run));
    }

    private static string Photo => Path.Combine(ReferenceFolders.Fixtures, "pictures", "photo.png");

    private string Model(string kind)
    {
        new PublishedFolder(kind).Write(_folder[kind]);
        return _folder[kind];
    }

    private ToolRun Attend(string kind, string photo, params string[] more) =>
        ToolRun.Of(["attend", "--model", Model(kind), "--image", photo, "--instruction", "the red cup!", "--out", _folder["out"], .. more]);

    private static string Refused(ToolRun run)
    {
        Assert.Equal(2, run.ExitCode);
        return run.OnlyError();
    }
}
