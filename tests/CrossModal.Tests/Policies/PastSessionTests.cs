using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Imaging;
using CrossModal.Inference;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

/// <summary>A policy with past frames in a control loop, which keeps the tokens of the pictures it was given.</summary>
public sealed class PastSessionTests
{
    private const int Frames = 2, Views = 2;
    private const string Instruction = "pick up red cup";
    private static readonly string[] Cameras = ["front", "side"];

    [Fact]
    public void Every_step_decides_as_the_eager_pass_on_the_pictures_of_the_last_steps()
    {
        var trained = Create();
        using var policy = Started(trained);
        for (var step = 0; step < 5; step++) Equal(Eager(trained, step, 0), Act(policy, step));
    }

    [Fact]
    public void An_episode_begins_with_a_reset_or_an_instruction_and_has_no_past()
    {
        var trained = Create();
        using var policy = Started(trained);
        for (var step = 0; step < 4; step++) Act(policy, step);
        policy.Reset();
        for (var step = 7; step < 10; step++) Equal(Eager(trained, step, 7), Act(policy, step));
        policy.SetInstruction(Instruction);
        for (var step = 2; step < 4; step++) Equal(Eager(trained, step, 2), Act(policy, step));
    }

    [Fact]
    public void A_picture_that_is_refused_or_measured_alone_is_never_a_past_one()
    {
        var trained = Create();
        using var policy = Started(trained);
        for (var step = 0; step < 4; step++)
        {
            Equal(Eager(trained, step, 0), Act(policy, step));
            Assert.Throws<ArgumentException>(() => policy.Act(Observed(50) with { State = new float[4] }));
            if (step == 1) policy.MeasureNoise(Observed(60));
        }
    }

    [Fact]
    public void Other_instructions_beside_its_own_leave_an_episode_its_past()
    {
        var trained = Create();
        using var policy = Started(trained);
        for (var step = 0; step < 6; step++)
        {
            if (step == 2) policy.Compare("cup");
            if (step == 4) policy.Compare();
            Equal(Eager(trained, step, 0), Act(policy, step));
        }
    }

    [Fact]
    public void A_batch_and_prepared_instructions_keep_the_past_of_every_observation()
    {
        var trained = Create();
        using var policy = Policy.Of(trained);
        var (batch, prepared) = (policy.Batch(2), policy.Prepare(Instruction, "cup"));
        for (var i = 0; i < 2; i++) batch.SetInstruction(i, Instruction);
        for (var step = 0; step < 6; step++)
        {
            if (step == 3) batch.Reset(1);
            if (step == 4) prepared.Reset();
            for (var i = 0; i < 2; i++) batch.Observe(i, Observed(step + 20 * i));
            batch.Act();
            Equal(Eager(trained, step, 0), batch[0].Action.ToArray());
            Equal(Eager(trained, step + 20, step < 3 ? 20 : 23), batch[1].Action.ToArray());
            Equal(Eager(trained, step, step < 4 ? 0 : 4), prepared.Act(Observed(step))[0].Action.ToArray());
        }
    }

    [Fact]
    public void Episodes_that_change_their_places_in_a_batch_keep_their_own_past()
    {
        var trained = Create();
        using var policy = Policy.Of(trained);
        var batch = policy.Batch(2);
        for (var i = 0; i < 2; i++) batch.SetInstruction(i, Instruction);
        for (var step = 0; step < 4; step++)
        {
            for (var i = 0; i < 2; i++) batch.Observe(i, Observed(step + 20 * (step % 2 == 0 ? i : 1 - i)));
            batch.Act();
            for (var i = 0; i < 2; i++)
            {
                var first = step % 2 == 0 ? 20 * i : 20 - 20 * i;
                Equal(Eager(trained, step + first, first), batch[i].Action.ToArray());
            }

            var (one, other) = (batch.Past(0), batch.Past(1));
            batch.Follow(0, other);
            batch.Follow(1, one);
        }
    }

