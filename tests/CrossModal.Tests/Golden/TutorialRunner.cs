using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;
using CrossModal.Explain;
using CrossModal.Fusion;
using CrossModal.Imaging;
using CrossModal.Layers;

namespace CrossModal.Tests.Golden;

/// <summary>The classes of the tutorial's text, read literally, against ours.</summary>
internal static class TutorialRunner
{
    private static readonly (string Ours, string Reference)[] AttentionRules =
    [
        ("attention.q_proj", "queryProj"), ("attention.k_proj", "keyProj"), ("attention.v_proj", "valueProj"),
            ("attention.out_proj", "outputProj"),
    ];

    /// <summary>Inside a block, an attention's own normalisation is layerNorm; the block's are norm1 and norm2.</summary>
    private static readonly (string Ours, string Reference)[] BlockRules =
        [.. AttentionRules, ("cross_attn.norm.", "cross_attn.layerNorm."), ("cross_attn.", "crossAttention."), ("feed_forward.", "ffn.")];

    /// <summary>The rules of <see cref="TextbookNetwork"/>, used by the training case too.</summary>
    public static IReadOnlyList<(string Ours, string Reference)> NetworkRules => BlockRules;

    public static void Run(GoldenCase golden, Comparison comparison)
    {
        using var run = new ModuleRun(golden, comparison);
        if (golden.Has("in/language")) run.Sizes("language", "batch", "num_lang_tokens");
        if (golden.Has("in/visual")) run.Sizes("visual", "batch", "num_visual_tokens");
        Action<GoldenCase, Comparison, ModuleRun> runner = golden.Class switch
        {
            "CrossModalAttention" => Attention,
            "CrossModalTransformerBlock" => Block,
            "CrossModalFusionNetwork.fuse" => Network,
            "CoAttention" => CoAttention,
            "PerceiverFusion.fuse" => Perceiver,
            "MultiViewCrossAttention.fuse" => MultiView,
            "SpatialDownsampler.downsample" => Downsample,
            "SpatialDownsampler.learnedDownsample" => LearnedDownsample,
            "AttentionVisualizer.generateHeatmap / visualize" => HeatMaps,
            _ => throw new InvalidDataException($"{golden.Name}: nothing of ours is '{golden.Class}'"),
        };
        runner(golden, comparison, run);
    }

    /// <summary>The sizes a case states.</summary>
    public static FusionOptions Options(GoldenCase golden, int layers = 1, int hidden = 1) =>
        new(golden.Int("embed_dim"), golden.Int("num_heads"), layers) { Hidden = hidden };

    public static ActivationFunction Activation(GoldenCase golden) => ActivationFunctions.Parse(HuggingFace.Activation(golden));

    private static void Attention(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var strategy = new CrossModalAttention(Options(golden), new RandomSource(1));
        var parameters = Load(golden, strategy, [.. AttentionRules, ("norm.", "layerNorm.")]);
        var (language, vision) = (new Tokens(run.Input("language")), new Tokens(run.Input("visual")));
        run.Output("output", strategy.Forward(language, vision, run.Pass).Fused.Values);
        run.Attention(0, "per_head");
        run.Named(0, "attention");
        comparison.Attention("getAttentionWeights_literal", strategy.TextbookWeights(language, vision, run.Pass));
        run.Backward(parameters);
    }

    private static void Block(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var block = new TextbookBlock(Options(golden, hidden: golden.Int("mlp_dim")), Activation(golden), new RandomSource(1));
        var parameters = Load(golden, block, BlockRules);
        run.Output("output", block.Forward(run.Input("language"), new Tokens(run.Input("visual")), run.Pass));
        run.Attention(0, "per_head");
        run.Named(0, "cross_attn.attention");
        run.Backward(parameters);
    }

    private static void Network(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var layers = golden.Int("num_layers");
        var network = new TextbookNetwork(Options(golden, layers, golden.Int("mlp_dim")), new RandomSource(1), Activation(golden));
        var parameters = Load(golden, network, BlockRules);
        run.Output("output", network.Forward(new Tokens(run.Input("language")), new Tokens(run.Input("visual")), run.Pass).Fused.Values);
        for (var i = 0; i < layers; i++)
        {
            run.Attention(i, $"layer{i}.per_head");
            run.Named(i, $"layers.{i}.cross_attn.attention");
        }

        run.Backward(parameters);
    }

    private static void CoAttention(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var strategy = new TextbookCoAttention(Options(golden), new RandomSource(1));
        var parameters = Load(golden, strategy,
            [.. AttentionRules, ("norm.", "layerNorm."), ("language_to_vision.", "lang2vis."), ("vision_to_language.", "vis2lang.")]);
        var fused = strategy.Forward(new Tokens(run.Input("language")), new Tokens(run.Input("visual")), run.Pass);
        run.Output("languageGuided", fused.Fused.Values);
        run.Output("visualGuided", fused.Named["vision"]);
        run.Attention(0, "lang2vis");
        run.Attention(1, "vis2lang");
        run.Backward(parameters);
    }

