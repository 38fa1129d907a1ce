using CrossModal.Engine.Tensors;
using CrossModal.Explain.Monitor;
using CrossModal.Imaging;
using CrossModal.Inference;
using CrossModal.Language;
using CrossModal.Policies;
using CrossModal.Tests.Policies;

namespace CrossModal.Tests.Explain.Monitor;

/// <summary>The counterfactual effect that a monitor is given at some steps of an episode.</summary>
public sealed class MonitorEffectTests : IDisposable
{
    private static readonly MonitorLayout Layout = new(2, 2, true, 1, 3, 1, 0);
    private readonly string _folder = Directory.CreateTempSubdirectory("crossmodal-monitor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_counterfactual_effect_of_every_kth_step_is_held_until_the_next()
    {
        var layout = Layout with { EffectEvery = 2 };
        var window = new MonitorWindow(layout);
        Assert.Equal([1f, 1, 3, 3, 3, 3, 7], new[] { 1, 2, 3, 4, float.NaN, 6, 7 }.Select(Given));
        window.Restart();
        Assert.Equal([0f, 0, 9], new[] { float.NaN, 8, 9 }.Select(Given));
        Assert.Equal(MonitorWindow.InputsOf(Layout) + 3, MonitorWindow.InputsOf(layout));

        float Given(float effect)
        {
            var signals = new float[layout.Count];
            signals[layout.CounterfactualAt] = effect;
            return window.Next(signals)[MonitorWindow.InputsOf(Layout)];
        }
    }

    [Theory]
    [InlineData("cross-attention", 0)]
    [InlineData("perceiver", 0)]
    [InlineData("cross-attention", 2)]
    public void A_monitor_is_given_the_effect_that_a_comparison_with_no_words_gives_at_every_kth_step_and_the_action_stays(
        string strategy, int pastFrames)
    {
        var trained = WithPast(SmallPolicy.Create(strategy), pastFrames);
        PolicyFolder.Save(_folder, trained);
        using var plain = Policy.Load(_folder, new PolicyRunOptions { Monitor = false });
        using var compared = Policy.Load(_folder, new PolicyRunOptions { Monitor = false });
        compared.Compare(WordTokenizer.Unknown);
        var runner = new PolicyRunner(trained, 1, 1, new PolicyRunOptions(), new CompiledWeights(), MonitorNeeds.StepsAndEffects);
        runner.SetInstruction(0, "cup", allowUnknown: false);
        SavedMonitor.OfTheEffect(runner.SignalsOf(effectEvery: 3)).Save(_folder, threshold: 0.8f);
        using var watched = Policy.Load(_folder);
        using var guided = watched.Share();
        guided.Guide(0.5f);
        Policy[] policies = [plain, compared, watched, guided];
        foreach (var policy in policies) policy.SetInstruction("pick up red cup");
        var last = float.NaN;
        for (var step = 0; step < 5; step++)
        {
            var (picture, state) = (Picture(seed: step), new[] { 0.1f, 0.2f * step, -0.1f, 0.3f, 1 });
            var decisions = Array.ConvertAll(policies, p => p.Act(new Observation(picture) { State = state }));
            if (step % 3 == 0) last = decisions[1].Counterfactuals[0].Effect;
            Assert.Equal(decisions[0].Action.ToArray(), decisions[2].Action.ToArray());
            Assert.True(last > 1e-3f);
            Assert.Equal(last, Effect(decisions[2]), 1e-3f * last);
            Assert.Equal(last, Effect(decisions[3]), 1e-3f * last);
        }

        static float Effect(Decision decision) => MathF.Log(decision.Monitor!.Score / (1 - decision.Monitor.Score));
    }

    [Fact]
    public void Steps_that_compute_the_effect_allocate_nothing()
    {
        var trained = SmallPolicy.Create();
        PolicyFolder.Save(_folder, trained);
        SavedMonitor.Network(StepSignals.LayoutOf(trained, 2, effectEvery: 2), logit: 0).Save(_folder, threshold: 0.8f);
        using var watched = Policy.Load(_folder, new PolicyRunOptions { KeepFrames = false });
        watched.SetInstruction("pick up red cup");
        var (picture, state) = (Picture(seed: 1), new float[5]);
        for (var i = 0; i < 3; i++) watched.Act(new Observation(picture) { State = state });
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 20; i++) watched.Act(new Observation(picture) { State = state });
        }));
    }

    [Fact]
    public void A_file_says_after_how_many_steps_the_effect_is_needed_and_those_of_before_need_none()
    {
        PolicyFolder.Save(_folder, SmallPolicy.Create());
        foreach (var every in new[] { 0, 1, 32 })
        {
            SavedMonitor.Network(Layout with { EffectEvery = every }, logit: 0).Save(_folder, threshold: 0.8f);
            Assert.Equal(every, GroundingMonitor.Load(_folder).Layout.EffectEvery);
            Assert.Equal(every > 0, GroundingMonitor.Load(_folder).NeedsEffect);
        }

        Assert.Equal(Layout, MonitorLayout.Parse("2 2 1 1 3 1 0"));
        Assert.Equal([true, false, false, true], Enumerable.Range(0, 4).Select((Layout with { EffectEvery = 3 }).HasEffectAt));
    }

    private static TrainedPolicy WithPast(TrainedPolicy trained, int frames)
    {
        if (frames == 0) return trained;
        var options = SmallPolicy.Options() with { Perception = new PerceptionOptions { PastFrames = frames } };
        return trained with
        {
            Policy = new LanguagePolicy(options, new RandomSource(3)),
            Signature = PolicySignature.Unnamed(options),
        };
    }

    private static RgbImage Picture(int seed)
    {
        var picture = new RgbImage(48, 40);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }
}
