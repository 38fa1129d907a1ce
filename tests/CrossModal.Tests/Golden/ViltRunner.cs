using CrossModal.Engine.Tensors;
using CrossModal.Models;

namespace CrossModal.Tests.Golden;

/// <summary>Hugging Face's ViltModel against ours.</summary>
internal static class ViltRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var config = new ViltConfig
        {
            VocabSize = golden.Int("vocab_size"),
            MaxPositionEmbeddings =
                golden.Rows("embeddings.text_embeddings.position_embeddings.weight"),
            TypeVocabSize = golden.Rows("embeddings.text_embeddings.token_type_embeddings.weight"),
            ModalityTypeVocabSize = golden.Rows("embeddings.token_type_embeddings.weight"),
            HiddenSize = golden.Int("hidden_size"),
            NumAttentionHeads = golden.Int("heads"),
            NumHiddenLayers = golden.Int("layers"),
            IntermediateSize = golden.Int("intermediate_size"),
            ImageSize = golden.Int("image_size"),
            PatchSize = golden.Int("patch_size"),
            LayerNormEps = (float)golden.Number("layer_norm_eps"),
            HiddenAct = HuggingFace.Activation(golden),
        };
        var vilt = new Vilt(config, RandomSource.None);
        var parameters = new ParameterMap(golden, vilt, Vilt.Names);
        using var run = new ModuleRun(golden, comparison);
        run.Sizes("input_ids", "batch", "text_len");
        golden.Described("pixel_mask_sizes"); // the input pixel_mask in other words
        var output = vilt.Forward(new ViltInput(run.Input("input_ids"), run.Input("pixel_values"))
        {
            Segments = golden.Has("in/token_type_ids") ? run.Input("token_type_ids") : null,
            WordMask = HuggingFace.Mask(golden, "attention_mask"),
            PixelMask = golden.Has("in/pixel_mask") ? golden.Tensor("in/pixel_mask") : null,
        }, run.Pass);
        run.Output("last_hidden_state", output.Tokens);
        run.Output("pooler_output", output.Pooled!);
        for (var i = 0; i < output.Hidden.Count; i++) run.Output($"hidden.{i}", output.Hidden[i]);
        for (var i = 0; i < config.NumHiddenLayers; i++) run.Attention($"stream.encoder.layers.{i}.self_attn", $"layer{i}");
        run.Backward(parameters);
    }
}
