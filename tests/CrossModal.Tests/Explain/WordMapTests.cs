using CrossModal.Attention;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Policies;
using CrossModal.Tests.Policies;

namespace CrossModal.Tests.Explain;

public sealed class WordMapTests
{
    private const int Padded = 4, Sample = 1, Words = 2;

    /// <summary>For each strategy the layers whose words attend to patches, and the first key that is a patch.</summary>
    public static TheoryData<string, string[], int, int> Expected
    {
        get
        {
            string[] cross = ["fusion.layers.0.cross_attn", "fusion.layers.1.cross_attn"];
            string[] views = ["fusion.views.0.layers.0.cross_attn", "fusion.views.0.layers.1.cross_attn"];
            string[] reduced = ["fusion.fusion.layers.0.cross_attn", "fusion.fusion.layers.1.cross_attn"];
            return new TheoryData<string, string[], int, int>
            {
                { "concat-pooled", [], 0, 4 },
                { "concat-tokens", ["fusion.encoder.layers.0.self_attn", "fusion.encoder.layers.1.self_attn"], Padded, 4 },
                { "cross-attention", cross, 0, 4 },
                { "cross-attention-post-norm", cross, 0, 4 },
                { "cross-attention-words-apart", cross, 0, 4 },
                { "cross-attention-single", ["fusion.attention"], 0, 4 },
                { "cross-attention-reversed", [], 0, 4 },
                { "co-attention", ["fusion.layers.0.language.cross_attn", "fusion.layers.1.language.cross_attn"], 0, 4 },
                { "perceiver", [], 0, 4 },
                { "perceiver-from-words", [], 0, 4 },
                { "perceiver-io", ["fusion.decoder.attn"], 0, 4 },
                { "flamingo", ["fusion.gated.0.attn.attention", "fusion.gated.1.attn.attention"], 0, 4 },
                { "lava", [], 0, 4 },
                { "concat-fusion", [], 0, 4 },
                { "attention-fusion", [], 0, 4 },
                { "deepset-fusion", [], 0, 4 },
                { "multi-view-mean", views, 0, 4 },
                { "multi-view-separate", views, 0, 4 },
                { "multi-view-learned", views, 0, 4 },
                { "multi-view-joint", views, 0, 4 },
                { "downsample-pool", reduced, 0, 4 },
                { "downsample-conv", reduced, 0, 4 },
                { "clip", [], 0, 4 },
                { "blip", ["fusion.encoder.layers.0.cross_attn", "fusion.encoder.layers.1.cross_attn"], 0, 4 },
                { "q-former", [], 0, 4 },
                { "vilt", ["fusion.stream.encoder.layers.0.self_attn", "fusion.stream.encoder.layers.1.self_attn"], Padded + 1, 4 },
                { "lxmert", cross, 0, 4 },
                { "vilbert", ["fusion.connections.0.language.cross_attn", "fusion.connections.1.language.cross_attn"], 0, 4 },
                { "textbook-network", ["fusion.layers.0.cross_attn.attention", "fusion.layers.1.cross_attn.attention"], 0, 4 },
                { "textbook-co-attention", ["fusion.language_to_vision.attention"], 0, 4 },
                { "textbook-perceiver", [], 0, 4 },
            };
        }
    }

    /// <summary>For each strategy the number of maps of two cameras, which camera each is of, and whether the cameras share the words'
    /// attention.</summary>
    [Theory]
    [InlineData("cross-attention", "0101", true, 4)]
    [InlineData("multi-view-joint", "0101", true, 4)]
    [InlineData("concat-tokens", "0101", true, 4)]
    [InlineData("downsample-pool", "0101", true, 4)]
    [InlineData("multi-view-mean", "0011", false, 4)]
    [InlineData("multi-view-separate", "0011", false, 4)]
    public void Maps_of_two_cameras_say_whose_they_are(string strategy, string cameras, bool together, int side)
    {
        var options = SmallPolicy.Options(strategy);
        var policy = new LanguagePolicy(options with { Fusion = options.Fusion with { Views = 2 } }, new RandomSource(1));
        var input = SmallPolicy.Input(2, "pick up red cup", "red cup") with
        {
            Images = Tensor.Uniform([2, 2, 3, SmallPolicy.ImageSize, SmallPolicy.ImageSize], new RandomSource(3), 0, 1),
        };
        var trace = new AttentionTrace();
        SmallPolicy.Decide(policy, input, trace);
        var maps = WordMap.Read(trace, Sample, Words, policy.Grid);
        Assert.Equal(cameras, string.Concat(maps.Select(m => m.View)));
        Assert.All(maps, m => Assert.Equal(new TokenGrid(side, side), m.Grid));
        Assert.Equal(2, maps.GroupBy(m => m.View).Select(g => g.Count()).Distinct().Single());
        foreach (var pair in together ? maps.Chunk(2) : maps.Select(m => new[] { m }))
        {
            // Concatenated words attend to each other too.
            var sum = pair.Sum(m => m.Mean(0).Sum());
            Assert.InRange(sum, strategy == "concat-tokens" ? 0.05f : 0.9999f, strategy == "concat-tokens" ? 0.9999f : 1.0001f);
        }

        Assert.NotEqual(maps.First(m => m.View == 0).Mean(0), maps.First(m => m.View == 1).Mean(0));
    }

