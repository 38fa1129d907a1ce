using CrossModal.Attention;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Tests.Golden;

/// <summary>torchmultimodal's fusion modules, and its layers of ALBEF and CoCa, against ours.</summary>
internal static class TorchMultimodalRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        using var run = new ModuleRun(golden, comparison);
        golden.Described("kind"); // the class in other words
        Action<GoldenCase, Comparison, ModuleRun> runner = golden.Class switch
        {
            "TransformerCrossAttentionLayer" or "ALBEFMultimodalEncoder" => Albef,
            "AttentionPooler" => Pooler,
            "CoCaMultimodalDecoder" => Coca,
            "AttentionFusionModule" => Attention,
            "ConcatFusionModule" => Concat,
            "DeepsetFusionModule" => Deepset,
            _ => throw new InvalidDataException($"{golden.Name}: nothing of ours is '{golden.Class}'"),
        };
        runner(golden, comparison, run);
    }

    private static void Albef(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var (stack, layers) = (golden.Class == "ALBEFMultimodalEncoder", golden.Int("layers"));
        run.Sizes("language", "batch", "language_len");
        run.Sizes("visual", "batch", "visual_len");
        if (!stack) comparison.States("layers", 1);
        var options = Options(golden) with { Norm = golden.Flag("norm_first") ? NormPlacement.Before : NormPlacement.After };
        Module module = stack ? new AlbefEncoder(layers, options, new RandomSource(1)) : new AlbefLayer(options, new RandomSource(1));
        var parameters = new ParameterMap(golden, module, AlbefLayer.Names);
        var (language, vision) = (run.Input("language"), run.Input("visual"));
        var (words, patches) = (MaskOf(golden, "language_mask"), MaskOf(golden, "visual_mask"));
        run.Output("output", module is AlbefEncoder encoder
            ? encoder.Forward(language, vision, words, patches, run.Pass)
            : ((AlbefLayer)module).Forward(language, vision, words, patches, run.Pass));
        for (var i = 0; i < layers; i++)
        {
            run.Attention(stack ? $"layers.{i}.self_attn" : "self_attn", stack ? $"layer{i}.self" : "self");
            run.Attention(stack ? $"layers.{i}.cross_attn" : "cross_attn", stack ? $"layer{i}.cross" : "cross");
        }

        run.Backward(parameters);
    }

    private static void Pooler(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        run.Sizes("visual", "batch", "visual_len");
        var pooler = new AttentionPooler(golden.Int("input_dim"), golden.Int("output_dim"), golden.Int("heads"), golden.Int("num_queries"),
            new RandomSource(1),
            (float)golden.Number("layer_norm_eps"));
        var parameters = new ParameterMap(golden, pooler, AttentionPooler.Names);
        run.Output("output", pooler.Forward(run.Input("visual"), null, run.Pass));
        run.Attention("attn", "per_head");
        run.Backward(parameters);
    }

    private static void Coca(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        comparison.States("norm_first", true);
        comparison.States("causal", true);
        run.Sizes("language", "batch", "language_len");
        run.Sizes("visual", "batch", "visual_len");
        var decoder = new CocaDecoder(golden.Int("layers"), Options(golden), golden.Int("visual_dim"), golden.OptionalInt("output_dim"),
            new RandomSource(1));
        var parameters = new ParameterMap(golden, decoder, CocaDecoder.Names);
        run.Output("output", decoder.Forward(run.Input("language"), run.Input("visual"), null, run.Pass));
        for (var i = 0; i < golden.Int("layers"); i++)
        {
            run.Attention($"decoder.layers.{i}.self_attn", $"layer{i}.self");
            run.Attention($"decoder.layers.{i}.cross_attn", $"layer{i}.cross");
        }

        run.Backward(parameters);
    }

    private static void Attention(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var fusion = new AttentionFusionModule(Channels(golden), new RandomSource(1), golden.OptionalInt("encoding_projection_dim"));
        var parameters = new ParameterMap(golden, fusion, AttentionFusionModule.Names);
        var (fused, weights) = fusion.Forward(Features(golden, run), run.Pass);
        run.Output("output", fused);
        comparison.Attention("channel_weights", weights);
        run.Backward(parameters);
    }

    private static void Concat(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        var fusion = new ConcatFusionModule(Channels(golden), new RandomSource(1), golden.OptionalInt("out"));
        var parameters = new ParameterMap(golden, fusion, CheckpointNames.Own);
        run.Output("output", fusion.Forward(Features(golden, run), run.Pass));
        run.Backward(parameters);
    }

    private static void Deepset(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        comparison.States("norm_factor", 2);
        comparison.States("use_auto_mapping", golden.Under("param/projections.").Any());
        var fusion = new DeepsetFusionModule(Channels(golden), new DeepsetOptions(golden.Int("out"))
        {
            Pooling = Enum.Parse<SetPooling>(golden.Text("pool"), ignoreCase: true),
            Weighed = golden.Flag("att"),
            WeighingWidth = golden.OptionalInt("attention_dim"),
            AcrossChannels = golden.Flag("mn"),
            Projected = golden.Under("param/projections.").Any(),
        }, new RandomSource(1));
        var parameters = new ParameterMap(golden, fusion, DeepsetFusionModule.Names);
        run.Output("output", fusion.Forward(Features(golden, run), run.Pass));
        run.Backward(parameters);
    }

    private static TransformerOptions Options(GoldenCase golden) =>
        new(golden.Int("d_model"), golden.Int("heads"), golden.Int("dim_feedforward"))
        {
            Activation = ActivationFunctions.Parse(HuggingFace.Activation(golden)),
            Epsilon = (float)golden.Number("layer_norm_eps"),
        };

    private static Dictionary<string, int> Channels(GoldenCase golden) => golden.Sizes("channels");

    private static Dictionary<string, Tensor> Features(GoldenCase golden, ModuleRun run)
    {
        var names = Channels(golden).Keys;
        foreach (var name in names) run.Sizes(name, "batch");
        return names.ToDictionary(name => name, run.Input);
    }

    /// <summary>A padding mask of 1 = real, or null when the case has none.</summary>
    private static Mask? MaskOf(GoldenCase golden, string name)
    {
        if (!golden.Has($"in/{name}")) return null;
        var stored = golden.Stored($"in/{name}");
        return Mask.Allowed(stored.ToBooleans(), [stored.Shape[0], 1, 1, stored.Shape[1]]);
    }
}
