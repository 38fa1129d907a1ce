using CrossModal.Checkpoints;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Engine.Tests.Formats;
using CrossModal.Imaging;
using CrossModal.Models;

namespace CrossModal.Tests.Checkpoints;

public sealed class WordsInPictureTests : IDisposable
{
    private const string Text = "the unaffable red cup";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Blip_gives_the_cross_attention_of_its_words_and_what_of_it_spoke_for_a_match()
    {
        var (model, found) = Explain("blip");
        Assert.Equal(["the", "unaffable", "red", "cup"], found.Words);
        const string Layers = "text_encoder.encoder.layers.";

        // In the last layer the score depends on what the first token fetches alone.
        Assert.Equal([$"{Layers}0.cross_attn", $"{Layers}0.cross_attn{WordsInPicture.GradientWeighted}", $"{Layers}1.cross_attn"],
            found.Maps.Select(m => m.Layer));
        Assert.InRange(found.Score!.Value.Value, 0, 1);

        // The same attention, read from a trace: pieces 2 to 4 are one word, patch 0 is the class token.
        var blip = (Blip)model.Model;
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var ids = model.Tokenizer!.Encode(Text).Ids;
        Assert.Equal(8, ids.Count);
        blip.Match(Tensor.From([.. ids.Select(i => (float)i)], [1, 8]), null, blip.EncodeImages(found.Prepared.Pixels, pass), pass);
        var weights = trace[found.Maps[0].Layer];
        for (var h = 0; h < 4; h++)
            for (var p = 0; p < 16; p++)
            {
                Assert.Equal(weights[0, h, 1, 1 + p], found.Maps[0].Head(h, 0)[p], 1e-6f);
                Assert.Equal(Enumerable.Range(2, 3).Average(i => weights[0, h, i, 1 + p]), found.Maps[0].Head(h, 1)[p], 1e-6f);
            }

        for (var w = 0; w < 4; w++) Assert.Equal(1, found.Maps[1].Mean(w).Sum(), 1e-5f);
    }

    [Fact]
    public void Vilt_gives_what_words_attend_among_the_patches()
    {
        var (model, found) = Explain("vilt");
        Assert.Equal(["stream.encoder.layers.0.self_attn", "stream.encoder.layers.1.self_attn"], found.Maps.Select(m => m.Layer));
        Assert.Equal((4, 5), (found.Maps[0].Grid.Rows, found.Maps[0].Grid.Columns));
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        var ids = model.Tokenizer!.Encode(Text).Ids;
        ((Vilt)model.Model).Forward(new ViltInput(Tensor.From([.. ids.Select(i => (float)i)], [1, ids.Count]), found.Prepared.Pixels),
            pass);
        var weights = trace.Entries[0].Value;
        Assert.Equal(weights[0, 1, 5, ids.Count + 1 + 7], found.Maps[0].Head(1, 2)[7], 1e-6f);
        Assert.Null(found.Score);
    }

    [Fact]
    public void Clip_compares_every_word_and_the_whole_text_with_every_patch()
    {
        var (model, found) = Explain("clip");
        Assert.Equal(["the", "unaffable", "red", "cup", WordsInPicture.WholeText], found.Words);
        var map = Assert.Single(found.Maps);
        Assert.Equal((WordsInPicture.Similarity, 1, 16), (map.Layer, map.Heads, map.Grid.Count));
        using var pass = Pass.Evaluation();
        var clip = (Clip)model.Model;
        foreach (var (word, text) in new[] { (2, "red"), (4, Text) })
        {
            var ids = model.Tokenizer!.Encode(text).Ids;
            var embedding = clip.EncodeText(Tensor.From([.. ids.Select(i => (float)i)], [1, ids.Count]), null, pass).Embedding;
            var logits = clip.LogitsPerText(embedding,
                pass.Reshape(clip.Patches(clip.EncodeImages(found.Prepared.Pixels, pass), pass), [16, 20]), pass);
            Assert.Equal(pass.Softmax(logits).ToArray(), map.Head(0, word).ToArray(), (a, b) => Math.Abs(a - b) < 1e-5f);
        }

        Assert.InRange(found.Score!.Value.Value, -1, 1);
    }

    [Fact]
    public void Too_long_texts_lose_words_and_unknown_words_are_named()
    {
        var (model, _) = Explain("vilt");
        var found = WordsInPicture.Explain(model, Photo(), "red cup ☃ red cup red cup red cup red cup red cup");
        Assert.Equal(["☃"], found.Unknown);
        Assert.Equal((10, 3), (found.Words.Count, found.Dropped));
        Assert.Contains("has no word", Assert.Throws<ArgumentException>(() => WordsInPicture.Explain(model, Photo(), "  [MASK] ")).Message);
    }

    [Theory]
    [InlineData("lxmert", "LXMERT takes features and boxes of regions that a detector found")]
    [InlineData("blip-2", "holds queries that read no words of their own")]
    public void Models_that_cannot_be_asked_say_why(string kind, string why)
    {
        new PublishedFolder(kind).Write(_folder.Path);
        Assert.Contains(why, Assert.Throws<ArgumentException>(() =>
            WordsInPicture.Explain(PublishedModel.Load(_folder.Path), Photo(), "red")).Message);
    }

    private (PublishedModel Model, WordsInPicture Found) Explain(string kind)
    {
        new PublishedFolder(kind).Write(_folder.Path);
        var model = PublishedModel.Load(_folder.Path);
        return (model, WordsInPicture.Explain(model, Photo(), Text));
    }

    private static RgbImage Photo() => Png.Read(Path.Combine(ReferenceFolders.Fixtures, "pictures", "photo.png"));
}
