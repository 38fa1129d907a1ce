using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Layers;
using CrossModal.Policies;

namespace CrossModal.Tests.Policies;

public sealed class PolicyPlanTests
{
    public static TheoryData<string> Reductions => [.. VisualTokens.Names.Select(name => $"{name}:4")];

    public static TheoryData<string> Strategies => [.. FusionStrategies.Names];

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_compiled_policy_decides_as_the_eager_one(string strategy)
    {
        var random = new Random(7);
        foreach (var (pictures, instructions, words, views) in ((int, int, int, int)[])[(1, 1, 3, 1), (3, 3, 5, 1), (1, 4, 4, 1),
            (2, 2, 4, 2)])
        {
            var options = SmallPolicy.Options(strategy);
            options = options with { Fusion = options.Fusion with { Views = views } };
            if (Create(options) is not { } policy) continue;
            Compare(policy, pictures, instructions, words, views, random,
                $"{strategy}, {pictures} pictures, {instructions} instructions, {views} views");
        }
    }

    [Theory]
    [MemberData(nameof(Reductions))]
    public void So_does_one_with_fewer_visual_tokens(string reduction)
    {
        var random = new Random(8);
        var compared = 0;
        foreach (var strategy in FusionStrategies.Names)
        {
            var options = SmallPolicy.Options(strategy);
            var views = random.Next(1, 3);
            options = options with
            {
                Fusion = options.Fusion with
                {
                    Views = views,
                    Vision = options.Fusion.Vision with { Tokens = VisualTokens.Parse(reduction) }
                }
            };
            if (Create(options) is not { } policy) continue;
            Compare(policy, 1, random.Next(1, 3), random.Next(1, 6), views, random, $"{strategy} {reduction}");
            compared++;
        }

        Assert.InRange(compared, 10, FusionStrategies.Names.Count);
    }

