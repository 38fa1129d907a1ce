using System.Text;
using CrossModal.Cli.Reports;

namespace CrossModal.Cli.Tests.Reports;

public sealed class QuotedTests
{
    private const string Arabic = "التقط الكوب الأحمر";

    [Fact]
    public void An_instruction_has_a_direction_of_its_own_wherever_a_page_writes_it()
    {
        var page = new HtmlReport("title", Quoted.Instruction(Arabic))
        {
            new Heading(Quoted.Instruction(Arabic)),
            new HeatMapGrid(["step 0"], [new HeatMapRow(Quoted.Word("الكوب"), [null])], $"caption {Quoted.Instruction(Arabic)}; more"),
            new Filmstrip($"a: {Quoted.Instruction(Arabic)}", "success", Tone.Good, []),
        }.ToString();
        Assert.Equal(4, page.Split($"“<bdi>{Arabic}</bdi>”").Length - 1);
        Assert.Contains("<th scope=\"row\"><bdi>الكوب</bdi></th>", page);
        Assert.DoesNotContain(Quoted.Isolate, page);
        Assert.DoesNotContain(Quoted.EndOfIsolate, page);
    }

    [Fact]
    public void Where_no_element_may_stand_the_isolates_stay_characters() =>
        Assert.Contains($"<title>{Quoted.Word(Arabic)}</title>", new HtmlReport(Quoted.Word(Arabic), "") { }.ToString());

    [Fact]
    public void Isolates_in_the_text_itself_do_not_end_its_own()
    {
        Assert.Equal("“\u2068a b\u2069”", Quoted.Instruction("a\u2069 \u2067b\u2066"));
        Assert.Contains("<p>a \u2068 b</p>", new HtmlReport("t", "a \u2068 b").ToString());
    }

    [Fact]
    public void Long_text_is_cut_short_between_characters_with_an_ellipsis()
    {
        Assert.Equal("abc", Quoted.Shortened("abc", 3));
        Assert.Equal("abc…", Quoted.Shortened("abcd", 3));
        Assert.Equal("e\u0301e\u0301…", Quoted.Shortened("e\u0301e\u0301e\u0301", 2));
        Assert.Equal("😀…", Quoted.Shortened("😀😀", 1));
        Assert.Equal("a, b and 2 more", Quoted.List(["a", "b", "c", "d"], 2));
        Assert.Equal("a, b", Quoted.List(["a", "b"]));
    }

    [Theory]
    [InlineData("cup", "cup")]
    [InlineData("a/b:c..", "a_b_c..")]
    [InlineData("लाल", "लाल")]
    [InlineData("<unk>", "_unk_")]
    [InlineData("", "")]
    public void A_word_becomes_part_of_a_files_name(string word, string name) => Assert.Equal(name, FileNamePart.Of(word, 40));

    [Fact]
    public void A_files_name_does_not_grow_with_its_word_and_words_that_begin_alike_differ()
    {
        var long1 = FileNamePart.Of(new string('a', 300) + "1", 40);
        var long2 = FileNamePart.Of(new string('a', 300) + "2", 40);
        Assert.NotEqual(long1, long2);
        Assert.StartsWith(new string('a', 40) + "~", long1);
        foreach (var word in (string[])[new string('杯', 300), string.Concat(Enumerable.Repeat("\U00020BB7", 300)), new string('é', 300)])
            Assert.InRange(Encoding.UTF8.GetByteCount(FileNamePart.Of(word, 40)), 40, 47);
    }
}