    [Theory]
    [MemberData(nameof(Expected))]
    public void Maps_are_the_true_weights_of_the_layers_in_their_order(string strategy, string[] layers, int firstPatch, int side)
    {
        var (trace, policy) = (new AttentionTrace(), SmallPolicy.Create(strategy).Policy);
        SmallPolicy.Decide(policy, SmallPolicy.Input(2, "pick up red cup", "red cup"), trace);
        var maps = WordMap.Read(trace, Sample, Words, policy.Grid);
        Assert.Equal(layers, maps.Select(m => m.Layer));
        foreach (var map in maps)
        {
            Assert.Equal((2, Words, new TokenGrid(side, side)), (map.Heads, map.Words, map.Grid));
            var weights = trace.Sources.Count == 0 ? trace[map.Layer]
                : new TokenSource(trace.Sources.Single().Value).Unmerge(trace[map.Layer]);
            for (var w = 0; w < Words; w++)
            {
                var mean = new double[map.Grid.Count];
                for (var h = 0; h < map.Heads; h++)
                {
                    var head = map.Head(h, w);
                    for (var i = 0; i < head.Length; i++)
                    {
                        Assert.Equal(weights[Sample, h, w, firstPatch + i], head[i]);
                        mean[i] += head[i] / 2.0;
                    }

                    // Of a joint sequence the rest of the 1 goes to the words, and to a class token after them.
                    double words = 0;
                    for (var k = 0; k < firstPatch; k++) words += weights[Sample, h, w, k];
                    Assert.Equal(1, words + head.ToArray().Sum(x => (double)x), 5);
                    Assert.Equal(firstPatch > 0, words > 0);
                }

                foreach (var (expected, found) in mean.Zip(map.Mean(w))) Assert.Equal(expected, found, 1e-6);
            }
        }

        // Not by coincidence: samples and words attend differently.
        if (maps.Count > 0)
        {
            Assert.NotEqual(maps[0].Mean(0), maps[0].Mean(1));
            Assert.NotEqual(maps[0].Mean(0), WordMap.Read(trace, 0, Padded, policy.Grid)[0].Mean(0));
        }
    }

    [Theory]
    [InlineData("perceiver", 20)]
    [InlineData("perceiver", 4)]
    [InlineData("q-former", 4)]
    [InlineData("q-former", 5)]
    [InlineData("q-former", 20)]
    [InlineData("textbook-perceiver", 20)]
    [InlineData("textbook-perceiver", 4)]
    public void Latents_are_never_taken_for_words_however_many_there_are(string strategy, int latents)
    {
        // 20 latents are as many as 4 words and 16 patches in one sequence.
        var options = SmallPolicy.Options(strategy);
        var policy = new LanguagePolicy(options with { Fusion = options.Fusion with { Latents = latents } }, new RandomSource(1));
        var trace = new AttentionTrace();
        SmallPolicy.Decide(policy, SmallPolicy.Input(2, "pick up red cup", "red cup"), trace);
        Assert.Empty(WordMap.Read(trace, Sample, Words, policy.Grid));
    }

    [Fact]
    public void Maps_of_pooled_tokens_come_back_to_the_patches_and_what_was_left_over_gets_nothing()
    {
        var trace = new AttentionTrace();
        var cells = new TokenRun(TokenKind.Made, 6)
        {
            Shares = TokenSource.Cells(new TokenGrid(5, 7), 2, null).Map,
            Of = [new TokenRun(TokenKind.Patches, 35)]
        };
        trace.Add("fusion.layers.0.cross_attn", Tensor.Full([1, 1, 3, 6], 1f / 6), [new TokenRun(TokenKind.Words, 3)], [cells]);
        var map = WordMap.Read(trace, 0, 3, new TokenGrid(5, 7)).Single();
        Assert.Equal(new TokenGrid(5, 7), map.Grid);
        Assert.Equal(1f / 24, map.Head(0, 0)[0], 6);
        Assert.Equal(0, map.Head(0, 0)[6]);
        Assert.Equal(1, map.Mean(0).Sum(), 5);
        Assert.Contains("35 patches", Assert.Throws<ShapeException>(() => WordMap.Read(trace, 0, 3, new TokenGrid(4, 4))).Message,
            StringComparison.Ordinal);
        Assert.Contains("4 words were asked for",
            Assert.Throws<ShapeException>(() => WordMap.Read(trace, 0, 4, new TokenGrid(5, 7))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_are_expected_of_strategies_that_there_are() =>
        Assert.Empty(Expected.Select(e => (string)e[0]).Except(FusionStrategies.Names));
}
