using CrossModal.Benchmarks.Reporting;

namespace CrossModal.Benchmarks.Tests.Reporting;

public sealed class MeasuredTablesTests
{
    private const string Page = "before\n<!-- measured:speed -->\n| who | ms |\n|---|---|\n| old | 9 |\n<!-- /measured -->\nafter\n";

    [Fact]
    public void Rows_are_replaced_below_the_head()
    {
        var filled = MeasuredTables.Fill(Page, Rows("speed", ["a", "1"], ["b", "2"]));
        Assert.Equal("before\n<!-- measured:speed -->\n| who | ms |\n|---|---|\n| a | 1 |\n| b | 2 |\n<!-- /measured -->\nafter\n", filled);
        Assert.Equal(filled, MeasuredTables.Fill(filled, Rows("speed", ["a", "1"], ["b", "2"])));
    }

    [Fact]
    public void Tables_that_were_not_measured_stay() => Assert.Equal(Page, MeasuredTables.Fill(Page, Rows("size", ["a", "1"])));

    [Fact]
    public void A_table_that_does_not_fit_is_refused()
    {
        Assert.Throws<UsageException>(() => MeasuredTables.Fill(Page, Rows("speed", ["a"])));
        Assert.Throws<UsageException>(() => MeasuredTables.Fill(Page.Replace("<!-- /measured -->", "", StringComparison.Ordinal), Rows("speed", ["a", "1"])));
        Assert.Throws<UsageException>(() => MeasuredTables.Fill("<!-- measured:speed -->\n<!-- /measured -->", Rows("speed", ["a", "1"])));
    }

    private static Dictionary<string, IReadOnlyList<string[]>> Rows(string name, params string[][] rows) => new() { [name] = rows };
}
