using CrossModal.Cli.Texts;
using CrossModal.Experiments.Plans;

namespace CrossModal.Cli.Tests.Comparisons;

/// <summary>Every row says what of it is the textbook's, what a paper's and what ours.</summary>
public sealed class RowOriginsTests
{
    [Fact]
    public void Every_row_of_the_library_has_its_line_in_both_languages()
    {
        foreach (var row in ComparisonVariants.OfTextbook.Concat(ComparisonVariants.Further))
        {
            Assert.True(RowOrigins.Has(row.Name, row.Strategy), $"{row.Name} has no line");
            var (english, chinese) = (new RowOrigins(ToolLanguage.English).Of(row.Name, row.Strategy),
                new RowOrigins(ToolLanguage.Chinese).Of(row.Name, row.Strategy));
            Assert.Matches("^(textbook|paper): ", english);
            Assert.Matches("^(教科书|论文)：", chinese);
            Assert.Equal(english.Contains("ours: ", StringComparison.Ordinal), chinese.Contains("本项目：", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_strategy_of_ones_own_is_said_to_be_one() =>
        Assert.Equal("a strategy of your own", new RowOrigins(ToolLanguage.English).Of("mine", "mine"));
}
