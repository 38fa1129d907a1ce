using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

/// <summary>Registers beside the patches and the robot's state beside the words.</summary>
public sealed class PolicyTokensTests
{
    private static readonly PerceptionOptions Both = new() { Registers = 3, StateToken = true };

    [Fact]
    public void Padding_of_the_words_changes_nothing_of_a_policy_with_registers_and_a_state_token()
    {
        var policy = Create("cross-attention", Both);
        var input = SmallPolicy.Input(2, "pick up", "pick up red cup");
        var (few, many) = (SmallPolicy.Decide(policy, SmallPolicy.Padded(input, 1, 2)),
            SmallPolicy.Decide(policy, SmallPolicy.Padded(input, 2, 3)));
        Assert.Equal(few.Select(x => x.Length), many.Select(x => x.Length));
        foreach (var (a, b) in few.SelectMany(x => x).Zip(many.SelectMany(x => x))) Assert.Equal(a, b, 1e-5f);
    }

    [Fact]
    public void The_state_changes_what_words_fetch_and_only_with_its_token()
    {
        var input = SmallPolicy.Input(1, "pick up red cup");
        var moved = input with { Proprioception = Tensor.Uniform([1, SmallPolicy.Proprioception], new RandomSource(9), -1, 1) };
        foreach (var (perception, differs) in new[] { (new PerceptionOptions(), false), (Both with { Registers = 0 }, true) })
        {
            var policy = Create("cross-attention", perception);
            Assert.Equal(differs, Fused(policy, input).Zip(Fused(policy, moved)).Any(pair => Math.Abs(pair.First - pair.Second) > 1e-6));
        }
    }

    [Theory]
    [InlineData("cross-attention")]
    [InlineData("concat-tokens")]
    [InlineData("joint-attention")]
    public void Words_keep_their_maps_over_the_patches_alone(string strategy)
    {
        var trace = new AttentionTrace();
        SmallPolicy.Decide(Create(strategy, Both), SmallPolicy.Input(1, "pick up red cup"), trace);
        var maps = WordMap.Read(trace, 0, 4, new(4, 4));
        Assert.Equal(2, maps.Count);
        foreach (var map in maps) Assert.InRange(map.Mean(0).Sum(), 0.1, 0.999);
    }

    [Fact]
    public void There_are_no_parameters_of_them_unless_they_are_asked_for()
    {
        Assert.DoesNotContain(Create("cross-attention", new PerceptionOptions()).Parameters(), p =>
            p.Key.StartsWith("tokens", StringComparison.Ordinal));
        Assert.Equal(["tokens.registers", "tokens.state.weight", "tokens.state.bias"],
            Create("cross-attention", Both).Parameters().Select(p => p.Key)
                .Where(name => name.StartsWith("tokens", StringComparison.Ordinal)));
    }

    [Fact]
    public void Where_there_is_no_place_for_them_they_are_refused()
    {
        Assert.Contains("no place for registers", Assert.Throws<ShapeException>(() => Create("film-blocks", Both)).Message);
        var mute = SmallPolicy.Options(pointing: false) with { Proprioception = 0, Perception = Both with { Registers = 0 } };
        Assert.Contains("needs proprioception", Assert.Throws<ShapeException>(() => new LanguagePolicy(mute, new RandomSource(1))).Message);
    }

    private static float[] Fused(LanguagePolicy policy, PolicyInput input)
    {
        using var pass = Pass.Evaluation();
        return policy.Forward(input, pass).Fused!.ToArray();
    }

    private static LanguagePolicy Create(string strategy, PerceptionOptions perception) =>
        new(SmallPolicy.Options(strategy) with { Perception = perception }, new RandomSource(1));
}
