using CrossModal.Engine.Tensors;
using CrossModal.Language;

namespace CrossModal.Tests.Language;

public sealed class WordTokenizerTests
{
    private static readonly WordTokenizer Tokenizer = new(["pick", "up", "the", "cup"]);

    [Theory]
    [InlineData("Pick up, the  CUP.", "pick up the cup")]
    [InlineData("don't-touch\tthe 2nd\ncup", "don't touch the 2nd cup")]
    [InlineData("to->the <left>", "to the left")]
    [InlineData("拿起 杯子，放下", "拿 起 杯 子 放 下")]
    [InlineData("把red杯3个", "把 red 杯 3 个")]
    [InlineData("人々と〇", "人 々 と 〇")]
    [InlineData("\U00020BB7田", "\U00020BB7 田")]
    [InlineData("赤いカップをUSBケーブルの隣へ", "赤 い カップ を usb ケーブル の 隣 へ")]
    [InlineData("ｶｯﾌﾟを", "ｶｯﾌﾟ を")]
    [InlineData("หยิบแก้วสีแดง ๑๒", "ห ยิ บ แ ก้ ว สี แ ด ง ๑๒")]
    [InlineData("컵을 집어", "컵을 집어")]
    [InlineData("लाल कप उठाओ", "लाल कप उठाओ")]
    [InlineData("Cafe\u0301 \u0301 Q\u0307", "cafe\u0301 q\u0307")]
    [InlineData("اِلتَقِط الكوب", "اِلتَقِط الكوب")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("co\u00ADop \u200Fcup\u200E", "coop cup")]
    [InlineData("\U00010428\U00010400", "\U00010428\U00010428")]
    [InlineData("<unk> cup<unk>", "<unk> cup <unk>")]
    [InlineData("end", "end")]
    [InlineData("", "")]
    [InlineData(" ?! ", "")]
    public void Text_is_split_into_lower_case_words(string text, string words) =>
        Assert.Equal(words, string.Join(' ', WordTokenizer.Split(text)));

    [Fact]
    public void A_text_of_ascii_characters_is_cut_as_policies_were_always_trained()
    {
        var random = new Random(5);
        var old = new WordTokenizer(["cup"], WordBreaks.Letters);
        for (var i = 0; i < 2000; i++)
        {
            var text = new string([.. Enumerable.Range(0, 30).Select(_ => (char)random.Next(128))])
                .Insert(random.Next(30), random.Next(2) == 0 ? WordTokenizer.Unknown : "don't");
            Assert.Equal(old.WordsOf(text), WordTokenizer.Split(text));
        }
    }

    [Fact]
    public void A_tokenizer_of_old_policies_cuts_as_they_were_trained()
    {
        var old = new WordTokenizer(["拿起", "ल"], WordBreaks.Letters);
        Assert.Equal(["拿起", "杯子"], old.WordsOf("拿起 杯子"));
        Assert.Equal([2, 1, 3, 3], old.Encode("拿起 杯子 लाल"));
        Assert.True(old.Knows("拿起"));
        Assert.False(old.Knows("拿"));
    }

    [Theory]
    [InlineData("拿起红色的杯子", "拿起 红色 的 杯子")]
    [InlineData("拿起来", "拿起来")]
    [InlineData("拿起 来，红色。", "拿起 来 红色")]
    [InlineData("拿起粉嫩的杯子", "拿起 粉嫩 的 杯子")]
    [InlineData("粉嫩红色", "粉嫩 红色")]
    [InlineData("拿起red杯子3个", "拿起 red 杯子 3 个")]
    [InlineData("Pick up <unk>杯子<unk>", "pick up <unk> 杯子 <unk>")]
    [InlineData("杯\u200E子\U00020BB7\U00020BB8的", "杯子 \U00020BB7\U00020BB8 的")]
    [InlineData("หยิบแก้ว", "หยิบ แก้ว")]
    public void A_list_of_words_says_where_text_without_spaces_is_cut(string text, string words)
    {
        var tokenizer = new WordTokenizer(["拿起", "拿起来", "红色", "的", "杯子", "pick", "up", "หยิบ", "red"], WordBreaks.Vocabulary);
        Assert.Equal(words, string.Join(' ', tokenizer.WordsOf(text)));
    }

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
        Assert.StartsWith("WordTokenizer: the word 'cup' is empty or listed twice",
            Assert.Throws<ArgumentException>(() => new WordTokenizer(["cup", "the", "cup"])).Message);
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
        Assert.Equal("WordTokenizer: the instruction ' ?' has no word",
            Assert.Throws<ShapeException>(() => Tokenizer.EncodeBatch(["cup", " ?"], 4)).Message);
        Assert.Equal("WordTokenizer: the instruction 'up the cup' has 3 words, at most 2 fit",
            Assert.Throws<ShapeException>(() => Tokenizer.EncodeBatch(["up the cup"], 2)).Message);
    }
}
