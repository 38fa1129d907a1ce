using CrossModal.Engine.Tensors;
using CrossModal.Models;

namespace CrossModal.Tests.Models;

public sealed class WordTokenizerTests
{
    private static readonly WordTokenizer Tokenizer = new(["pick", "up", "the", "cup"]);

    [Theory]
    [InlineData("Pick up, the  CUP.", "pick up the cup")]
    [InlineData("don't-touch\tthe 2nd\ncup", "don't touch the 2nd cup")]
    [InlineData("to->the <left>", "to the left")]
    [InlineData("拿起 杯子，放下", "拿起 杯子 放下")]
    [InlineData("<unk> cup<unk>", "<unk> cup <unk>")]
    [InlineData("end", "end")]
    [InlineData("", "")]
    [InlineData(" ?! ", "")]
    public void Text_is_split_into_lower_case_words(string text, string words) => Assert.Equal(words, string.Join(' ', WordTokenizer.Split(text)));

    [Fact]
    public void Words_have_numbers_from_2_and_unknown_words_are_1()
    {
        Assert.Equal([2, 3, 4, 1, 5], Tokenizer.Encode("Pick up the teal cup"));
        Assert.Equal([1], Tokenizer.Encode(WordTokenizer.Unknown));
        Assert.Equal(6, Tokenizer.Count);
        Assert.Equal(["a", "b", "c"], WordTokenizer.Learn(["c a", "B. a"]).Words);
    }

    [Fact]
    public void A_word_listed_twice_or_empty_is_refused()
    {
        Assert.StartsWith("WordTokenizer: the word 'cup' is empty or listed twice", Assert.Throws<ArgumentException>(() => new WordTokenizer(["cup", "the", "cup"])).Message);
        Assert.Throws<ArgumentException>(() => new WordTokenizer(["cup", " "]));
        Assert.Throws<ArgumentException>(() => new WordTokenizer(["cup", null!]));
    }

    [Fact]
    public void A_batch_is_padded_to_its_longest_text()
    {
        var (ids, mask) = Tokenizer.EncodeBatch(["the cup", "pick up the cup", "cup"], 4);
        Assert.Equal(Shape.Of(3, 4), ids.Shape);
        Assert.Equal([4, 5, 0, 0, 2, 3, 4, 5, 5, 0, 0, 0], ids.ToArray());
        const float No = float.NegativeInfinity;
        Assert.Equal(Shape.Of(3, 1, 1, 4), mask.Scores.Shape);
        Assert.Equal([0, 0, No, No, 0, 0, 0, 0, 0, No, No, No], mask.Scores.ToArray());
    }

    [Fact]
    public void Texts_without_words_or_with_too_many_are_refused_by_name()
    {
        Assert.Equal("WordTokenizer: the instruction ' ?' has no word", Assert.Throws<ShapeException>(() => Tokenizer.EncodeBatch(["cup", " ?"], 4)).Message);
        Assert.Equal("WordTokenizer: the instruction 'up the cup' has 3 words, at most 2 fit", Assert.Throws<ShapeException>(() => Tokenizer.EncodeBatch(["up the cup"], 2)).Message);
    }
}
