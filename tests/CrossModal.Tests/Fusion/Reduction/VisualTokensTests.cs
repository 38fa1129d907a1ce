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

public sealed class VisualTokensTests
{
    private static readonly string[] Reductions = ["pool:4", "conv:4", "learner:3", "merge:5", "resampler:3"];

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var strategy in new[] { "concat-pooled", "concat-tokens", "cross-attention", "co-attention", "perceiver",
                "multi-view-mean", "textbook-network" })
                foreach (var reduction in Reductions) all.Add(strategy, reduction);
            return all;
        }
    }

    public static TheoryData<string> Methods => [.. Reductions];

    [Theory]
    [MemberData(nameof(All))]
    public void Padding_changes_nothing(string strategy, string tokens)
    {
        var (fusion, results) = (Create(strategy, tokens), new List<float[]>());
        foreach (var garbage in new ulong[] { 100, 200 })
        {
            using var pass = Pass.Evaluation();
            var fused = fusion.Forward(new Scene { Garbage = garbage }.Input(), pass).Fused;
            results.Add(fused.ZeroPadded(pass).ToArray());
        }

        Assert.Equal(results[0], results[1]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_parameter_gets_a_finite_gradient_also_where_there_is_nothing_to_see(string strategy, string tokens)
    {
        var fusion = Create(strategy, tokens);
        using var pass = Pass.Recording();
        var scene = new Scene { RealPatches = Scene.Real(Scene.Patches, (_, _) => false, (_, i) => i < 6) };
        var fused = fusion.Forward(new Tokens(scene.WordValues(), scene.WordMask()), new Tokens(scene.PatchValues(), scene.PatchMask()),
            pass);
        var loss = fused.Named.Values.Append(fused.Fused.Values).Select(t => pass.Sum(pass.Square(t))).Aggregate((a, b) => pass.Add(a, b));
        using var gradients = pass.Backward(loss);
        foreach (var (name, parameter) in fusion.Parameters())
        {
            Assert.True(gradients.TryGet(parameter, out var gradient), $"no gradient reaches {name}");
            Assert.All(gradient!.ToArray(), g => Assert.True(float.IsFinite(g), name));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_session_computes_what_the_strategy_does(string strategy, string tokens)
    {
        var (fusion, scene) = (Create(strategy, tokens), new Scene());
        foreach (var mask in new[] { scene.PatchMask(), null })
        {
            var input = new FusionInput(Sessions.Random(Scene.Batch, Scene.Words, Scene.Width, 1, scene.WordMask()),
                Sessions.Random(Scene.Batch, Scene.Patches, Scene.Width, 2, mask));
            Sessions.SameAsEager(InferenceSession.Compile(fusion, input, new SessionOptions { Workers = Workers.Single }), fusion, input);
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_map_that_comes_back_keeps_its_mass_row_by_row(string tokens)
    {
        for (var draw = 0; draw < 20; draw++)
        {
            var random = new RandomSource((ulong)draw);
            var source = Source(tokens, random, masked: draw % 2 == 1, out var real);
            var (count, originals) = (source.Tokens, source.Originals);

            // Rows of the map itself sum to 1; padding has no share in anything.
            for (var row = 0; row < source.Map.Shape[0] * count; row++)
            {
                var shares = source.Map.Span.Slice(row * originals, originals);
                var total = shares.ToArray().Sum(x => (double)x);

                // Merging may leave padding as a token of its own, made of nothing.
                if (total != 0 || !tokens.StartsWith("merge", StringComparison.Ordinal)) Assert.Equal(1, total, 1e-5);
                for (var i = 0; i < originals; i++)
                {
                    Assert.True(shares[i] >= 0);
                    if (!real[row / count % 2, i]) Assert.Equal(0, shares[i]);
                }
            }

            var weights = Tensor.Uniform([2, 3, 4, count], random, 0, 1);
            for (var at = 0; at < weights.Shape.Length; at++)
            {
                // As attention does, nothing attends to padding.
                var row = (source.Map.Shape[0] == 1 ? 0 : at / (12 * count)) * count + at % count;
                if (source.Map.Span.Slice(row * originals, originals).IndexOfAnyExcept(0) < 0) weights.Span[at] = 0;
            }

            var back = source.Unmerge(weights);
            Assert.Equal([2, 3, 4, originals], back.Shape);
            for (var row = 0; row < 24; row++)
            {
                double merged = weights.Span.Slice(row * count, count).ToArray().Sum(x => (double)x),
                    whole = back.Span.Slice(row * originals, originals).ToArray().Sum(x => (double)x);
                Assert.True(Math.Abs(merged - whole) < 1e-5 * count, $"{merged} became {whole}");
            }
        }
    }

    [Theory]
    [InlineData("pool:4")]
    [InlineData("learner:3")]
    [InlineData("merge:5")]
    public void The_source_map_is_exactly_what_made_the_tokens(string tokens)
    {
        // New tokens are the map times the tokens: what the map says is what happened.
        var (trace, scene) = (new AttentionTrace(), new Scene());
        using var pass = Pass.Evaluation(trace);
        var before = new Tokens(scene.PatchValues(), scene.PatchMask());
        var after = Reduce(tokens, before, new RandomSource(3), pass);
        var source = new TokenSource(trace.Sources.Single().Value);
        for (var b = 0; b < Scene.Batch; b++)
            for (var m = 0; m < after.Count; m++)
                for (var c = 0; c < Scene.Width; c++)
                {
                    double sum = 0;
                    for (var i = 0; i < Scene.Patches; i++)
                        if (source.Map[b, m, i] > 0) sum += (double)source.Map[b, m, i] * before.Values[b, i, c];
                    Assert.Equal(sum, after.Values[b, m, c], 1e-4);
                }
    }

    [Fact]
    public void Reductions_after_each_other_are_one_reduction()
    {
        var random = new RandomSource(5);
        var (first, second) = (Source("pool:4", random, masked: false, out _),
            new TokenSource(Tensor.From([0.5f, 0.5f, 0, 0, 0, 0, 0.25f, 0.75f], [1, 2, 4])));
        var weights = Tensor.Uniform([1, 2, 3, 2], random, 0, 1);
        Assert.Equal(first.Unmerge(second.Unmerge(weights)).ToArray(), first.Then(second).Unmerge(weights).ToArray(), (a, b) =>
            Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Merging_joins_what_is_alike_and_counts_it()
    {
        // Six tokens of two kinds: with four of the first and two of the second left as one each, weights are as if nothing had been
        // merged.
        using var pass = Pass.Evaluation();
        var values = Tensor.From([1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0], [1, 6, 2]);
        var merged = new TokenMerging(2).Reduce(new Tokens(values), pass);
        Assert.Equal([0, 1, 1, 0], merged.Values.ToArray());
        Assert.Equal([2, 4], merged.Mask!.Presence(pass).ToArray().Select(x => MathF.Round(x, 4)));
        var attention = new MultiHeadAttention(2, 1, new RandomSource(4));
        var query = Tensor.Normal([1, 3, 2], new RandomSource(1));
        var (whole, fewer) = (attention.Forward(query, values, values, null, pass),
            attention.Forward(query, merged.Values, merged.Values, merged.Mask, pass));
        Assert.Equal(whole.ToArray(), fewer.ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Theory]
    [InlineData("pool:5", "VisualTokens: 'pool:5': squares of a 4×4 grid leave 16, 4, 1 tokens")]
    [InlineData("learner:17", "VisualTokens: 'learner:17': a 4×4 grid has only 16 tokens")]
    public void Counts_that_do_not_fit_are_named(string tokens, string message) =>
        Assert.Equal(message, Assert.Throws<ShapeException>(() => Create("cross-attention", tokens)).Message);

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Contains("the methods are: pool, conv, learner, merge, resampler",
            Assert.Throws<ArgumentException>(() => VisualTokens.Parse("tome:4")).Message, StringComparison.Ordinal);
        Assert.Contains("not a positive number", Assert.Throws<ArgumentException>(() => VisualTokens.Parse("pool:0")).Message,
            StringComparison.Ordinal);
        Assert.Equal("learner:7", VisualTokens.Parse("learner:7").ToString());
        var options = new FusionOptions(16)
        {
            Vision = new VisionOptions
            {
                Grid = new TokenGrid(4, 4),
                Tokens = VisualTokens.Parse("merge:4"),
                Attention = AttentionVariant.Parse("local:1")
            }
        };
        Assert.Contains("needs tokens on a grid",
            Assert.Throws<ShapeException>(() => FusionStrategies.Create("cross-attention", options, new RandomSource(1))).Message,
            StringComparison.Ordinal);
        Assert.Contains("leaves none", Assert.Throws<ShapeException>(() => Create("downsample-pool", "merge:4")).Message,
            StringComparison.Ordinal);
    }

    private static TokenSource Source(string tokens, RandomSource random, bool masked, out bool[,] real)
    {
        var drawn = new bool[2, 16];
        for (var b = 0; b < 2; b++)
            for (var i = 0; i < 16; i++) drawn[b, i] = !masked || i % 5 == 0 || i is 2 or 8 or 13 || random.NextInt(3) > 0;
        real = drawn;
        var trace = new AttentionTrace();
        using var pass = Pass.Evaluation(trace);
        Reduce(tokens, new Tokens(Tensor.Normal([2, 16, Scene.Width], random), masked ? Mask.KeyPadding(drawn) : null), random, pass);
        return new TokenSource(trace.Sources.Single().Value);
    }

    private static Tokens Reduce(string text, Tokens tokens, RandomSource random, Pass pass)
    {
        var (options, wanted) = (new FusionOptions(Scene.Width, Scene.Heads,
            2)
        { Vision = new VisionOptions { Grid = new TokenGrid(4, 4) } }, VisualTokens.Parse(text));
        return wanted.Method switch
        {
            TokenReduction.Pool => new TokenDownsampler(options, random).Reduce(tokens, pass),
            TokenReduction.Conv => new TokenDownsampler(options, random, Downsampling.StridedConvolution).Reduce(tokens, pass),
            TokenReduction.Learner => new TokenLearner(Scene.Width, wanted.Count, random).Reduce(tokens, pass),
            TokenReduction.Merge => new TokenMerging(wanted.Count).Reduce(tokens, pass),
            _ => new TokenResampler(options, wanted.Count, random).Reduce(tokens, pass),
        };
    }

    private static FusionStrategy Create(string strategy, string tokens) => FusionStrategies.Create(strategy,
        new FusionOptions(Scene.Width, Scene.Heads, Scene.Layers)
        {
            Latents = Scene.Latents,
            Vision = new VisionOptions { Grid = new TokenGrid(4, 4), Tokens = VisualTokens.Parse(tokens) },
        },
        new RandomSource(1));
}
