using CrossModal.Engine.Tensors;
using CrossModal.Fusion;
using CrossModal.Models;

namespace CrossModal.Tests.Golden;

/// <summary>Hugging Face's Blip2QFormerModel against ours.</summary>
internal static class QFormerRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var config = new QFormerConfig
        {
            HiddenSize = golden.Int("hidden_size"),
            NumAttentionHeads = golden.Int("heads"),
            NumHiddenLayers = golden.Int("layers"),
            IntermediateSize = golden.Int("intermediate_size"),
            EncoderHiddenSize = golden.Int("encoder_hidden_size"),
            CrossAttentionFrequency = golden.Int("cross_attention_frequency"),
            LayerNormEps = (float)golden.Number("layer_norm_eps"),
            HiddenAct = HuggingFace.Activation(golden),
        };
        var former = new QFormer(config, RandomSource.None);
        var parameters = new ParameterMap(golden, former, QFormer.Names);
        using var run = new ModuleRun(golden, comparison);
        run.Sizes("query_embeds", "batch", "num_queries");
        run.Sizes("encoder_hidden_states", "batch", "visual_len");
        var image = new Tokens(run.Input("encoder_hidden_states"), HuggingFace.Mask(golden, "encoder_attention_mask"));
        var output = former.Forward(run.Input("query_embeds"), image, null, run.Pass);
        run.Output("last_hidden_state", output.Hidden[^1]);
        run.Output("pooler_output", output.Pooled);
        for (var i = 0; i < output.Hidden.Count; i++) run.Output($"hidden.{i}", output.Hidden[i]);
        for (var i = 0; i < config.NumHiddenLayers; i++)
        {
            run.Attention($"layers.{i}.self_attn", $"self.{i}");
            if (i % config.CrossAttentionFrequency == 0)
                run.Attention($"layers.{i}.cross_attn", $"cross.{i / config.CrossAttentionFrequency}");
        }

        run.Backward(parameters);
    }
}
