using CrossModal.Attention;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;

namespace CrossModal.Tests.Golden;

/// <summary>torch.nn.TransformerEncoder(Layer) and TransformerDecoder(Layer) against ours.</summary>
internal static class TorchLayersRunner
{
    private static readonly (string Ours, string Reference)[] Rules =
    [
        ("cross_attn", "multihead_attn"),
        ("feed_forward.fc1", "linear1"),
        ("feed_forward.fc2", "linear2"),
    ];

    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var heads = golden.Int("nhead");
        var count = golden.Int("num_layers");
        var finalNorm = golden.Flag("final_layer_norm");
        var random = new RandomSource(1);
        var options = new TransformerOptions(golden.Int("d_model"), heads, golden.Int("dim_feedforward"))
        {
            Activation = ActivationFunctions.Parse(HuggingFace.Activation(golden)),
            Norm = golden.Flag("norm_first") ? NormPlacement.Before : NormPlacement.After,
            Epsilon = (float)golden.Number("layer_norm_eps"),
        };
        using var run = new ModuleRun(golden, comparison);
        TorchMasks.Evaluation(comparison);
        if (golden.Has("in/src")) run.Sizes("src", "batch", "src_len");
        if (golden.Has("in/tgt")) run.Sizes("tgt", "batch", "tgt_len");
        if (golden.Has("in/memory")) run.Sizes("memory", "batch", "memory_len");
        Mask? Both(string name) => Mask.Both(TorchMasks.Padding(golden, $"{name}_key_padding_mask"),
            TorchMasks.Attention(golden, $"{name}_mask", heads), run.Pass);
        var (module, forward) = golden.Class switch
        {
            "torch.nn.TransformerEncoderLayer" => Make(new TransformerEncoderLayer(options, random), m =>
                m.Forward(run.Input("src"), Both("src"), run.Pass)),
            "torch.nn.TransformerEncoder" =>
                Make(new TransformerEncoder(count, options, random, finalNorm), m => m.Forward(run.Input("src"), Both("src"), run.Pass)),
            "torch.nn.TransformerDecoderLayer" => Make(new TransformerDecoderLayer(options, random),
                m => m.Forward(run.Input("tgt"), run.Input("memory"), Both("tgt"), Both("memory"), run.Pass)),
            "torch.nn.TransformerDecoder" => Make(new TransformerDecoder(count, options, random, finalNorm),
                m => m.Forward(run.Input("tgt"), run.Input("memory"), Both("tgt"), Both("memory"), run.Pass)),
            _ => throw new InvalidDataException($"{golden.Name}: no layer for '{golden.Class}'"),
        };
        var parameters = new ParameterMap(golden, module, Rules);
        parameters.Load();
        run.Output("output", forward());
        var stack = module is TransformerEncoder or TransformerDecoder;
        if (!stack)
        {
            comparison.States("num_layers", 1);
            comparison.States("final_layer_norm", false);
        }

        CompareTrace(golden, run, stack);
        run.Backward(parameters);
    }

    private static void CompareTrace(GoldenCase golden, ModuleRun run, bool stack)
    {
        var cross = golden.Class.Contains("Decoder", StringComparison.Ordinal);
        var perLayer = cross ? 2 : 1;
        for (var i = 0; i < run.Trace.Entries.Count; i++)
        {
            var layer = i / perLayer;
            var isCross = i % perLayer == 1;
            run.Attention(i, (stack ? $"layer{layer}." : "") + (isCross ? "cross_attention" : "self_attention"));
            run.Named(i, (stack ? $"layers.{layer}." : "") + (isCross ? "cross_attn" : "self_attn"));
        }
    }

    private static (Module Module, Func<Tensor> Forward) Make<T>(T module, Func<T, Tensor> forward)
        where T : Module => (module, () => forward(module));
}