    private static void Perceiver(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        golden.Described("query_init"); // how the stored queries were drawn
        var strategy = new TextbookPerceiver(Options(golden) with { Latents = golden.Int("num_queries") }, new RandomSource(1));
        var parameters = Load(golden, strategy,
            [.. AttentionRules, ("norm.", "layerNorm."), ("cross_attn.", "crossAttention."), ("self_attn.", "selfAttention."),
                ("queries", "learnedQueries")]);
        run.Output("output", strategy.Forward(new Tokens(run.Input("language")), new Tokens(run.Input("visual")), run.Pass).Fused.Values);
        run.Attention(0, "cross");
        run.Attention(1, "self");
        run.Backward(parameters);
    }

    private static void MultiView(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var tokens = golden.Ints("view_tokens");
        var views = tokens.Length;
        for (var i = 0; i < views; i++)
            comparison.That(golden.Stored($"in/view{i}").Shape[1] == tokens[i],
                $"view {i} has {golden.Stored($"in/view{i}").Shape[1]} tokens, not {tokens[i]} as 'view_tokens' says");
        var options = Options(golden) with { Views = views };
        var random = new RandomSource(1);
        var strategy = new MultiView(options, random, create: () => new CrossModalAttention(options, random));
        var parameters = Load(golden, strategy, [.. AttentionRules, ("norm.", "layerNorm."), ("views.0.", "crossAttention.")]);
        var input = new FusionInput(new Tokens(run.Input("language")),
            [.. Enumerable.Range(0, views).Select(i => new Tokens(run.Input($"view{i}")))]);
        var fused = strategy.Forward(input, run.Pass);
        run.Output("output", fused.Fused.Values);
        for (var i = 0; i < views; i++)
        {
            run.Output($"attended_view{i}", fused.Named[$"view{i}"]);
            run.Attention(i, $"view{i}.per_head");
        }

        run.Backward(parameters);
    }

    private static void Downsample(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var factor = golden.Int("factor");
        var options = new FusionOptions(golden.Int("dim"),
            Heads: 1)
        { Vision = new VisionOptions { Grid = new TokenGrid(golden.Int("height"), golden.Int("width")) } };
        var sampler = new TokenDownsampler(options, new RandomSource(1), Downsampling.AveragePool, factor);
        run.Output("pooled_grid", sampler.Reduce(new Tokens(run.Input("visual")), run.Pass).Values);
        run.Output("pooled_sequence", run.Pass.AvgPool1d(run.Input("visual"), factor));
        run.Backward();
    }

    private static void LearnedDownsample(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var grid = new TokenGrid(golden.Int("height"), golden.Int("width"));
        var options = new FusionOptions(golden.Int("dim"), Heads: 1) { Vision = new VisionOptions { Grid = grid } };
        var sampler = new TokenDownsampler(options, new RandomSource(1), Downsampling.StridedConvolution, golden.Int("stride"));
        var mixer = new TextbookTokenConvolution(grid.Count, golden.Int("target_tokens"), new RandomSource(1));
        var both = new Pair(sampler, mixer);
        var parameters = Load(golden, both, [("sampler.conv", "gridConv"), ("mixer.mix", "tokenConv")], "sampler.fusion.");
        run.Output("token_channels", mixer.Forward(run.Input("visual"), run.Pass));
        run.Output("grid_conv", sampler.Reduce(new Tokens(run.Input("visual")), run.Pass).Values);
        run.Backward(parameters);
    }

    private static void HeatMaps(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var (height, width, patch) = (golden.Int("image_height"), golden.Int("image_width"), golden.Int("patch_size"));
        var weights = golden.Tensor("in/weights");
        var tokens = weights.Shape[1];
        var pixels = new List<float>();
        var top = new List<(int Patch, float Weight)>();
        for (var word = 0; word < weights.Shape[0]; word++)
        {
            var row = weights.Span.Slice(word * tokens, tokens);
            pixels.AddRange(HeatMap.FillPixels(row, height / patch, width / patch, height, width, patch));
            top.AddRange(TopPatches.Of(row, golden.Int("topk")));
        }

        comparison.Exactly("out/heatmap", pixels.ToArray());
        comparison.Exactly("out/topk_indices", [.. top.Select(t => (float)t.Patch)]);
        comparison.Exactly("out/topk_values", [.. top.Select(t => t.Weight)]);
        comparison.Exactly("out/argmax", [.. top.Where((_, i) => i % golden.Int("topk") == 0).Select(t => (float)t.Patch)]);
    }

    private static ParameterMap Load(GoldenCase golden, Module module, IReadOnlyList<(string Ours, string Reference)> rules,
        params string[] unused)
    {
        var parameters = new ParameterMap(golden, module, rules, unused);
        parameters.Load();
        return parameters;
    }

    /// <summary>The two readings of the learned downsampling, whose weights one case stores.</summary>
    private sealed class Pair : Module
    {
        public Pair(TokenDownsampler sampler, TextbookTokenConvolution mixer)
        {
            Add("sampler", sampler);
            Add("mixer", mixer);
        }
    }
}
