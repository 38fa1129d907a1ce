using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

public sealed class WordKnockoutTests
{
    [Fact]
    public void Edges_that_are_knocked_out_get_no_weight_and_the_others_sum_to_one()
    {
        var trained = SmallPolicy.Create();
        var blocked = new bool[4 * 16];
        blocked[2 * 16 + 5] = blocked[3 * 16 + 0] = true;
        var knockout = new EdgeKnockout(trained.Policy.Grid, 4, blocked);
        var trace = knockout.Trace();
        SmallPolicy.Decide(trained.Policy, SmallPolicy.Input(1, "pick up red cup"), trace);
        var maps = WordMap.Read(trace, 0, 4, trained.Policy.Grid);
        Assert.Equal(maps.Count, knockout.Layers);
        Assert.All(maps, map =>
        {
            for (var head = 0; head < map.Heads; head++)
                for (var word = 0; word < 4; word++)
                {
                    var weights = map.Head(head, word).ToArray();
                    Assert.Equal(1, weights.Sum(), 1e-5);
                    Assert.All(Enumerable.Range(0, 16), p => Assert.Equal(blocked[word * 16 + p], weights[p] == 0));
                }
        });
    }

    [Fact]
    public void Edges_to_pictures_of_steps_before_are_knocked_out_as_those_to_the_current_one()
    {
        var made = SmallPolicy.Create();
        var options = made.Policy.Options with { Perception = new PerceptionOptions { PastFrames = 2 } };
        var trained = made with { Policy = new LanguagePolicy(options, new RandomSource(1)) };
        var (input, grid) = (SmallPolicy.Input(1, "pick up red cup") with
        {
            Past = new PastFrames(Tensor.Uniform([1, 2, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize], new RandomSource(5), 0, 1)),
        }, trained.Policy.Grid);
        var blocked = new bool[3 * 4 * 16];
        foreach (var (age, word, patch) in ((int, int, int)[])[(0, 2, 5), (1, 3, 0), (2, 2, 7)])
            blocked[(age * 4 + word) * 16 + patch] = true;
        var knockout = new EdgeKnockout(grid, 4, blocked);
        var trace = knockout.Trace();
        SmallPolicy.Decide(trained.Policy, input, trace);
        for (var age = 0; age < 3; age++)
            Assert.All(WordMap.Read(trace, 0, 4, grid, age), map =>
            {
                for (var word = 0; word < 4; word++)
                    for (var patch = 0; patch < 16; patch++)
                        Assert.Equal(blocked[(age * 4 + word) * 16 + patch], map.Mean(word)[patch] == 0);
            });

        // An object that only a past picture shows: its edges are cut, and have less mass than those to the same patch of all pictures.
        float[] coverage = new float[48], everywhere = new float[48];
        coverage[16 + 5] = everywhere[5] = everywhere[16 + 5] = everywhere[32 + 5] = 1;
        WordKnockout Of(float[] share) => WordKnockout.Measure(trained, input, [2, 3], share, 2, new RandomSource(1))!;
        Assert.True(Of(coverage).Effect > 0);
        Assert.InRange(Of(everywhere).Mass, Of(coverage).Mass + 0.01, 2);
    }

    [Fact]
    public void Other_edges_of_equal_mass_never_touch_the_object()
    {
        var trained = SmallPolicy.Create();
        var coverage = new float[16];
        coverage[5] = 0.5f;
        var found = WordKnockout.Measure(trained, SmallPolicy.Input(1, "pick up red cup"), [2, 3], coverage, 4, new RandomSource(1))!;
        Assert.InRange(found.RandomMass, found.Mass, found.Mass + 0.3);
        Assert.Equal(4, found.RandomEffects.Count);
        Assert.True(found.Effect > 0);

        // All edges of all words to the object: nothing that touches it is left to be drawn.
        Assert.Null(WordKnockout.Measure(SmallPolicy.Create("perceiver"), SmallPolicy.Input(1, "red cup"), [0], coverage, 1,
            new RandomSource(1)));
        Assert.Null(WordKnockout.Measure(trained, SmallPolicy.Input(1, "red cup"), [0], new float[16], 1, new RandomSource(1)));
    }
}
