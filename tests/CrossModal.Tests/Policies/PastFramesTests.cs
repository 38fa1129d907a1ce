using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Policies;
using CrossModal.Tests.Fusion;

namespace CrossModal.Tests.Policies;

/// <summary>Pictures of earlier control steps beside the current one, in the eager pass.</summary>
public sealed class PastFramesTests
{
    private const int Frames = 2;

    public static TheoryData<string> Strategies => [.. FusionStrategies.All.Where(s => !s.OnGrid).Select(s => s.Name)];

    [Fact]
    public void Their_ages_are_the_only_new_parameters_and_no_other_is_drawn_otherwise()
    {
        var (without, with) = (Create("cross-attention", 0), Create("cross-attention", Frames));
        Assert.DoesNotContain(without.Parameters(), p => p.Key.StartsWith("past", StringComparison.Ordinal));
        var others = without.Parameters().ToDictionary(p => p.Key, p => p.Value.ToArray());
        var ages = Assert.Single(with.Parameters(), p => !others.ContainsKey(p.Key));
        Assert.Equal("past.ages", ages.Key);
        Assert.Equal(Shape.Of(Frames, 1, SmallPolicy.Width), ages.Value.Shape);
        foreach (var (key, value) in with.Parameters().Where(p => p.Key != ages.Key)) Assert.Equal(others[key], value.ToArray());
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void At_the_start_of_an_episode_a_policy_decides_as_one_without_them_whatever_stands_in_their_place(string strategy)
    {
        foreach (var views in (int[])[1, 2])
        {
            LanguagePolicy without, with;
            try
            {
                (without, with) = (Create(strategy, 0, views), Create(strategy, Frames, views));
            }
            catch (ShapeException) when (views > 1)
            {
                continue;
            }

            var input = Input(views, 2, "pick up red cup", "cup", "red", "up red");
            var expected = SmallPolicy.Decide(without, input);
            Near(expected, SmallPolicy.Decide(with, input), 0);
            foreach (var seed in (ulong[])[5, 6])
                Near(expected, SmallPolicy.Decide(with, input with { Past = Past(views, 2, seed, [false, false, false, false]) }), 2e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_frame_that_is_there_changes_the_decision_of_its_own_picture_alone_and_one_that_is_not_changes_nothing(string strategy)
    {
        var policy = Create(strategy, Frames);
        var input = Input(1, 2, "pick up red cup", "cup", "red", "up red");
        bool[] present = [true, true, true, false];
        var (first, again) = (Past(1, 2, 5, present), Past(1, 2, 5, present));
        Change(again, picture: 3);
        var decided = Fused(policy, input with { Past = first });
        Near([decided], [Fused(policy, input with { Past = again })], 2e-6f);

        // The two instructions of the second picture change with its past, those of the first do not.
        Change(again, picture: 2);
        var changed = Fused(policy, input with { Past = again });
        var half = decided.Length / 2;
        Near([decided[..half]], [changed[..half]], 2e-6f);
        Assert.Contains(decided[half..].Zip(changed[half..]), pair => Math.Abs(pair.First - pair.Second) > 1e-5);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Padding_of_the_words_changes_nothing(string strategy)
    {
        var policy = Create(strategy, Frames);
        var input = Input(1, 2, "pick up", "pick up red cup") with { Past = Past(1, 2, 5, [true, true, true, false]) };
        Near(SmallPolicy.Decide(policy, SmallPolicy.Padded(input, 1, 2)),
            SmallPolicy.Decide(policy, SmallPolicy.Padded(input, 3, 4)), 2e-6f);
    }

    [Fact]
    public void The_age_of_a_picture_counts_and_without_embeddings_it_does_not()
    {
        var policy = Create("cross-attention", Frames);
        var input = Input(1, 1, "pick up red cup");
        var (frames, swapped) = (Past(1, 1, 5), Past(1, 1, 5));
        var half = frames.Pictures.Shape.Length / 2;
        frames.Pictures.Span[..half].CopyTo(swapped.Pictures.Span[half..]);
        frames.Pictures.Span[half..].CopyTo(swapped.Pictures.Span);
        Assert.NotEqual(Decided(frames), Decided(swapped));
        Ages(policy).Span.Clear();
        Near([Decided(frames)], [Decided(swapped)], 2e-6f);

        float[] Decided(PastFrames past) => Fused(policy, input with { Past = past });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Tokens_that_were_encoded_when_their_picture_was_the_current_one_give_the_same_bits(int views)
    {
        var policy = Create("cross-attention", Frames, views);
        var input = Input(views, 2, "pick up red cup", "cup");
        var past = Past(views, 2, 5, [true, true, true, false]);
        using var pass = Pass.Evaluation();
        var flat = Tensor.From(past.Pictures.ToArray(), policy.ImageShape(2 * Frames));
        var tokens = policy.EncodeImages(flat, pass).Copy();
        Assert.Equal(Fused(policy, input with { Past = past }),
            Fused(policy, input with { Past = new PastFrames(tokens, past.Mask) { Encoded = true } }));
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Gradients_of_ages_and_past_pictures_are_those_of_differences(string strategy)
    {
        var policy = Create(strategy, Frames);
        var past = Past(1, 1, 5);
        var input = Input(1, 1, "pick up red cup", "cup") with { Past = past };
        var weights = Tensor.Normal([2, SmallPolicy.Width], new RandomSource(7));
        const float Step = 1e-2f;
        foreach (var tensor in (Tensor[])[Ages(policy), past.Pictures])
        {
            using var pass = Pass.Recording();
            tensor.RequiresGradient = true;
            using var gradients = pass.Backward(Loss(pass));
            Assert.True(gradients.TryGet(tensor, out var gradient));

            // Along the gradient itself the loss rises by its length.
            var direction = gradient.ToArray();
            var length = Math.Sqrt(direction.Sum(g => (double)g * g));
            Assert.InRange(length, 1e-2, 1e3);
            Assert.Equal((At(Step) - At(-Step)) / (2 * Step), length, 0.02 * length);

            double At(float along)
            {
                var kept = tensor.ToArray();
                for (var i = 0; i < kept.Length; i++) tensor.Span[i] += (float)(along * direction[i] / length);
                using var there = Pass.Evaluation();
                var loss = Loss(there).Item();
                kept.CopyTo(tensor.Span);
                return loss;
            }
        }

        // A sum of squares would be what a last normalisation makes it.
        Tensor Loss(Pass pass) => pass.Sum(pass.Multiply(policy.Forward(input, pass).Fused!, weights));
    }

    [Theory]
    [InlineData("cross-attention", 1)]
    [InlineData("concat-tokens", 2)]
    [InlineData("multi-view-separate", 2)]
    public void Words_have_a_map_over_the_current_picture_and_one_over_each_past_one_with_names_of_their_own(string strategy, int views)
    {
        var policy = Create(strategy, Frames, views);
        var trace = new AttentionTrace();
        SmallPolicy.Decide(policy, Input(views, 1, "pick up red cup") with { Past = Past(views, 1, 5, [true, false]) }, trace);
        Assert.All(trace.Entries, e => Assert.True(e is { QueryTokens: not null, KeyTokens: not null }, e.Key));
        var maps = Enumerable.Range(0, Frames + 1).Select(age => WordMap.Read(trace, 0, 4, policy.Grid, age)).ToArray();
        Assert.NotEmpty(maps[0]);
        Assert.Equal(maps[0].Select(m => (m.Layer, m.View)), WordMap.Read(trace, 0, 4, policy.Grid).Select(m => (m.Layer, m.View)));
        for (var age = 0; age <= Frames; age++)
        {
            Assert.Equal(maps[0].Select(m => (m.Layer, m.View, age)), maps[age].Select(m => (m.Layer, m.View, m.Age)));
            Assert.All(maps[age], m => Assert.Equal(age < Frames, m.Mean(0).Sum() > 0));
        }

        Assert.Equal($"{maps[0][0].Layer}, 1 step ago", maps[1][0].Name);
        Assert.Equal($"{maps[0][0].Layer}, 2 steps ago", maps[2][0].Name);
        Assert.Equal(maps[0][0].Layer, maps[0][0].Name);

        // Together they are what the word attends to, with the other words where words are keys too.
        var total = Enumerable.Range(0, Frames + 1).Sum(age => maps[age].Where(m => m.Layer == maps[0][0].Layer).Sum(m => m.Mean(0).Sum()));
        if (strategy == "cross-attention") Assert.Equal(1, total, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Every_attention_says_of_all_its_queries_and_keys_what_they_are_and_gives_no_weight_to_a_frame_that_is_not_there(
        string strategy)
    {
        var policy = Create(strategy, Frames, Math.Max(1, FusionStrategies.Find(strategy).Views));
        var trace = new AttentionTrace();
        SmallPolicy.Decide(policy, Input(policy.Options.Fusion.Views, 1, "pick up red cup") with
        {
            Past = Past(policy.Options.Fusion.Views, 1, 5, [true, false]),
        }, trace);
        foreach (var entry in trace.Entries)
        {
            var weights = entry.Value;
            Assert.Equal((weights.Shape[2], weights.Shape[3]),
                (entry.QueryTokens!.Sum(run => run.Count), entry.KeyTokens!.Sum(run => run.Count)));
            var first = 0;
            foreach (var run in entry.KeyTokens!)
            {
                for (var row = 0; row < weights.Shape.Length / weights.Shape[3] && run.Age == Frames; row++)
                    Assert.Equal(0, weights.Span.Slice(row * weights.Shape[3] + first, run.Count).ToArray().Max());
                first += run.Count;
            }
        }
    }

    public static TheoryData<string> OfCameras =>
        [.. FusionStrategies.All.Where(s => s is { OnGrid: false, Views: > 1 }).Select(s => s.Name)
        .Append("cross-attention")];

    [Theory]
    [MemberData(nameof(OfCameras))]
    public void A_camera_that_is_missing_has_no_past_either(string strategy)
    {
        var policy = Create(strategy, Frames, views: 2);
        using var pass = Pass.Evaluation();
        var words = new Tokens(Tensor.Normal([1, 3, SmallPolicy.Width], new RandomSource(2)));
        var view = new Tokens(Tensor.Normal([1, SmallPolicy.Patches, SmallPolicy.Width], new RandomSource(3)));
        var ages = new FrameAges(policy.Options, new RandomSource(1));
        var past = Tensor.Normal([Frames * 2, SmallPolicy.Patches, SmallPolicy.Width], new RandomSource(4));
        var joined = ages.Join([null, view], past, null, pass);
        Assert.Null(joined[0]);
        Assert.Equal(3 * SmallPolicy.Patches, joined[1]!.Count);
        Assert.Equal([0, 1, 2], joined[1]!.Content!.Select(run => run.Age));
        Assert.All(joined[1]!.Content!, run => Assert.Equal(1, run.View));
        var fused = policy.Fuse(words, joined, pass).Values.ToArray();

        // What the missing camera's past would have been counts for nothing.
        for (var i = 0; i < Frames; i++) past.Span.Slice(2 * i * past.Shape.Length / 4, past.Shape.Length / 4).Fill(7);
        Assert.Equal(fused, policy.Fuse(words, ages.Join([null, view], past, null, pass), pass).Values.ToArray());
    }

    [Theory]
    [InlineData("topk:3")]
    [InlineData("local:1")]
    [InlineData("block:2")]
    [InlineData("linear")]
    [InlineData("graph:1")]
    [InlineData("qknorm")]
    [InlineData("prune:4")]
    [InlineData("inverted")]
    [InlineData("rotary")]
    public void Every_kind_of_attention_leaves_out_a_frame_that_is_not_there(string attention)
    {
        var options = SmallPolicy.Options();
        var vision = new VisionOptions { Attention = AttentionVariant.Parse(attention) };
        options = options with { Fusion = options.Fusion with { Vision = vision } };
        var with = new LanguagePolicy(options with { Perception = new PerceptionOptions { PastFrames = Frames } }, new RandomSource(1));
        var input = Input(1, 1, "pick up red cup");
        Near(SmallPolicy.Decide(with, input with { Past = Past(1, 1, 5, [true, false]) }),
            SmallPolicy.Decide(with, input with { Past = Changed(Past(1, 1, 5, [true, false])) }), 2e-6f);

        static PastFrames Changed(PastFrames past)
        {
            Change(past, picture: 1);
            return past;
        }
    }

    [Fact]
    public void Where_there_is_no_place_for_them_they_are_refused_and_so_are_other_shapes()
    {
        Assert.Contains("no place for past frames", Assert.Throws<ShapeException>(() => Create("film-blocks", Frames)).Message);
        Assert.Contains("0 to 8 past frames, not 9", Assert.Throws<ShapeException>(() => Create("cross-attention", 9)).Message);
        Assert.Contains("not -1", Assert.Throws<ShapeException>(() => Create("cross-attention", -1)).Message);
        var input = Input(1, 1, "cup") with { Past = Past(1, 1, 5) };
        Assert.Contains("a policy that takes none", Error(Create("cross-attention", 0), input));
        Assert.Contains("past frames must be [1,3,3,32,32]", Error(Create("cross-attention", 3), input));
        Assert.Contains("mask of past frames", Error(Create("cross-attention", 2),
            input with { Past = input.Past with { Mask = Mask.Lengths([1], 3) } }));

        static string Error(LanguagePolicy policy, PolicyInput input) =>
            Assert.Throws<ShapeException>(() => SmallPolicy.Decide(policy, input)).Message;
    }

    private static LanguagePolicy Create(string strategy, int frames, int views = 1)
    {
        var options = SmallPolicy.Options(strategy);
        return Scene.OpenGates(new LanguagePolicy(options with
        {
            Fusion = options.Fusion with { Views = views },
            Perception = new PerceptionOptions { PastFrames = frames },
        }, new RandomSource(1)));
    }

    private static PolicyInput Input(int views, int pictures, params string[] texts)
    {
        var input = SmallPolicy.Input(pictures, texts);
        const int side = SmallPolicy.ImageSize;
        return views == 1 ? input
            : input with { Images = Tensor.Uniform([pictures, views, 3, side, side], new RandomSource(3), 0, 1) };
    }

    private static PastFrames Past(int views, int pictures, ulong seed, bool[]? present = null)
    {
        const int side = SmallPolicy.ImageSize;
        var frames = Tensor.Uniform(views == 1 ? [pictures, Frames, 3, side, side] : [pictures, Frames, views, 3, side, side],
            new RandomSource(seed), 0, 1);
        return new PastFrames(frames, present is null ? null : Mask.Allowed(present, [pictures, 1, 1, Frames]));
    }

    /// <summary>Another picture in the place of one.</summary>
    private static void Change(PastFrames past, int picture)
    {
        var length = past.Pictures.Shape.Length / (past.Pictures.Shape[0] * Frames);
        Tensor.Uniform([length], new RandomSource(77), 0, 1).Span.CopyTo(past.Pictures.Span[(picture * length)..]);
    }

    private static Tensor Ages(LanguagePolicy policy) => policy.Parameters().Single(p => p.Key == "past.ages").Value;

    private static float[] Fused(LanguagePolicy policy, PolicyInput input)
    {
        using var pass = Pass.Evaluation();
        return policy.Forward(input, pass).Fused!.ToArray();
    }

    private static void Near(float[][] expected, float[][] actual, float tolerance)
    {
        Assert.Equal(expected.Select(x => x.Length), actual.Select(x => x.Length));
        foreach (var (a, b) in expected.SelectMany(x => x).Zip(actual.SelectMany(x => x)))
            Assert.True(Math.Abs(a - b) <= tolerance * Math.Max(1, Math.Abs(a)), $"{a} and {b}");
    }
}
