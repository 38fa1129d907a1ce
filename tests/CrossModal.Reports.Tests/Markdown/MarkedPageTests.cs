using CrossModal.Engine.Formats;

namespace CrossModal.Reports.Tests;

public sealed class MarkedPageTests
{
    private const string Page =
        "# T\n<!-- measured:a -->\n| x | y |\n|---|---|\n| old | old |\n<!-- /measured -->\nIt is <!-- value:b c -->old<!-- /value -->, " +
        "or <!-- value:d -->7 %<!-- /value -->.\n";

    [Fact]
    public void Tables_and_values_are_replaced_and_the_rest_stays()
    {
        var filled = Fill(Page);
        Assert.Equal("# T\n<!-- measured:a -->\n| x | y |\n|---|---|\n| 1 | 2\\|3 |\n<!-- /measured -->\nIt is <!-- value:b c -->[b " +
            "c]<!-- /value -->, or <!-- value:d -->[d]<!-- /value -->.\n", filled);
        Assert.Equal(filled, Fill(filled));
        Assert.Equal("# T\nIt is , or .\n", MarkedPage.Written(Page));
    }

    [Fact]
    public void Tables_that_others_fill_stay_on_a_page_that_is_shared()
    {
        var page = Page.Replace("measured:a", "measured:theirs", StringComparison.Ordinal);
        Assert.Throws<FileFormatException>(() => Fill(page));
        Assert.Contains("<!-- measured:theirs -->\n| x | y |\n|---|---|\n| old | old |\n<!-- /measured -->\n",
            MarkedPage.Fill("page.md", page, _ => null, name => name, shared: true));
    }

    [Fact]
    public void Values_that_others_fill_stay() =>
        Assert.EndsWith("\nIt is <!-- value:b c -->old<!-- /value -->, or <!-- value:d -->7 %<!-- /value -->.\n",
            MarkedPage.Fill("page.md", Page, _ => [["1", "2"]], value: null));

    [Fact]
    public void A_table_without_rows_gets_dashes()
    {
        var filled = MarkedPage.Fill("page.md", Page, _ => [], name => name);
        Assert.Contains("|---|---|\n| – | – |\n<!-- /measured -->", filled);
        Assert.Equal(filled, MarkedPage.Fill("page.md", filled, _ => [], name => name));
    }

    [Theory]
    [InlineData("<!-- measured:a -->\n| x | y |\n|---|---|", "line 1: the table 'a' is not closed")]
    [InlineData("\n<!-- measured:a -->\n| x | y |\n<!-- /measured -->", "line 2: the table 'a' has no head")]
    [InlineData("<!-- measured:z -->\n| x | y |\n|---|---|\n<!-- /measured -->", "line 1: there is no table 'z'")]
    [InlineData("<!-- measured:a -->\n| x |\n|---|\n<!-- /measured -->",
        "line 1: the table 'a' has 1 columns on the page, 2 in the results")]
    [InlineData("a\n<!-- value:z -->1<!-- /value -->", "line 2: there is no value 'z'")]
    [InlineData("<!-- value:b -->1", "line 1: the value 'b' is not closed")]
    public void A_broken_page_is_refused_with_its_line(string page, string message)
    {
        var error = Assert.Throws<FileFormatException>(() => Fill(page));
        Assert.Contains("page.md", error.Message);
        Assert.Contains(message, error.Message);
    }

    private static string Fill(string page) =>
        MarkedPage.Fill("page.md", page, name => name == "a" ? [["1", "2|3"]] : null, name => name == "z" ? null : $"[{name}]");
}
