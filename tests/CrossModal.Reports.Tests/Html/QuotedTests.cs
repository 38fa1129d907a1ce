namespace CrossModal.Reports.Tests;

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
}
