using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Tests.Fusion;

namespace CrossModal.Tests.Policies;

public sealed class LanguagePolicyTests
{
    public static TheoryData<string> Names => [.. FusionStrategies.Names];

    [Fact]
    public void A_pointing_policy_decides_action_gripper_and_two_points()
    {
        using var pass = Pass.Evaluation();
        var policy = SmallPolicy.Create().Policy;
        var output = policy.Forward(SmallPolicy.Input(2, "pick up red cup", "cup"), pass);
        Assert.Equal(Shape.Of(2, 3), output.Action.Shape);
        Assert.Equal(Shape.Of(2, 1), output.Close!.Shape);
        Assert.Equal(Shape.Of(2, 6), output.Points!.Shape);
        Assert.Null(output.Cues);
        Assert.Equal(new TokenGrid(4, 4), policy.Grid);
    }

    [Fact]
    public void Another_policy_decides_the_action_only_and_needs_no_proprioception()
    {
        var options = SmallPolicy.Options(pointing: false) with { Proprioception = 0, Actions = 7 };
        using var pass = Pass.Evaluation();
        var output = new LanguagePolicy(options, new RandomSource(1))
            .Forward(SmallPolicy.Input(1, "cup") with { Proprioception = null }, pass);
        Assert.Equal(Shape.Of(1, 7), output.Action.Shape);
        Assert.Null(output.Close);
        Assert.Null(output.Points);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Several_instructions_for_a_picture_are_the_picture_repeated(string name)
    {
        var policy = Scene.OpenGates(SmallPolicy.Create(name).Policy);
        var input = SmallPolicy.Input(2, "pick up red cup", "cup", "red", "red cup", "up", "pick cup");
        var repeated = Tensor.Zeros([6, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize]);
        var picture = repeated.Shape.Length / 6;
        for (var i = 0; i < 6; i++) input.Images.Span.Slice(i / 3 * picture, picture).CopyTo(repeated.Span[(i * picture)..]);
        var shared = SmallPolicy.Decide(policy, input);
        Near(SmallPolicy.Decide(policy, input with { Images = repeated }), shared, 1e-6f);

        // Each picture has its own instructions: with the pictures exchanged another answer comes.
        var exchanged = Tensor.Zeros(input.Images.Shape);
        input.Images.Span[..picture].CopyTo(exchanged.Span[picture..]);
        input.Images.Span[picture..].CopyTo(exchanged.Span);
        Assert.NotEqual(shared[0], SmallPolicy.Decide(policy, input with { Images = exchanged })[0]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Padding_of_words_does_not_change_the_decision(string name)
    {
        var policy = Scene.OpenGates(SmallPolicy.Create(name).Policy);
        var input = SmallPolicy.Input(2, "pick up red cup", "cup");
        var plain = SmallPolicy.Decide(policy, input);
        Near(plain, SmallPolicy.Decide(policy, SmallPolicy.Padded(input, 3, 0)), 2e-6f);
        Near(plain, SmallPolicy.Decide(policy, SmallPolicy.Padded(input, 3, 4)), 2e-6f);

        // Alone in a batch a short instruction has no padding at all.
        var alone = SmallPolicy.Input(2, "pick up red cup", "cup");
        var second = new PolicyInput(Row(alone.Images, 1), Tensor.From([5], [1, 1]), CrossModal.Attention.Mask.Lengths([1], 1),
            Row(alone.Proprioception!, 1));
        Near([plain[0][3..], plain[1][1..], plain[2][6..]], SmallPolicy.Decide(policy, second), 2e-6f);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_part_of_a_policy_learns(string name)
    {
        var policy = Scene.OpenGates(SmallPolicy.Create(name).Policy);
        using var pass = Pass.Training(new RandomSource(2));
        var output = policy.Forward(SmallPolicy.Input(2, "pick up red cup", "cup", "red", "red cup"), pass);
        var loss = pass.Add(pass.Add(pass.Sum(pass.Square(output.Action)), pass.Sum(pass.Square(output.Close!))),
            pass.Sum(pass.Square(output.Points!)));
        loss = pass.Add(loss, pass.Sum(pass.Square(output.Cues!)));
        using var gradients = pass.Backward(loss);

        // A vision stream of co-attention ends in a result of its own, from which this policy reads nothing; that it does end there is a
        // strategy's own test.
        var unread = Unread(name);
        foreach (var (key, value) in policy.Parameters().Where(p => !unread.Contains(p.Key)))
        {
            Assert.True(gradients.TryGet(value, out var gradient), key);
            Assert.True(gradient.Span.IndexOfAnyExcept(0f) >= 0 || NeverMatters(key), $"{key}: all of its gradient is 0");
            Assert.All(gradient.ToArray(), g => Assert.True(float.IsFinite(g), key));
        }

        // A bias of all keys alike moves every score of a query alike.
        static bool NeverMatters(string key) => key.EndsWith("k_proj.bias", StringComparison.Ordinal);
    }

    /// <summary>Parameters of a strategy that its fused tokens do not depend on.</summary>
    private static HashSet<string> Unread(string name)
    {
        var strategy = Scene.OpenGates(FusionStrategies.Create(name, SmallPolicy.Options(name).Fusion, new RandomSource(1)));
        using var pass = Pass.Recording();
        var fused = strategy.Forward(new FusionInput(Random(3, 1), [Random(16, 2)]), pass).Fused;
        using var gradients = pass.Backward(pass.Sum(pass.Square(fused.Values)));
        return [.. strategy.Parameters().Where(p => !gradients.TryGet(p.Value, out _)).Select(p => $"fusion.{p.Key}")];

        Tokens Random(int count, ulong seed) => new(Tensor.Normal([1, count, strategy.Width], new RandomSource(seed)));
    }

    [Fact]
    public void Positions_decide_what_a_visual_token_knows_of_its_place()
    {
        var decided = Enum.GetValues<VisualPositions>()
            .Select(p => SmallPolicy.Decide(With(new PerceptionOptions { Positions = p }), SmallPolicy.Input(1, "red cup"))[2]).ToArray();
        Assert.NotEqual(decided[0], decided[1]);
        Assert.NotEqual(decided[0], decided[2]);
        Assert.NotEqual(decided[1], decided[2]);

        // A uniform picture looks the same everywhere but at its edge: without positions the inner tokens are one and the same.
        var input = SmallPolicy.Input(1, "red cup") with
        {
            Images = Tensor.Full([1, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize],
            0.5f)
        };
        Assert.Equal(1, Distinct(VisualPositions.None));
        Assert.Equal(4, Distinct(VisualPositions.Grid));
        Assert.Equal(4, Distinct(VisualPositions.Line));

        // Inner tokens that are the same get the same attention.
        int Distinct(VisualPositions positions)
        {
            var trace = new AttentionTrace();
            SmallPolicy.Decide(With(new PerceptionOptions { Positions = positions }), input, trace);
            var weights = trace["fusion.layers.0.cross_attn"];
            return new[] { 5, 6, 9, 10 }.Select(token => MathF.Round(weights[0, 0, 0, token], 6)).Distinct().Count();
        }
    }

    [Theory]
    [InlineData(TokenReduction.Pool, 0)]
    [InlineData(TokenReduction.Conv, 4 * 4 * 16 * 16 + 16)]
    public void Visual_tokens_are_made_fewer_before_any_strategy(TokenReduction method, int parameters)
    {
        foreach (var strategy in (string[])["cross-attention", "downsample-pool"])
        {
            var trace = new AttentionTrace();
            var few = WithTokens(new VisualTokens(method, strategy == "cross-attention" ? 1 : 4), strategy);
            SmallPolicy.Decide(few, SmallPolicy.Input(1, "red cup"), trace);
            Assert.Contains(trace.Entries, e => e.Key.EndsWith("layers.1.cross_attn", StringComparison.Ordinal) && e.Value.Shape[3] == 1);
            if (strategy == "cross-attention") Assert.Equal(SmallPolicy.Create().Policy.ParameterCount + parameters, few.ParameterCount);
        }

        var error = Assert.Throws<ShapeException>(() => WithTokens(new VisualTokens(method, 5), "cross-attention"));
        Assert.StartsWith($"VisualTokens: '{method.ToString().ToLowerInvariant()}:5': squares of a 4×4 grid leave 16, 4, 1 tokens",
            error.Message);
    }

    [Fact]
    public void Without_word_layers_a_word_knows_nothing_of_the_others()
    {
        var apart = With(new PerceptionOptions { WordLayers = 0 }, "cross-attention-words-apart");
        var trace = new AttentionTrace();
        SmallPolicy.Decide(apart, SmallPolicy.Input(1, "red cup"), trace);
        SmallPolicy.Decide(apart, SmallPolicy.Input(1, "red up"), trace);
        Assert.DoesNotContain(trace.Entries, e => e.Key.StartsWith("language", StringComparison.Ordinal));

        // The first word's attention in the first layer does not depend on the second.
        var weights = trace.Entries.Where(e => e.Key == "fusion.layers.0.cross_attn").Select(e => e.Value).ToArray();
        for (var token = 0; token < SmallPolicy.Patches; token++) Assert.Equal(weights[0][0, 0, 0, token], weights[1][0, 0, 0, token]);
        Assert.Contains(Enumerable.Range(0, SmallPolicy.Patches), token => weights[0][0, 0, 1, token] != weights[1][0, 0, 1, token]);
    }

    private static LanguagePolicy WithTokens(VisualTokens tokens, string strategy)
    {
        var options = SmallPolicy.Options(strategy);
        return new LanguagePolicy(options with { Fusion = options.Fusion with { Vision = new VisionOptions { Tokens = tokens } } },
            new RandomSource(1));
    }

    private static LanguagePolicy With(PerceptionOptions perception, string strategy = "cross-attention") =>
        new(SmallPolicy.Options(strategy) with { Perception = perception }, new RandomSource(1));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_camera_matters_and_learns(string name)
    {
        var options = SmallPolicy.Options(name) with { Fusion = SmallPolicy.Options().Fusion with { Views = 2 } };
        var policy = Scene.OpenGates(new LanguagePolicy(options, new RandomSource(1)));
        var input = SmallPolicy.Input(2, "pick up red cup", "cup", "red", "red cup") with
        {
            Images = Tensor.Uniform([2, 2, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize], new RandomSource(3), 0, 1),
        };
        var both = SmallPolicy.Decide(policy, input);
        var picture = input.Images.Shape.Length / 4;
        for (var camera = 0; camera < 2; camera++)
        {
            var blind = input with { Images = input.Images.Copy() };
            for (var i = 0; i < 2; i++) blind.Images.Span.Slice((2 * i + camera) * picture, picture).Clear();
            Assert.NotEqual(both[0], SmallPolicy.Decide(policy, blind)[0]);
        }

        // Which camera saw what is known too: with the two pictures exchanged another answer comes.
        var exchanged = input with { Images = input.Images.Copy() };
        for (var i = 0; i < 4; i++) input.Images.Span.Slice((i ^ 1) * picture, picture).CopyTo(exchanged.Images.Span[(i * picture)..]);
        Assert.NotEqual(both[0], SmallPolicy.Decide(policy, exchanged)[0]);
        using var pass = Pass.Recording();
        using var gradients = pass.Backward(pass.Sum(pass.Square(policy.Forward(input, pass).Action)));
        Assert.True(gradients.TryGet(policy.Parameters().Single(p => p.Key == "vision.cameras").Value, out var marks));
        Assert.True(marks.Span[..SmallPolicy.Width].IndexOfAnyExcept(0f) >= 0 && marks.Span[SmallPolicy.Width..].IndexOfAnyExcept(0f) >= 0);
        using var other = Pass.Evaluation();
        Assert.Equal("LanguagePolicy: images must be [S, 2, 3, 32, 32], got [2,3,32,32]",
            Assert.Throws<ShapeException>(() => policy.Forward(input with { Images = Tensor.Zeros([2, 3, 32, 32]) }, other)).Message);
    }

    [Fact]
    public void In_training_something_is_said_about_every_patch_whatever_the_words_are()
    {
        var policy = SmallPolicy.Create().Policy;
        var (input, other) = (SmallPolicy.Input(2, "pick up red cup", "cup"), SmallPolicy.Input(2, "red", "up"));
        var said = Said(input);
        Assert.Equal(Shape.Of(2, SmallPolicy.Patches, SmallPolicy.Cues), said.Shape);
        Assert.Equal(said.ToArray(), Said(other).ToArray());
        Assert.NotEqual(said.ToArray(), Said(input with { Images = Tensor.Zeros(input.Images.Shape) }).ToArray());

        Tensor Said(PolicyInput seen)
        {
            using var pass = Pass.Training(new RandomSource(2));
            return policy.Forward(seen, pass).Cues!.Copy();
        }
    }

    [Fact]
    public void The_number_of_points_is_limited()
    {
        foreach (var points in (int[])[-1, HeadOptions.MostPoints + 1])
            Assert.Contains($"not {points}", Assert.Throws<ShapeException>(() =>
                new LanguagePolicy(SmallPolicy.Options() with { Head = new HeadOptions(points) }, new RandomSource(1))).Message);
    }

    [Fact]
    public void Inputs_that_do_not_fit_are_refused_by_name()
    {
        var policy = SmallPolicy.Create().Policy;
        var input = SmallPolicy.Input(2, "pick up red cup", "cup");
        Refused("images must be [S, 3, 32, 32], got [2,3,64,64]", input with { Images = Tensor.Zeros([2, 3, 64, 64]) });
        Refused("images must be [S, 3, 32, 32], got [2,4,32,32]", input with { Images = Tensor.Zeros([2, 4, 32, 32]) });
        Refused("images must be [S, 3, 32, 32], got [3,32,32]", input with { Images = Tensor.Zeros([3, 32, 32]) });
        Refused("2 instructions do not share 3 images evenly", input with { Images = Tensor.Zeros([3, 3, 32, 32]) });
        Refused("2 instructions do not share 0 images evenly", input with { Images = Tensor.Zeros([0, 3, 32, 32]) });
        Refused("proprioception must be [2, 5], got none", input with { Proprioception = null });
        Refused("proprioception must be [2, 5], got [2,4]", input with { Proprioception = Tensor.Zeros([2, 4]) });
        Refused("proprioception must be [2, 5], got [3,5]", input with { Proprioception = Tensor.Zeros([3, 5]) });
        using var pass = Pass.Evaluation();
        Assert.Contains("more tokens than the 8 positions",
            Assert.Throws<ShapeException>(() => policy.Forward(SmallPolicy.Padded(input, 9, 0), pass)).Message);
        Assert.Contains("needs the tool's place",
            Assert.Throws<ShapeException>(() => new LanguagePolicy(SmallPolicy.Options() with { Proprioception = 2 },
            new RandomSource(1))).Message);

        void Refused(string message, PolicyInput wrong)
        {
            using var pass = Pass.Evaluation();
            Assert.Equal($"LanguagePolicy: {message}", Assert.Throws<ShapeException>(() => policy.Forward(wrong, pass)).Message);
        }
    }

    private static Tensor Row(Tensor tensor, int row)
    {
        var length = tensor.Shape.Length / tensor.Shape[0];
        return Tensor.From(tensor.Span.Slice(row * length, length).ToArray(), tensor.Shape.With(0, 1));
    }

    private static void Near(float[][] expected, float[][] found, float allowed)
    {
        foreach (var (e, f) in expected.Zip(found))
        {
            Assert.Equal(e.Length, f.Length);
            foreach (var (a, b) in e.Zip(f)) Assert.True(Math.Abs(a - b) <= allowed * Math.Max(1, Math.Abs(a)), $"{a:R} and {b:R}");
        }
    }
}
