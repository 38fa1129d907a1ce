using CrossModal.Explain;

namespace CrossModal.Tests.Explain;

public sealed class GroundingTests
{
    [Fact]
    public void Mass_area_lift_and_pointing_are_those_counted_by_hand()
    {
        // The object fills patch 1 and half of patch 2: mass (0.5 · 1 + 0.2 · 0.5) / 1, area 1.5 / 4.
        var grounding = Grounding.Measure([0.2f, 0.5f, 0.2f, 0.1f], [0, 1, 0.5f, 0]);
        Assert.Equal(0.6, grounding.Mass, 6);
        Assert.Equal(0.375, grounding.Area, 6);
        Assert.Equal(1.6, grounding.Lift, 6);
        Assert.True(grounding.Pointed);
        Assert.False(Grounding.Measure([0.5f, 0.2f, 0.2f, 0.1f], [0, 1, 0.5f, 0]).Pointed);
    }

    [Fact]
    public void Weights_that_go_partly_to_words_count_by_their_share()
    {
        var whole = Grounding.Measure([0.2f, 0.5f, 0.2f, 0.1f], [0, 1, 0.5f, 0]);
        var part = Grounding.Measure([0.02f, 0.05f, 0.02f, 0.01f], [0, 1, 0.5f, 0]);
        Assert.Equal(whole.Mass, part.Mass, 6);
        Assert.Equal(whole.Area, part.Area);
    }

    [Fact]
    public void Even_attention_is_chance() => Assert.Equal(1, Grounding.Measure([0.25f, 0.25f, 0.25f, 0.25f], [0.1f, 0, 0.7f, 0]).Lift, 6);

    [Fact]
    public void No_attention_lies_on_nothing() => Assert.Equal(new Grounding(0, 0.5, false), Grounding.Measure([0, 0], [1, 0]));

    [Fact]
    public void An_object_that_is_not_to_be_seen_has_no_lift() => Assert.Equal(double.NaN, Grounding.Measure([0.5f, 0.5f], [0, 0]).Lift);

    [Fact]
    public void Numbers_of_patches_that_differ_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Grounding.Measure([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => Grounding.Measure([], []));
    }
}
