using CrossModal.Attention;
using CrossModal.Engine.Kernels;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Recording;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Inference;
using CrossModal.Layers;
using CrossModal.Tests.Inference;

namespace CrossModal.Tests.Fusion;

/// <summary>Every attention variant in every strategy that takes one: what holds for attention holds for it.</summary>
public sealed class VariantTests
{
    private static readonly string[] Strategies =
        [.. FusionStrategies.All.Where(s => s.Attends != VisionAttention.None).Select(s => s.Name)];

    private static readonly string[] Variants =
        ["topk:3", "local:1", "block:1", "linear", "graph:1", "qknorm", "prune:5", "inverted", "rotary"];

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var strategy in Strategies)
                foreach (var variant in Variants) all.Add(strategy, variant);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Padding_changes_nothing(string strategy, string variant)
    {
        var fusion = Create(strategy, variant);
        Scene.Same(Scene.Fuse(fusion, new Scene { Garbage = 100 }.Input()), Scene.Fuse(fusion, new Scene { Garbage = 200 }.Input()));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Weights_are_shown_sum_to_one_and_leave_padding_out(string strategy, string variant)
    {
        var (trace, scene) = (new AttentionTrace(), new Scene());
        Scene.Fuse(Create(strategy, variant), scene.Input(), trace);
        var changed = trace.Entries.Where(e => e.KeyTokens!.Any(run => run.Kind is TokenKind.Patches or TokenKind.Made)).ToList();
        Assert.NotEmpty(changed);
        foreach (var entry in changed)
        {
            var (name, weights) = entry;
            var (queries, keys) = (weights.Shape[2], weights.Shape[3]);
            var (asking, real) = (scene.RealTokens(entry.QueryTokens), scene.RealTokens(entry.KeyTokens));
            for (var row = 0; row < weights.Shape.Length / keys; row++)
            {
                var sample = row / (weights.Shape[1] * queries);
                if (!asking[sample, row % queries]) continue;
                var line = weights.Span.Slice(row * keys, keys);
                double sum = 0;
                for (var j = 0; j < keys; j++)
                {
                    sum += line[j];
                    if (!real[sample, j]) Assert.Equal(0, line[j]);
                }

                Assert.True(Math.Abs(sum - 1) < 1e-5, $"{name}: a row sums to {sum}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_sample_with_nothing_to_see_gives_finite_results_and_gradients(string strategy, string variant)
    {
        var fusion = Create(strategy, variant);
        using var pass = Pass.Recording();
        var scene = new Scene { RealPatches = Scene.Real(Scene.Patches, (_, _) => false, (_, i) => i < 6) };
        var fused = fusion.Forward(new Tokens(scene.WordValues(), scene.WordMask()), new Tokens(scene.PatchValues(), scene.PatchMask()),
            pass);
        var loss = fused.Named.Values.Append(fused.Fused.Values).Select(t => pass.Sum(pass.Square(t))).Aggregate((a, b) => pass.Add(a, b));
        Assert.True(float.IsFinite(loss.Item()));
        using var gradients = pass.Backward(loss);
        foreach (var (name, parameter) in fusion.Parameters())
        {
            Assert.True(gradients.TryGet(parameter, out var gradient), $"no gradient reaches {name}");
            Assert.All(gradient!.ToArray(), g => Assert.True(float.IsFinite(g), name));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_session_computes_the_same_and_shows_the_same_weights(string strategy, string variant)
    {
        var (fusion, scene, trace) = (Create(strategy, variant), new Scene(), new AttentionTrace());
        var input = new FusionInput(
            Sessions.Random(Scene.Batch, Scene.Words, Scene.Width, 1, scene.WordMask()),
                Sessions.Random(Scene.Batch, Scene.Patches, Scene.Width, 2, scene.PatchMask()));
        var session = InferenceSession.Compile(fusion, input, new SessionOptions { Workers = Workers.Single });
        Sessions.SameAsEager(session, fusion, input);
        session.Run(input.Views[0]);
        Scene.Fuse(fusion, input, trace);
        Assert.Equal(trace.Entries.Select(e => e.Key).Order(), session.AttentionLayers.Order());
        var runs = new Dictionary<string, int>();
        foreach (var (name, weights) in trace.Entries)
        {
            // One layer may attend twice, in both directions.
            runs[name] = runs.GetValueOrDefault(name) + 1;
            Sessions.Close(name, weights, session.Attention(name, runs[name] - 1), 1e-5);
        }

        var view = input.Views[0];
        for (var i = 0; i < 60; i++) session.Run(view);

        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 20; i++) session.Run(view);
        }));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_was_saved_and_loaded_computes_the_same_bits(string strategy, string variant)
    {
        var (saved, loaded, input) = (Create(strategy, variant), Create(strategy, variant, seed: 2), new Scene().Input());
        loaded.Load(saved.Parameters().ToDictionary(p => p.Key, p => p.Value));
        Scene.Same(Scene.Fuse(saved, input), Scene.Fuse(loaded, input));
    }

    [Fact]
    public void Sizes_that_leave_nothing_out_are_full_attention()
    {
        var full = Scene.Fuse(Scene.Create("cross-attention"), new Scene().Input());
        foreach (var variant in new[] { "topk:16", "local:4", "block:1", "prune:16" })
            Scene.Same(full, Scene.Fuse(Create("cross-attention", variant), new Scene().Input()), 1e-5);
    }

    [Fact]
    public void Variants_attend_where_they_say()
    {
        int Attended(string variant, string strategy = "cross-attention-single") => Most(Traced(strategy, variant)[0].Value);

        Assert.Equal(3, Attended("topk:3"));
        Assert.InRange(Attended("local:1"), 4, 9);
        Assert.Equal(1, Attended("local:0"));
        Assert.Equal(16, Attended("linear"));
        Assert.Equal(5, Attended("prune:5"));

        // In one sequence words attend to everything, patches at their window and the words.
        Assert.Equal(21, Attended("local:1", "concat-tokens"));
    }

    [Fact]
    public void Patches_of_clip_attend_around_themselves_and_words_to_all_words()
    {
        var trace = Traced("clip", "local:1");
        Assert.Equal([5, 5, 9, 9], trace.Select(e => Most(e.Value)));
        var weights = trace[^1].Value;
        for (var i = 0; i < Scene.Patches; i++)
            for (var j = 0; j < Scene.Patches; j++)
                Assert.Equal(Math.Abs(i / 4 - j / 4) <= 1 && Math.Abs(i % 4 - j % 4) <= 1, weights[0, 0, i, j] > 0);
    }

    [Theory]
    [InlineData("topk:3", 3, 3)]
    [InlineData("local:1", 9, 5)]
    [InlineData("prune:4", 4, 5)]
    public void Both_directions_of_lxmert_use_one_attention_which_leaves_out_patches_only_where_they_are_keys(string variant, int patches,
        int words)
    {
        var (first, second) = (Traced("lxmert", variant)[0].Value, Traced("lxmert", variant)[1].Value);
        Assert.Equal((Scene.Patches, Scene.Words), (first.Shape[3], second.Shape[3]));
        Assert.Equal((patches, words), (Most(first), Most(second)));
    }

    [Theory]
    [InlineData("local:1", 9)]
    [InlineData("prune:4", 4)]
    [InlineData("block:1", 16)]
    public void Latents_of_flamingo_attend_to_each_other_and_to_the_patches_chosen(string variant, int patches)
    {
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        Create("flamingo", variant).Forward(new Tokens(Tensor.Normal([1, 5, 16], new RandomSource(1))),
            new Tokens(Tensor.Normal([1, 16, 16], new RandomSource(2))), pass);
        var weights = trace.Entries[0].Value;
        Assert.Equal(Scene.Latents + patches, Most(weights));
        for (var m = 0; m < Scene.Latents; m++)
            for (var k = 0; k < Scene.Latents; k++) Assert.True(weights[0, 0, m, k] > 0);

        // What a latent is made of: the patches looked at, none of the mass lost to latents.
        var map = trace.Sources.Single().Value;
        for (var m = 0; m < Scene.Latents; m++)
            Assert.Equal(1, map.Span.Slice(m * Scene.Patches, Scene.Patches).ToArray().Sum(x => (double)x), 1e-5);
        if (variant == "prune:4")
        {
            // Two layers of four patches each, and nothing else.
            Assert.InRange(Enumerable.Range(0, Scene.Patches).Count(i => Enumerable.Range(0, Scene.Latents).Any(m => map[0, m, i] > 0)), 4,
                8);
        }
    }

    [Theory]
    [InlineData("flamingo", "block:1")]
    [InlineData("lxmert", "block:1")]
    [InlineData("clip", "prune:16")]
    [InlineData("textbook-perceiver", "local:4")]
    public void Sizes_that_leave_nothing_out_are_full_attention_there_too(string strategy, string variant) =>
        Scene.Same(Scene.Fuse(Scene.Create(strategy), new Scene().Input()), Scene.Fuse(Create(strategy, variant), new Scene().Input()),
            1e-5);

    [Fact]
    public void Pruned_attention_keeps_the_same_patches_for_all_words_and_heads()
    {
        var trace = new AttentionTrace();
        Scene.Fuse(Create("cross-attention-single", "prune:4"), new Scene().Input(), trace);
        var weights = trace.Entries.Single().Value;
        for (var b = 0; b < Scene.Batch; b++)
            Assert.Equal(4, Enumerable.Range(0, Scene.Patches)
                .Count(j => Enumerable.Range(0, Scene.Heads * Scene.Words).Any(r => weights[b, r / Scene.Words, r % Scene.Words, j] > 0)));
    }

    [Theory]
    [InlineData("clip")]
    [InlineData("vilt")]
    [InlineData("lxmert")]
    public void Padding_has_no_say_in_which_patches_are_kept(string strategy)
    {
        for (var kept = 1; kept < 13; kept++)
        {
            var fusion = Create(strategy, $"prune:{kept}");
            var first = Scene.Fuse(fusion, new Scene { Garbage = 100 }.Input());
            for (ulong garbage = 200; garbage < 205; garbage++)
                Scene.Same(first, Scene.Fuse(fusion, new Scene { Garbage = garbage }.Input()));
        }
    }

    [Fact]
    public void Work_that_is_skipped_is_not_counted()
    {
        double Flops(string? variant, string strategy, int patches)
        {
            using var pass = Pass.Planning();
            var side = (int)Math.Sqrt(patches);
            var options = new FusionOptions(16, 4)
            {
                Vision = new VisionOptions
                {
                    Grid = new TokenGrid(side, side),
                    Attention = variant is null ? null : AttentionVariant.Parse(variant)
                }
            };
            FusionStrategies.Create(strategy, options, new RandomSource(1))
                .Forward(new Tokens(Tensor.Zeros([1, 8, 16])), new Tokens(Tensor.Zeros([1, patches, 16])), pass);
            return pass.Cost().Flops;
        }

        foreach (var variant in new[] { "local:1", "linear", "graph:1" })
            Assert.True(Flops(variant, "concat-tokens", 4096) < Flops(null, "concat-tokens", 4096) / 20, variant);
        Assert.True(Flops("block:4", "concat-tokens", 4096) < Flops(null, "concat-tokens", 4096) / 10);
        foreach (var variant in new[] { "topk:8", "prune:16", "block:2", "local:1" })
            Assert.True(Flops(variant, "cross-attention", 4096) < Flops(null, "cross-attention", 4096), variant);
    }

    [Theory]
    [InlineData("topk", "topk:16")]
    [InlineData("local:2", "local:2")]
    [InlineData("linear", "linear")]
    [InlineData("qknorm", "qknorm")]
    public void A_variant_is_written_as_it_is_read(string text, string written) =>
        Assert.Equal(written, AttentionVariant.Parse(text).ToString());

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Contains("no attention is called 'sparse'; there are: topk:16, local:1",
            Assert.Throws<ArgumentException>(() => AttentionVariant.Parse("sparse")).Message, StringComparison.Ordinal);
        Assert.Contains("takes no number", Assert.Throws<ArgumentException>(() => AttentionVariant.Parse("linear:3")).Message,
            StringComparison.Ordinal);
        Assert.Contains("at least 1", Assert.Throws<ArgumentException>(() => AttentionVariant.Parse("topk:0")).Message,
            StringComparison.Ordinal);
        var pooled = Assert.Throws<ShapeException>(() => Create("concat-pooled", "linear")).Message;
        Assert.StartsWith("concat-pooled: has no attention to visual tokens that 'linear' could replace (mean word and mean visual token " +
            "side by side); these have: concat-tokens, ", pooled, StringComparison.Ordinal);
        Assert.StartsWith("cross-attention-reversed: has no attention to visual tokens that 'topk:3' could replace (visual tokens attend " +
            "to words)",
            Assert.Throws<ShapeException>(() => Create("cross-attention-reversed", "topk:3")).Message, StringComparison.Ordinal);
        using var pass = Pass.Evaluation();
        var media = MediaMask.Of(new[,] { { true, false, true } }, 2, 4, MediaAttention.Immediate);
        var (words, latents) = (Tensor.Zeros([1, 3, 16]), Tensor.Zeros([1, 8, 16]));
        foreach (var (variant, named) in new[] { ("linear", "LinearAttention"), ("block:1", "BlockSparseAttention") })
        {
            var attention = new MultiHeadAttention(new AttentionOptions(16, 4) { Variant = AttentionVariant.Parse(variant) },
                new RandomSource(1));
            Assert.StartsWith($"{named}: takes masks of keys [B or 1, H or 1, 1, Nk], got mask[1,1,3,8]",
                Assert.Throws<ShapeException>(() => attention.Forward(words, latents, latents, media, pass)).Message,
                    StringComparison.Ordinal);
        }

        var odd = Assert.Throws<ShapeException>(() =>
            Create("cross-attention", "local:1").Forward(new Tokens(Tensor.Zeros([1, 2, 16])), new Tokens(Tensor.Zeros([1, 15, 16])),
            pass));
        Assert.Equal("LocalAttention: 15 visual tokens are not a square grid; give the grid", odd.Message);
    }

    [Fact]
    public void Every_strategy_takes_every_variant_or_says_what_it_has_instead()
    {
        var without = FusionStrategies.Names.Where(name => Variants.All(v => Record.Exception(() => Create(name, v)) is ShapeException))
            .ToList();
        Assert.Equal(FusionStrategies.Names.Except(Strategies), without);

        // Where it is taken it is not ignored: each pass differs from that of full attention.
        foreach (var name in FusionStrategies.Names.Except(without))
        {
            var (full, other) = (Scene.Fuse(Scene.Create(name), new Scene().Input())["fused"].ToArray(),
                Scene.Fuse(Create(name, "topk:1"), new Scene().Input())["fused"].ToArray());
            Assert.False(full.SequenceEqual(other), name);
        }
    }

    private static IReadOnlyList<KeyValuePair<string, Tensor>> Traced(string strategy, string variant)
    {
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        Create(strategy, variant).Forward(new Tokens(Tensor.Normal([1, 5, 16], new RandomSource(1))),
            new Tokens(Tensor.Normal([1, 16, 16], new RandomSource(2))), pass);
        return [.. trace.Entries.Select(e => KeyValuePair.Create(e.Key, e.Value.Copy()))];
    }

    /// <summary>The most keys that any query of any head attends to.</summary>
    private static int Most(Tensor weights) =>
        Enumerable.Range(0, weights.Shape.Length / weights.Shape[3])
            .Max(r => weights.Span.Slice(r * weights.Shape[3], weights.Shape[3]).ToArray().Count(w => w > 0));

    private static FusionStrategy Create(string strategy, string variant, ulong seed = 1) =>
        Scene.OpenGates(FusionStrategies.Create(strategy,
        new FusionOptions(Scene.Width, Scene.Heads, Scene.Layers)
        {
            Latents = Scene.Latents,
            Vision = new VisionOptions { Attention = AttentionVariant.Parse(variant) }
        },
        new RandomSource(seed)));
}
