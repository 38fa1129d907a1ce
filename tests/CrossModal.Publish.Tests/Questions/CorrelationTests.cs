using CrossModal.Publish.Questions;

namespace CrossModal.Publish.Tests.Questions;

public sealed class CorrelationTests
{
    [Fact]
    public void Pearson_is_that_of_hand_made_numbers_and_its_interval_holds_it()
    {
        // Deviations −1 0 1 and −4 2 2 of 1 2 3 and 0 6 6: 6 over the root of 2 · 24.
        Assert.Equal(6 / Math.Sqrt(48), Correlation.OfPearson([1, 2, 3], [0, 6, 6]), 1e-12);
        Assert.Equal("+1.00 [+1.00, +1.00]", Correlation.Pearson([1, 2, 3, 4], [2, 4, 6, 8]));
        Assert.Equal("−1.00 [−1.00, −1.00]", Correlation.Spearman([1, 2, 3, 4], [8, 6, 4, 1]));
        Assert.Equal("–", Correlation.Pearson([1, 1, 1], [1, 2, 3]));
        Assert.Equal("–", Correlation.Pearson([1], [1]));
    }

    [Fact]
    public void The_area_is_the_share_of_pairs_in_which_the_one_that_fails_has_the_smaller_number()
    {
        Assert.Equal(0.75, Correlation.Area([1, 4, 3, 5], [1, 1, 0, 0]), 1e-12);
        Assert.Equal(0.5, Correlation.Area([2, 2], [1, 0]), 1e-12);
        Assert.Equal("–", Correlation.Auroc([1, 2, 3], [true, true, true]));
    }
}
