using CrossModal.Engine.Tensors;
using CrossModal.Models;

namespace CrossModal.Tests.Golden;

/// <summary>Hugging Face's BlipForImageTextRetrieval against ours.</summary>
internal static class BlipRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var layers = golden.Int("layers");
        var config = new BlipConfig
        {
            ImageTextHiddenSize = golden.Int("image_text_hidden_size"),
            TextConfig = new BlipTextConfig
            {
                VocabSize = golden.Int("vocab_size"),
                MaxPositionEmbeddings =
                    golden.Rows("text_encoder.embeddings.position_embeddings.weight"),
                HiddenSize = golden.Int("text_hidden"),
                NumAttentionHeads = golden.Int("text_heads"),
                NumHiddenLayers = layers,
                IntermediateSize = golden.Int("intermediate_size"),
                HiddenAct = HuggingFace.Activation(golden),
                LayerNormEps = (float)golden.Number("text_layer_norm_eps"),
            },
            VisionConfig = new BlipVisionConfig
            {
                ImageSize = golden.Int("image_size"),
                PatchSize = golden.Int("patch_size"),
                NumHiddenLayers = layers,
                HiddenSize = golden.Int("vision_hidden"),
                NumAttentionHeads = golden.Int("vision_heads"),
                IntermediateSize = golden.Int("intermediate_size"),
                HiddenAct = HuggingFace.Activation(golden),
                LayerNormEps = (float)golden.Number("vision_layer_norm_eps"),
            },
        };
        var blip = new Blip(config, RandomSource.None);
        var parameters = new ParameterMap(golden, blip, Blip.Names);
        using var run = new ModuleRun(golden, comparison);
        run.Sizes("input_ids", "batch", "text_len");
        var (words, mask) = (run.Input("input_ids"), HuggingFace.Mask(golden, "attention_mask", added: -10000));
        var image = blip.EncodeImages(run.Input("pixel_values"), run.Pass);
        var match = blip.Match(words, mask, image, run.Pass);
        var text = blip.EncodeText(words, mask, run.Pass);
        run.Output("itm_logits", match.Logits);
        run.Output("itm_text_states", match.Hidden[^1]);
        run.Output("image_states", image);
        run.Output("cosine_image_by_text", blip.Cosine(image, text, run.Pass));
        run.Output("text_only_states", text.States);
        for (var i = 0; i <= layers; i++) run.Output($"itm_text_hidden.{i}", match.Hidden[i]);
        for (var i = 0; i < layers; i++)
        {
            run.Attention($"vision_model.encoder.layers.{i}.self_attn", $"vision.{i}");
            run.Attention($"text_encoder.encoder.layers.{i}.self_attn", $"text_self.{i}");
            run.Attention($"text_encoder.encoder.layers.{i}.cross_attn", $"text_cross.{i}");
        }

        run.Backward(parameters);
    }
}
