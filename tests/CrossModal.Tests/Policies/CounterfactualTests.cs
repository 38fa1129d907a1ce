using CrossModal.Imaging;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

/// <summary>Other instructions kept beside the policy's own, and acting by the difference.</summary>
public sealed class CounterfactualTests
{
    private const string Own = "pick up red cup";
    private const string Other = "cup";

    [Fact]
    public void A_counterfactual_is_the_decision_under_the_other_instruction_and_its_distance_in_deviations()
    {
        var trained = SmallPolicy.Create();
        using var policy = Policy.Of(trained);
        using var alone = Policy.Of(trained);
        policy.SetInstruction(Own);
        var words = policy.Compare(Other, "red thing");
        Assert.Equal(["thing"], words[1].Unknown);
        var (picture, state) = (Picture(1), new float[5]);
        var decision = policy.Act(new Observation(picture) { State = state });
        var mine = Alone(alone, Own, picture, state);
        var theirs = Alone(alone, Other, picture, state);
        for (var i = 0; i < mine.Length; i++) Assert.Equal(mine[i], decision.Action[i], 1e-5);
        var found = decision.Counterfactuals[0];
        Assert.Equal(Other, found.Instruction);
        for (var i = 0; i < theirs.Length; i++) Assert.Equal(theirs[i], found.Decision.Action[i], 1e-5);
        float[] difference = [.. Enumerable.Range(0, 3).Select(i => (mine[i] - theirs[i]) / trained.Actions.Deviation[i])];
        Assert.Equal(Math.Sqrt(difference.Sum(d => d * d) / 3), found.Effect, 1e-5);
        Assert.True(found.Effect > 0 && found.Differs && float.IsNaN(found.OverNoise));
        Assert.Equal(mine[3] != theirs[3], found.OtherGripper);
        Assert.Empty(alone.Act(new Observation(picture) { State = state }).Counterfactuals);
    }

    [Fact]
    public void The_same_instruction_has_no_effect_and_does_not_differ()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        policy.Compare(Own);
        policy.SetInstruction(Own);
        var found = policy.Act(new Observation(Picture(2)) { State = new float[5] }).Counterfactuals[0];
        Assert.Equal(0, found.Effect);
        Assert.Equal(1, found.Cosine, 1e-5);
        Assert.False(found.Differs || found.OtherDirection || found.OtherGripper);
    }

    [Fact]
    public void Noise_is_measured_without_changing_the_step_and_effects_are_multiples_of_it()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        policy.SetInstruction(Own);
        policy.Compare(Other);
        var (picture, state) = (Picture(3), new float[5]);
        var before = policy.Act(new Observation(picture) { State = state }).Action.ToArray();
        var noise = policy.MeasureNoise(new Observation(picture) { State = state });
        var after = policy.Act(new Observation(picture) { State = state });
        Assert.Equal(before, after.Action.ToArray());
        Assert.InRange(noise, 1e-6f, 0.5f);
        Assert.Equal(after.Counterfactuals[0].Effect / noise, after.Counterfactuals[0].OverNoise);
        var found = after.Counterfactuals[0];
        Assert.Equal(found.Effect >= 3 * noise || found.OtherGripper, found.Differs);
    }

    [Fact]
    public void Guidance_acts_by_the_difference_and_strength_0_ends_it()
    {
        var trained = SmallPolicy.Create();
        using var policy = Policy.Of(trained);
        using var alone = Policy.Of(trained);
        policy.SetInstruction(Own);
        var (picture, state) = (Picture(4), new float[5]);
        var (mine, theirs) = (Alone(alone, Own, picture, state), Alone(alone, Other, picture, state));
        policy.Guide(2, Other);
        var guided = policy.Act(new Observation(picture) { State = state }).Action.ToArray();
        for (var i = 0; i < 3; i++) Assert.Equal(mine[i] + 2 * (mine[i] - theirs[i]), guided[i], 1e-4);
        Assert.NotEqual(mine[0], guided[0], 1e-3);
        policy.Guide(0);
        var free = policy.Act(new Observation(picture) { State = state });
        for (var i = 0; i < 3; i++) Assert.Equal(mine[i], free.Action[i], 1e-5);
        Assert.Throws<ArgumentException>(() => policy.Guide(-1));
        Assert.Throws<ArgumentException>(() => policy.Guide(float.NaN));
    }

    [Fact]
    public void A_refused_instruction_leaves_the_others_as_they_were()
    {
        using var policy = Policy.Of(SmallPolicy.Create());
        policy.SetInstruction(Own);
        policy.Compare(Other);
        Assert.Throws<ArgumentException>(() => policy.Compare("cup cup cup cup cup cup cup cup cup"));
        Assert.Equal(Other, policy.Act(new Observation(Picture(5)) { State = new float[5] }).Counterfactuals.Single().Instruction);
        policy.Compare();
        Assert.Empty(policy.Act(new Observation(Picture(5)) { State = new float[5] }).Counterfactuals);
    }

    [Fact]
    public void Frames_with_other_instructions_allocate_nothing_and_explanations_are_of_the_policys_own()
    {
        using var policy = Policy.Of(SmallPolicy.Create(), new PolicyRunOptions { KeepFrames = false });
        policy.SetInstruction(Own);
        policy.Compare(Other, "red cup");
        policy.Guide(0.5f);
        var (picture, state) = (Picture(6), new float[5]);
        for (var i = 0; i < 3; i++) policy.Act(new Observation(picture) { State = state });
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 20; i++) policy.Act(new Observation(picture) { State = state });
        }));
        Assert.NotEmpty(policy.Explain("red").Weights);
        Assert.Equal(0, policy.Explained().Decision.Grid.Count - SmallPolicy.Patches);
    }

    private static float[] Alone(Policy policy, string text, RgbImage picture, float[] state)
    {
        policy.SetInstruction(text);
        return policy.Act(new Observation(picture) { State = state }).Action.ToArray();
    }

    private static RgbImage Picture(int seed)
    {
        var picture = new RgbImage(48, 40);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }
}
