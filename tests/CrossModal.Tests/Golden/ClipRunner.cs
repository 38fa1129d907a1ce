using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;
using CrossModal.Models;

namespace CrossModal.Tests.Golden;

/// <summary>Hugging Face's CLIPModel against ours.</summary>
internal static class ClipRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var layers = golden.Int("layers");
        var (activation, epsilon) = (HuggingFace.Activation(golden), (float)golden.Number("layer_norm_eps"));
        var config = new ClipConfig
        {
            ProjectionDim = golden.Int("projection_dim"),
            TextConfig = new ClipTextConfig
            {
                VocabSize = golden.Int("vocab_size"),
                MaxPositionEmbeddings =
                    golden.Rows("text_model.embeddings.position_embedding.weight"),
                HiddenSize = golden.Int("text_hidden"),
                NumAttentionHeads = golden.Int("text_heads"),
                NumHiddenLayers = layers,
                IntermediateSize = golden.Int("intermediate_size"),
                HiddenAct = activation,
                LayerNormEps = epsilon,
                EosTokenId = (int)(golden.OptionalNumber("eos_token_id") ?? 2),
            },
            VisionConfig = new ClipVisionConfig
            {
                ImageSize = golden.Int("image_size"),
                PatchSize = golden.Int("patch_size"),
                NumHiddenLayers = layers,
                HiddenSize = golden.Int("vision_hidden"),
                NumAttentionHeads = golden.Int("vision_heads"),
                IntermediateSize = golden.Int("intermediate_size"),
                HiddenAct = activation,
                LayerNormEps = epsilon,
            },
        };
        var clip = new Clip(config, RandomSource.None);
        var parameters = new ParameterMap(golden, clip, Clip.Names);
        using var run = new ModuleRun(golden, comparison);
        run.Sizes("input_ids", "batch", "text_len");
        var text = clip.EncodeText(run.Input("input_ids"), HuggingFace.Mask(golden, "attention_mask"), run.Pass);
        var image = clip.EncodeImages(run.Input("pixel_values"), run.Pass);
        var logits = clip.LogitsPerText(text.Embedding, image.Embedding, run.Pass);
        run.Output("logits_per_text", logits);
        run.Output("logits_per_image", run.Pass.Transpose(logits, 0, 1));
        run.Output("text_embeds", text.Embedding);
        run.Output("image_embeds", image.Embedding);
        run.Output("contrastive_loss", run.Pass.MatchingLoss(logits));
        run.Output("text_last_hidden", text.Tokens);
        run.Output("text_pooled", text.Pooled);
        run.Output("vision_last_hidden", image.Hidden[^1]);
        run.Output("vision_pooled", image.Pooled);
        for (var i = 0; i <= layers; i++) run.Output($"vision_hidden.{i}", image.Hidden[i]);
        for (var i = 0; i < layers; i++)
        {
            run.Attention($"text_model.encoder.layers.{i}.self_attn", $"text.{i}");
            run.Attention($"vision_model.encoder.layers.{i}.self_attn", $"vision.{i}");
        }

        run.Backward(parameters);
    }
}
