using CrossModal.Explain;

namespace CrossModal.Tests.Explain;

public sealed class TopPatchesTests
{
    [Fact]
    public void The_five_largest_come_first_and_the_earlier_of_equals_before_the_later() =>
        Assert.Equal([(3, 0.4f), (1, 0.2f), (5, 0.2f), (0, 0.1f), (6, 0.1f)], TopPatches.Of([0.1f, 0.2f, 0.05f, 0.4f, 0, 0.2f, 0.1f]));

    [Fact]
    public void Fewer_patches_than_asked_are_all_listed()
    {
        Assert.Equal([(1, 0.75f), (0, 0.25f)], TopPatches.Of([0.25f, 0.75f]));
        Assert.Empty(TopPatches.Of([]));
        Assert.Equal([(2, 1f)], TopPatches.Of([0, 0, 1], 1));
        Assert.Empty(TopPatches.Of([1], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TopPatches.Of([1], -1));
    }
}
