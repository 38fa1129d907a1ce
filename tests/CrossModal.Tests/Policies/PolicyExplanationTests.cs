using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

public sealed class PolicyExplanationTests
{
    private static readonly float[] State = [0.1f, -0.2f, 0.3f, 0.4f, 0];

    [Fact]
    public void The_decision_explained_is_the_one_the_compiled_step_made_and_later_steps_leave_it_alone()
    {
        using var policy = Stepped(out var action);
        var explained = policy.Explained();
        policy.Act(new Observation(Picture(5)) { State = State });
        var outputs = explained.Decision.OutputsOfDecision;
        Assert.Equal(4, outputs.Count);
        float[] mean = [1, 2, 3], deviation = [1, 0.5f, 2];
        for (var i = 0; i < 3; i++) Assert.Equal(action[i], outputs[i] * deviation[i] + mean[i], 1e-4f);
        Assert.Equal(action[3], outputs[3] > 0 ? 1 : 0);
    }

    [Fact]
    public void Every_method_gives_a_map_whose_faithfulness_is_measured_when_it_is_asked_for()
    {
        using var policy = Stepped(out _);
        foreach (var method in MapMethods.All)
        {
            var map = policy.Explain(method.OfWords ? "red" : null, method);
            Assert.Equal(16, map.Weights.Count);
            Assert.Equal(1, map.Weights.Sum(), 1e-4);
            Assert.Equal(method.OfWords ? "red" : "", map.Word);
            Assert.Equal(method.Name == "integrated-gradients", map.Residual is not null);
        }

        var faithfulness = policy.Explain("red", MapMethods.Find("relevance")).Faithfulness;
        Assert.Equal(3, faithfulness.Curves.Count);
        Assert.Equal(faithfulness.Random, policy.Explain("cup").Faithfulness.Random);
    }

    [Fact]
    public void A_map_no_better_than_chance_is_drawn_in_grey_once_it_was_measured()
    {
        using var policy = Stepped(out _);
        var map = policy.Explain("red", new InvertedMap());
        Assert.False(IsGrey(map.ToImage()));
        Assert.Equal(FaithfulnessVerdict.NoBetterThanChance, map.Faithfulness.Verdict);
        Assert.True(IsGrey(map.ToImage()));

        static bool IsGrey(RgbImage image) => Enumerable.Range(0, image.Pixels.Length / 3)
            .All(i => image.Pixels[3 * i] == image.Pixels[3 * i + 1] && image.Pixels[3 * i] == image.Pixels[3 * i + 2]);
    }

    [Fact]
    public void Parts_of_an_action_are_named_and_what_has_no_meaning_is_refused_by_name()
    {
        using var policy = Stepped(out _);
        Assert.Equal(ExplanationTarget.Direction, policy.Target("direction"));
        Assert.Equal(ExplanationTarget.Gripper, policy.Target("gripper"));
        Assert.Equal(ExplanationTarget.Gripper, policy.Target("close"));
        Assert.Equal(ExplanationTarget.Dimension(1, negative: true), policy.Target("-action1"));
        Assert.Equal(ExplanationTarget.Dimension(2), policy.Target("+action2"));
        Assert.Contains("no part 'action9'; there are: direction, gripper, ±action0",
            Assert.Throws<ArgumentException>(() => policy.Target("action9")).Message, StringComparison.Ordinal);
        Assert.Contains("masking has one map of the decision",
            Assert.Throws<NotSupportedException>(() => policy.Explain("red", new MaskedImportance())).Message, StringComparison.Ordinal);
        Assert.Contains("no word 'blue'", Assert.Throws<ArgumentException>(() => policy.Explain("blue", new RawAttention())).Message,
            StringComparison.Ordinal);
        using var plain = Policy.Of(SmallPolicy.Create("concat-pooled", pointing: false));
        plain.SetInstruction("red cup");
        plain.Act(new Observation(Picture(1)) { State = State });
        Assert.Contains("'concat-pooled'", Assert.Throws<NotSupportedException>(() => plain.Explain("red", new AttentionRollout())).Message,
            StringComparison.Ordinal);
        Assert.Contains("no gripper", Assert.Throws<NotSupportedException>(() =>
            plain.Explain(null, new MaskedImportance(), ExplanationTarget.Gripper)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_decision_made_again_has_the_weights_of_now_so_that_randomised_parts_show()
    {
        var trained = SmallPolicy.Create();
        using var policy = Policy.Of(trained);
        policy.SetInstruction("pick up red cup");
        policy.Act(new Observation(Picture(1)) { State = State });
        var step = policy.Explained();
        var before = step.Decision.OutputsOfDecision.ToArray();
        var stages = WeightRandomization.Measure(trained.Policy, () => new AttentionRollout().Compute(step.Again()).Joined(2),
            step.Decision.Grid);
        Assert.StartsWith("vision.stem.", stages[^1].Part, StringComparison.Ordinal);
        Assert.Equal(1, stages.Single(s => s.Part == "actor.layers.0").Correlation, 1e-9);
        Assert.True(stages[^1].Correlation < 0.9, $"{stages[^1].Correlation}");
        Assert.Equal(1, stages.Single(s => s.Part == "actor.layers.0").Similarity, 1e-9);
        Assert.True(stages[^1].Similarity < 0.9, $"{stages[^1].Similarity}");
        Assert.Equal(before, step.Again().OutputsOfDecision);
    }

    [Fact]
    public void Padding_around_a_picture_is_never_taken_away()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        policy.SetInstruction("red cup");
        policy.Act(new Observation(new RgbImage(64, 32, [.. Enumerable.Range(0, 64 * 32 * 3)
            .Select(i => (byte)(i * 37))]))
        { State = State });
        var decision = policy.Explained().Decision;
        Assert.Equal([true, true, true, true, false, false, false, false, false, false, false, false, true, true, true, true],
            decision.Padding);
        var kept = new List<PerturbedPicture>();
        new FaithfulnessTest(decision, new FaithfulnessOptions { Keep = kept.Add, RandomMaps = 1, GaussianMaps = 1 })
            .Measure(new float[16]);
        Assert.NotEmpty(kept);
        Assert.All(kept, k => Assert.All(Enumerable.Range(0, 8 * 32), i => Assert.Equal(0, k.Pictures.Span[i])));
    }

    private static Policy Stepped(out float[] action)
    {
        var policy = Policy.Of(SmallPolicy.Create());
        policy.SetInstruction("pick up red cup");
        action = policy.Act(new Observation(Picture(1)) { State = State }).Action.ToArray();
        return policy;
    }

    private static RgbImage Picture(int seed) =>
        new(32, 32, [.. Enumerable.Range(0, 32 * 32 * 3).Select(i => (byte)(i * (37 + seed) % 251))]);

    /// <summary>Orders the patches the wrong way round.</summary>
    private sealed class InvertedMap : IMapMethod
    {
        public string Name => "inverted";

        public string Summary => "least importance first";

        public MapNeeds Needs => MapNeeds.Passes;

        public bool OfWords => true;

        public ExplanationMap Compute(ExplainedDecision decision)
        {
            var importance = new MaskedImportance().Compute(decision).Of(0, 0);
            var inverted = Array.ConvertAll(importance, s => MathF.Pow(importance.Min() / s, 8));
            return new(this, decision.Grid, decision.Words, [[.. Enumerable.Range(0, decision.Words).SelectMany(_ => inverted)]]);
        }
    }
}
