using CrossModal.Attention;
using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Tests.Golden;

/// <summary>Hugging Face's LxmertModel and LxmertXLayer against ours.</summary>
internal static class LxmertRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        using var run = new ModuleRun(golden, comparison);
        if (golden.Class == "LxmertXLayer") Layer(golden, run);
        else Model(golden, run);
    }

    private static void Model(GoldenCase golden, ModuleRun run)
    {
        var config = new LxmertConfig
        {
            VocabSize = golden.Int("vocab_size"),
            MaxPositionEmbeddings = golden.Rows("embeddings.position_embeddings.weight"),
            TypeVocabSize = golden.Rows("embeddings.token_type_embeddings.weight"),
            HiddenSize = golden.Int("hidden_size"),
            NumAttentionHeads = golden.Int("heads"),
            IntermediateSize = golden.Int("intermediate_size"),
            LLayers = golden.Int("l_layers"),
            RLayers = golden.Int("r_layers"),
            XLayers = golden.Int("x_layers"),
            VisualFeatDim = golden.Int("visual_feat_dim"),
            LayerNormEps = (float)golden.Number("layer_norm_eps"),
            HiddenAct = HuggingFace.Activation(golden),
        };
        var lxmert = new Lxmert(config, RandomSource.None);
        var parameters = new ParameterMap(golden, lxmert, Lxmert.Names);
        run.Sizes("input_ids", "batch", "text_len");
        run.Sizes("visual_feats", "batch", "num_boxes");
        var output = lxmert.Forward(new LxmertInput(run.Input("input_ids"), run.Input("visual_feats"), run.Input("visual_pos"))
        {
            Segments = golden.Has("in/token_type_ids") ? run.Input("token_type_ids") : null,
            WordMask = HuggingFace.Mask(golden, "attention_mask"),
            ObjectMask = HuggingFace.Mask(golden, "visual_attention_mask"),
        }, run.Pass);
        run.Output("language_output", output.Language[^1]);
        run.Output("vision_output", output.Vision[^1]);
        run.Output("pooled_output", output.Pooled);
        for (var i = 0; i < output.Language.Count; i++) run.Output($"language_hidden.{i}", output.Language[i]);
        for (var i = 0; i < output.Vision.Count; i++) run.Output($"vision_hidden.{i}", output.Vision[i]);
        for (var i = 0; i < config.LLayers; i++) run.Attention($"language.layers.{i}.self_attn", $"language.{i}");
        for (var i = 0; i < config.RLayers; i++) run.Attention($"vision.layers.{i}.self_attn", $"vision.{i}");
        for (var i = 0; i < config.XLayers; i++) run.Attention($"cross.{i}.cross_attn", $"cross_lang_to_vis.{i}");
        run.Backward(parameters);
    }

    private static void Layer(GoldenCase golden, ModuleRun run)
    {
        var layer = new LxmertLayer(new TransformerOptions(golden.Int("hidden_size"), golden.Int("heads"), golden.Int("intermediate_size"))
        {
            Norm = NormPlacement.After,
            Epsilon = (float)golden.Number("layer_norm_eps"),
            Activation = ActivationFunctions.Parse(HuggingFace.Activation(golden)),
        }, RandomSource.None);
        var parameters = new ParameterMap(golden, layer, Lxmert.Names);
        run.Sizes("lang", "batch", "lang_len");
        run.Sizes("visual", "batch", "visual_len");
        var (language, vision) = layer.Forward(new Tokens(run.Input("lang"), Additive("lang")),
            new Tokens(run.Input("visual"), Additive("visual")), run.Pass);
        run.Output("lang", language.Values);
        run.Output("visual", vision.Values);
        run.Attention("cross_attn", "cross_lang_to_vis");
        run.Attention("cross_attn", "cross_vis_to_lang", run: 1);
        run.Attention("language.self_attn", "self_lang");
        run.Attention("vision.self_attn", "self_vis");
        run.Backward(parameters);

        Mask? Additive(string stream) => golden.Has($"in/{stream}_mask_additive")
            ? Mask.Additive(golden.Tensor($"in/{stream}_mask_additive")) : null;
    }
}