    [Fact]
    public void Every_picture_is_encoded_once_and_a_frame_allocates_nothing()
    {
        var options = Create().Policy.Options;
        using var policy = Started(Create());
        using var without = Started(Create(options with { Perception = new PerceptionOptions() }));
        for (var step = 0; step < 4; step++)
        {
            Act(policy, step);
            Act(without, step);
        }

        Assert.Equal(Vision(without), Vision(policy));
        var buffer = new byte[64 * 48 * 3];
        var state = new float[SmallPolicy.Proprioception];
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                buffer[i] += 9;
                var frame = new Frame(buffer, 64, 48);
                policy.Act(new Observation { State = state }.With("front", frame).With("side", frame));
            }
        }));

        static IEnumerable<string> Vision(Policy policy) => policy.Explain(1).Steps
            .Where(s => s.Stage == Stage.Frame && s.Layer.StartsWith("vision.", StringComparison.Ordinal))
            .Select(s => $"{s.Layer} {s.Action}");
    }

    [Fact]
    public void Maps_of_the_last_step_are_asked_for_by_age()
    {
        var trained = Create();
        using var policy = Started(trained);
        Act(policy, 0);
        Act(policy, 1);
        var trace = new AttentionTrace();
        Eager(trained, 1, 0, trace);
        for (var age = 0; age <= Frames; age++)
        {
            var expected = WordMap.Read(trace, 0, 4, trained.Policy.Grid, age);
            var maps = policy.Maps(age);
            Assert.Equal(4, maps.Count);
            foreach (var map in maps)
            {
                var same = expected.SingleOrDefault(m => (m.Name, m.View) == (map.Name, map.View));
                foreach (var (a, b) in map.Mean(2).Zip(same?.Mean(2) ?? new float[map.Grid.Count])) Assert.Equal(b, a, 1e-5f);
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Maps(Frames + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Maps(-1));
    }

    [Fact]
    public void The_decision_explained_is_the_one_that_was_made_with_its_past()
    {
        using var policy = Started(Create());
        for (var step = 0; step < 3; step++) Act(policy, step);
        var action = Act(policy, 3);
        var explained = policy.Explained();
        Act(policy, 4);
        var outputs = explained.Decision.OutputsOfDecision;
        float[] mean = [1, 2, 3], deviation = [1, 0.5f, 2];
        for (var i = 0; i < 3; i++) Assert.Equal(action[i], outputs[i] * deviation[i] + mean[i], 1e-4f);
        foreach (var method in MapMethods.All)
            Assert.Equal(policy.Explained().Decision.Grid.Count, policy.Explain(method.OfWords ? "red" : null, method).Weights.Count);
    }

    private static TrainedPolicy Create(PolicyOptions? options = null)
    {
        if (options is null)
        {
            options = SmallPolicy.Options();
            options = options with
            {
                Fusion = options.Fusion with { Views = Views },
                Perception = new PerceptionOptions { PastFrames = Frames },
            };
        }

        // Embeddings of age that count: two of 0.02 could be exchanged within the tolerance.
        var policy = new LanguagePolicy(options, new RandomSource(3));
        foreach (var (_, ages) in policy.Parameters().Where(p => p.Key == "past.ages"))
            Tensor.Normal(ages.Shape, new RandomSource(5)).Span.CopyTo(ages.Span);
        return SmallPolicy.Create() with
        {
            Policy = policy,
            Signature = PolicySignature.Unnamed(options) with { Cameras = Cameras },
        };
    }

    private static Policy Started(TrainedPolicy trained)
    {
        var policy = Policy.Of(trained);
        policy.SetInstruction(Instruction);
        return policy;
    }

    private static float[] Act(Policy policy, int step) => policy.Act(Observed(step)).Action.ToArray();

    private static Observation Observed(int step) =>
        new Observation { State = new float[SmallPolicy.Proprioception] }.With("front", Picture(step)).With("side", Picture(step + 100));

    private static RgbImage Picture(int seed)
    {
        var picture = new RgbImage(SmallPolicy.ImageSize, SmallPolicy.ImageSize);
        new Random(seed).NextBytes(picture.Pixels);
        return picture;
    }

    /// <summary>The action of a step of an episode that began at another, every picture encoded anew.</summary>
    private static float[] Eager(TrainedPolicy trained, int step, int start, AttentionTrace? trace = null)
    {
        var (length, images) = (Views * 3 * SmallPolicy.ImageSize * SmallPolicy.ImageSize, Tensor.Zeros(trained.Policy.ImageShape(1)));
        var past = Tensor.Zeros([1, Frames, .. trained.Policy.ImageShape(1).Skip(1)]);
        var encoder = new ObservationEncoder(trained);
        var state = new float[SmallPolicy.Proprioception];
        encoder.Encode(Observed(step), images.Span, state);
        var there = new bool[Frames];
        for (var k = 0; k < Frames; k++)
        {
            there[k] = step - 1 - k >= start;
            if (there[k]) encoder.Encode(Observed(step - 1 - k), past.Span.Slice(k * length, length), state);
        }

        using var pass = Pass.Evaluation(trace);
        var (ids, mask) = trained.Tokenizer.EncodeBatch([Instruction], 8);
        var output = trained.Policy.Forward(new PolicyInput(images, ids, mask, Tensor.From(state, [1, state.Length]))
        {
            Past = new PastFrames(past, Mask.Allowed(there, [1, 1, 1, Frames])),
        }, pass);
        var action = new float[4];
        trained.Actions.Undo(output.Action.Span, action.AsSpan(0, 3));
        action[3] = output.Close!.Item() > 0 ? 1 : 0;
        return action;
    }

    private static void Equal(float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 2e-5 * Math.Max(1, Math.Abs(expected[i])));
    }
}