    [Theory]
    [InlineData("cross-attention", 3, false)]
    [InlineData("concat-tokens", 0, true)]
    [InlineData("joint-attention", 2, true)]
    [InlineData("perceiver", 1, true)]
    public void So_does_one_with_registers_or_a_token_of_the_state(string strategy, int registers, bool state)
    {
        var random = new Random(9);
        var options = SmallPolicy.Options(strategy) with
        {
            Perception = new PerceptionOptions { Registers = registers, StateToken = state },
        };
        foreach (var (pictures, instructions, views) in ((int, int, int)[])[(1, 1, 1), (1, 3, 1), (2, 2, 2)])
            Compare(Create(options with { Fusion = options.Fusion with { Views = views } })!, pictures, instructions, 4, views, random,
                $"{strategy}, {registers} registers");
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void So_does_one_with_past_frames_some_of_which_are_not_there(string strategy)
    {
        if (FusionStrategies.Find(strategy).OnGrid) return;
        var random = new Random(10);
        var options = SmallPolicy.Options(strategy) with { Perception = new PerceptionOptions { PastFrames = 2 } };
        foreach (var (pictures, instructions, views) in ((int, int, int)[])[(1, 1, 1), (1, 3, 1), (2, 2, 2)])
        {
            if (Create(options with { Fusion = options.Fusion with { Views = views } }) is not { } policy) continue;
            Compare(policy, pictures, instructions, 4, views, random, $"{strategy}, {pictures} pictures, {views} views, past frames");
        }
    }

    [Fact]
    public void The_stem_of_a_compiled_policy_is_convolutions_with_packed_weights_and_tokens_cost_nothing()
    {
        var plan = Plan(Create(SmallPolicy.Options())!, new PlanSizes(1, 1, 3, false),
            Tensor.Zeros([1, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize]), Tensor.Zeros([1, SmallPolicy.Proprioception]));
        var rows = plan.Compiled.Explain(1).Steps.Where(s => s.Stage == Stage.Frame).ToList();
        Assert.Equal(3, rows.Count(r => r.Action == "Conv2d + Relu"));
        Assert.Single(rows, r => r.Action == "Conv2d + Relu + residual");
        Assert.Single(rows, r => r.Action == "Scale, planes to pixels");
        Assert.DoesNotContain(rows, r => r.Action is "Permute" or "Scale" && r.Flops > 1e3);
        Assert.DoesNotContain(rows, r => r.Action is "Relu" or "Add" && r.Layer.StartsWith("vision.stem", StringComparison.Ordinal));
        Assert.Contains(plan.Compiled.Explain(1).Steps, s =>
            s.Stage == Stage.Instruction && s.Layer.StartsWith("language.reader", StringComparison.Ordinal));
    }

    [Fact]
    public void The_last_convolution_of_a_wider_stem_is_computed_by_tiles_and_changes_no_result()
    {
        var policy = Create(SmallPolicy.Options() with { Fusion = new FusionOptions(32, 2, 1) })!;
        var plan = Plan(policy, new PlanSizes(1, 1, 3, false),
            Tensor.Zeros([1, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize]), Tensor.Zeros([1, SmallPolicy.Proprioception]));
        Assert.Single(plan.Compiled.Explain(1).Steps, r => r.Action == "Conv2d by tiles + Relu + residual");
        Compare(policy, 1, 1, 3, 1, new Random(1), "one picture");
        Compare(policy, 2, 2, 3, 1, new Random(2), "two pictures");
    }

    private static void Compare(LanguagePolicy policy, int pictures, int instructions, int words, int views, Random random, string what)
    {
        var images = Tensor.Zeros(views == 1 ? [pictures, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize]
            : [pictures, views, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize]);
        var states = Tensor.Zeros([instructions, SmallPolicy.Proprioception]);
        var plan = Plan(policy, new PlanSizes(pictures, instructions, words, Padded: instructions > 1), images, states);
        for (var frame = 0; frame < 2; frame++)
        {
            Fill(plan, images, states, random);
            plan.SetInstructions();
            plan.Run();
            var trace = new AttentionTrace();
            using var pass = Pass.Evaluation(trace, Workers.Single);
            var eager = policy.Forward(new PolicyInput(images, plan.Words, plan.Scores is { } scores ? Mask.OfScores(scores) : null,
                states)
            {
                Past = plan.Past is { } past ? new PastFrames(past.Tokens, Mask.OfScores(past.Scores)) { Encoded = true } : null,
            }, pass);
            Close(eager.Action, plan.Output.Action, what);
            Close(eager.Fused!, plan.Output.Fused!, what);
            Close(eager.Close!, plan.Output.Close!, what);
            Close(eager.Points!, plan.Output.Points!, what);
            var compiled = plan.ReadTrace();
            Assert.All(trace.Entries.Concat(compiled.Entries), e =>
                Assert.True(e is { QueryTokens: not null, KeyTokens: not null }, $"{what}: {e.Key}"));
            for (var sample = 0; sample < instructions; sample++) SameMaps(trace, compiled, sample, words, policy.Grid, what);
            Close(eager.Action, plan.Output.Action, $"{what}, after attention was shown");
        }
    }

    private static void SameMaps(AttentionTrace eager, AttentionTrace compiled, int sample, int words, TokenGrid grid, string what)
    {
        var (expected, actual) = (Maps(eager), Maps(compiled));
        Assert.Equal(expected.Select(m => (m.Name, m.View)), actual.Select(m => (m.Name, m.View)));
        foreach (var (e, a) in expected.Zip(actual))
            for (var word = 0; word < words; word++)
                foreach (var (x, y) in e.Mean(word).Zip(a.Mean(word)))
                    Assert.True(Math.Abs(x - y) <= 1e-5, $"{what}: {e.Name}, word {word}: {x} and {y}");

        WordMap[] Maps(AttentionTrace trace) =>
            [.. Enumerable.Range(0, 3).SelectMany(age => WordMap.Read(trace, sample, words, grid, age))];
    }

    private static PolicyPlan Plan(LanguagePolicy policy, PlanSizes sizes, Tensor images, Tensor states) =>
        new(policy, sizes, images, states, new SessionOptions { Workers = Workers.Single }, new CompiledWeights());

    private static LanguagePolicy? Create(PolicyOptions options)
    {
        try
        {
            return new LanguagePolicy(options, new RandomSource(1));
        }
        catch (ShapeException) when (options.Fusion.Views > 1 || options.Fusion.Vision.Tokens is not null)
        {
            return null;
        }
    }

    private static void Fill(PolicyPlan plan, Tensor images, Tensor states, Random random)
    {
        foreach (ref var x in images.Span) x = random.NextSingle();
        foreach (ref var x in states.Span) x = 2 * random.NextSingle() - 1;
        if (plan.Past is { } past)
        {
            foreach (ref var x in past.Tokens.Span) x = 2 * random.NextSingle() - 1;
            foreach (ref var x in past.Scores.Span) x = random.Next(3) > 0 ? 0 : float.NegativeInfinity;
        }

        var (batch, words) = (plan.Words.Shape[0], plan.Words.Shape[1]);
        for (var b = 0; b < batch; b++)
        {
            var length = plan.Scores is null ? words : random.Next(1, words + 1);
            for (var w = 0; w < words; w++)
            {
                plan.Words[b, w] = w < length ? random.Next(1, SmallPolicy.Tokenizer.Count) : 0;
                if (plan.Scores is { } scores) scores[b, 0, 0, w] = w < length ? 0 : float.NegativeInfinity;
            }
        }
    }

    private static void Close(Tensor expected, Tensor actual, string what)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        for (var i = 0; i < expected.Span.Length; i++)
            Assert.True(Math.Abs(expected.Span[i] - actual.Span[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected.Span[i])),
                $"{what}: {expected.Span[i]} and {actual.Span[i]} at {i}");
    }
}
