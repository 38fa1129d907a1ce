using CrossModal.Encoders;
using CrossModal.Engine.Formats;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Language;
using CrossModal.Models;
using CrossModal.Tests.Checkpoints;

namespace CrossModal.Tests.Encoders;

public sealed class TextEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_words_state_is_the_mean_of_its_pieces_and_what_begins_and_ends_a_text_has_none()
    {
        new PublishedFolder("bert").Write(_folder.Path);
        var encoder = TextEncoder.Load(_folder.Path);
        const string text = "a cupcup b";
        var pieces = encoder.Pieces(text);
        Assert.Equal((-1, -1), (pieces.WordOf[0], pieces.WordOf[^1]));
        var states = encoder.States(text);
        Assert.Equal(pieces.Words.Count * encoder.Width, states.Length);
        using var pass = Pass.Evaluation();
        var each = ((Bert)encoder.Model).Forward(Tensor.From([.. pieces.Ids.Select(i => (float)i)], [1, pieces.Ids.Count]), null, pass)[^1];
        for (var word = 0; word < pieces.Words.Count; word++)
        {
            int[] own = [.. Enumerable.Range(0, pieces.Ids.Count).Where(i => pieces.WordOf[i] == word)];
            for (var d = 0; d < encoder.Width; d++)
                Assert.Equal(own.Average(i => each[0, i, d]), states[word * encoder.Width + d], 1e-5f);
        }

        Assert.Contains(pieces.WordOf.CountBy(w => w), w => w.Key >= 0 && w.Value > 1);
        Assert.Same(states, encoder.States(text));
    }

    [Fact]
    public void Clips_text_tower_gives_its_normalised_tokens()
    {
        new PublishedFolder("clip").Write(_folder.Path);
        var encoder = TextEncoder.Load(_folder.Path);
        var pieces = encoder.Pieces("red cup");
        using var pass = Pass.Evaluation();
        var tokens = ((Clip)encoder.Model).EncodeText(Tensor.From([.. pieces.Ids.Select(i => (float)i)], [1, pieces.Ids.Count]), null,
            pass).Tokens;
        int[] own = [.. Enumerable.Range(0, pieces.Ids.Count).Where(i => pieces.WordOf[i] == 1)];
        Assert.Equal(own.Average(i => tokens[0, i, 3]), encoder.States("red cup")[encoder.Width + 3], 1e-5f);
        Assert.Contains("frozen only", Assert.Throws<FileFormatException>(() => TextEncoder.Load(_folder.Path, tuned: true)).Message);
    }

    [Fact]
    public void Nothing_is_unknown_but_what_the_vocabulary_cannot_spell()
    {
        new PublishedFolder("bert").Write(_folder.Path);
        var tokenizer = new WordTokenizer(TextEncoder.Load(_folder.Path));
        var words = tokenizer.WordsOf("a \u2603");
        Assert.Equal(["a", "\u2603"], words);
        Assert.True(tokenizer.Knows("a"));
        Assert.False(tokenizer.Knows("\u2603"));
        Assert.Equal([WordTokenizer.Unknown], tokenizer.WordsOf(WordTokenizer.Unknown));
        Assert.Equal(new float[32], tokenizer.InputOf(WordTokenizer.Unknown));
    }

    [Fact]
    public void A_text_with_more_pieces_than_the_encoder_takes_is_refused_by_name()
    {
        new PublishedFolder("bert").Write(_folder.Path);
        var encoder = TextEncoder.Load(_folder.Path);
        var text = string.Join(' ', Enumerable.Repeat("a", 100));
        Assert.Contains("pieces of words, the text encoder takes at most 96",
            Assert.Throws<ShapeException>(() => encoder.States(text)).Message);
    }

    [Theory]
    [InlineData("vilt", "has no text encoder of its own")]
    [InlineData("blip_2_qformer", "holds no tokenizer")]
    public void A_checkpoint_without_a_text_encoder_is_refused(string kind, string problem)
    {
        new PublishedFolder(kind).Write(_folder.Path);
        Assert.Contains(problem, Assert.Throws<FileFormatException>(() => TextEncoder.Load(_folder.Path)).Message);
    }

    [Fact]
    public void Texts_of_a_batch_are_padded_with_states_of_0()
    {
        new PublishedFolder("bert").Write(_folder.Path);
        var tokenizer = new WordTokenizer(TextEncoder.Load(_folder.Path));
        var (words, mask) = tokenizer.EncodeBatch(["a", "a b"], 4);
        Assert.Equal<Shape>([2, 2, 32], words.Shape);
        Assert.Equal(tokenizer.InputOf("a"), words.Span[..32].ToArray());
        Assert.Equal(new float[32], words.Span[32..64].ToArray());
        Assert.Equal([0, float.NegativeInfinity, 0, 0], mask.Scores.ToArray());
        var (into, scores) = (Tensor.Full([2, 4, 32], 9), Tensor.Zeros([2, 1, 1, 4]));
        tokenizer.EncodeBatch(["a", "a b"], into, scores);
        Assert.Equal(tokenizer.InputOf("a b"), into.Span.Slice(4 * 32, 64).ToArray());
        Assert.Equal(new float[64], into.Span[^64..].ToArray());
    }
}
