using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

public sealed class WordTestTests
{
    private static readonly float[] State = [0.1f, 0.2f, 0.3f, 0.4f, 0.5f];

    [Fact]
    public void A_word_that_attends_to_its_object_passes_and_one_that_does_not_throws_lift_p_and_n()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        policy.Words("Red").ShouldAttendTo(Cases(policy, most: true), lift: 1, p: 0.01);
        var thrown = Assert.Throws<WordTestException>(() => policy.Words("red").ShouldAttendTo(Cases(policy, most: false), lift: 1,
            p: 0.01));
        Assert.Equal(("red", 10, 1), (thrown.Word, thrown.Cases, Math.Round(thrown.P, 6)));
        Assert.InRange(thrown.Lift, 0, 1);
        Assert.Matches("^'red' should attend to its object with a lift above 1 at p < 0.01: median lift 0\\.\\d, p = 1.0000, n = 10$",
            thrown.Message);

        // No attention has a lift above the number of patches.
        Assert.Throws<WordTestException>(() => policy.Words("red").ShouldAttendTo(Cases(policy, most: true), lift: 17));
    }

    [Fact]
    public void Cases_in_which_the_object_is_hidden_are_left_out_and_none_at_all_is_refused()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        var cases = Cases(policy, most: true);
        Assert.Equal(10, policy.Words("red").Measure([.. cases, cases[0] with { Coverage = new float[16] }], 1).Cases);
        Assert.Throws<ArgumentException>(() => policy.Words("red").ShouldAttendTo([cases[0] with { Coverage = new float[16] }]));
        Assert.Contains("no word 'blue'", Assert.Throws<ArgumentException>(() => policy.Words("blue").ShouldAttendTo(cases)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => policy.Words("red").ShouldAttendTo([cases[0] with { Coverage = [1] }]));
        Assert.Throws<ArgumentException>(() => policy.Words("red").ShouldAttendTo(cases, p: 0));
    }

    [Fact]
    public void The_sign_test_is_the_upper_tail_of_the_binomial_distribution()
    {
        Assert.Equal(1.0 / 8, WordTest.SignTest(3, 3), 1e-12);
        Assert.Equal(1, WordTest.SignTest(0, 5), 1e-12);

        // 1 + 10 + 45 of 1024.
        Assert.Equal(56.0 / 1024, WordTest.SignTest(8, 10), 1e-12);
        Assert.InRange(WordTest.SignTest(1000, 2000), 0.5, 0.52);
    }

    /// <summary>Ten pictures; the object is where the word attends most, or least.</summary>
    private static List<WordCase> Cases(Policy policy, bool most)
    {
        var cases = new List<WordCase>();
        for (var i = 1; i <= 10; i++)
        {
            var picture = new RgbImage(32, 32, [.. Enumerable.Range(0, 32 * 32 * 3).Select(p => (byte)(p * (17 * i + 1) % 251))]);
            policy.SetInstruction("pick up red cup");
            policy.Act(new Observation(picture) { State = State });
            var weights = policy.Explain("red").Weights.ToList();
            var coverage = new float[16];
            coverage[weights.IndexOf(most ? weights.Max() : weights.Min())] = 1;
            cases.Add(new WordCase("pick up red cup", [picture], State, coverage));
        }

        return cases;
    }
}
