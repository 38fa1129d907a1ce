using CrossModal.Layers;

namespace CrossModal.Tests.Layers;

public sealed class ParameterProblemsTests
{
    [Fact]
    public void Five_of_each_kind_are_named_in_their_order_and_the_others_counted()
    {
        var problems = new ParameterProblems();
        Assert.False(problems.Any);
        for (var i = 0; i < 7; i++) problems.Missing($"m{i}", [i]);
        problems.Differs("d", [2], [3]);
        for (var i = 0; i < 6; i++) problems.Unexpected($"u{i}");
        Assert.Equal("missing 'm0' [0]; missing 'm1' [1]; missing 'm2' [2]; missing 'm3' [3]; missing 'm4' [4]; 'd' is [2], expected [3]; "
            + "unexpected 'u0'; unexpected 'u1'; unexpected 'u2'; unexpected 'u3'; unexpected 'u4'; 2 more missing; 1 more unexpected",
                problems.ToString());
    }

    [Theory]
    [InlineData("", "model.", "; the names there begin with 'model.'")]
    [InlineData("", "a.b.", "; the names there begin with 'a.b.'")]
    [InlineData("fusion.", "", "; the names there lack 'fusion.' at their beginning")]
    [InlineData("x.", "y.", "'")]
    public void A_beginning_that_is_the_whole_difference_is_said(string ours, string theirs, string expected)
    {
        var problems = new ParameterProblems();
        foreach (var name in (string[])["q.weight", "k.weight"]) problems.Missing(ours + name, [1]);
        foreach (var name in (string[])["q.weight", "k.weight"]) problems.Unexpected(theirs + name);
        Assert.EndsWith(expected, problems.ToString());
    }
}
