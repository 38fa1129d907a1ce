using CrossModal.Attention;
using CrossModal.Engine.Ops;
using CrossModal.Engine.Tensors;
using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Tests.Golden;

/// <summary>lucidrains' Perceiver and PerceiverIO, and Hugging Face's PerceiverModel, against ours.</summary>
internal static class PerceiverRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        using var run = new ModuleRun(golden, comparison);
        if (golden.Class == "PerceiverIO") InputOutput(golden, comparison, run);
        else Classifier(golden, run);
    }

    private static void InputOutput(GoldenCase golden, Comparison comparison, ModuleRun run)
    {
        run.Sizes("data", "batch", "data_len");
        comparison.States("num_queries", golden.Has("in/queries") ? golden.Stored("in/queries").Shape[^2] : 0);
        var (depth, tied) = (golden.Int("depth"), golden.Flag("weight_tie_layers"));
        var model = new PerceiverIo(new PerceiverIoOptions(golden.Int("dim"), golden.Int("latent_dim"), golden.Int("num_latents"))
        {
            Cross = Part(golden, "cross"),
            Self = Part(golden, "latent"),
            Layers = tied ? (1, depth) : (depth, 1),
            Output = new PerceiverOutput(golden.Int("queries_dim"), Part(golden, "cross"))
            {
                FeedForward = golden.Flag("decoder_ff"),
                Channels = golden.OptionalInt("logits_dim"),
            },
        }, new RandomSource(1));
        var parameters = new ParameterMap(golden, model, model.LucidrainsNames());
        var result = model.Forward(run.Input("data"), MaskOf(golden), golden.Has("in/queries") ? run.Input("queries") : null, run.Pass);
        run.Output("output", result.Output ?? result.Latents);
        run.Attention("encoder.attn", "cross");
        for (var i = 0; i < depth; i++) run.Attention($"layers.{(tied ? 0 : i)}.attn", $"latent{i}", tied ? i : 0);
        if (result.Output is not null) run.Attention("decoder.attn", "decoder");
        run.Backward(parameters);
    }

    private static void Classifier(GoldenCase golden, ModuleRun run)
    {
        run.Sizes("data", "batch");
        var (channels, self, tied) = (golden.Int("input_channels"), golden.Int("self_per_cross_attn"), golden.Flag("weight_tie_layers"));
        var axes = golden.Ints("input_shape");
        var (bands, frequency, classes) = (golden.Int("num_freq_bands"), golden.Number("max_freq"), golden.OptionalInt("num_classes"));
        var depth = new PerceiverDepth(golden.Int("depth"), self, tied);
        var model = new PerceiverClassifier(new PerceiverOptions(channels, golden.Int("latent_dim"), golden.Int("num_latents"), depth)
        {
            Cross = Part(golden, "cross") with { Variant = golden.Flag("inverted_cross_attn") ? AttentionVariant.Parse("inverted") : null },
            Self = Part(golden, "latent"),
            Positions = golden.Flag("fourier_encode_data") ? new FourierPositions(axes, bands, [frequency]) : null,
            Classes = golden.Flag("final_classifier_head") ? classes : null,
        }, new RandomSource(1));
        var parameters = new ParameterMap(golden, model, model.LucidrainsNames());
        var data = run.Input("data");
        var result = model.Forward(run.Pass.Reshape(data, [data.Shape[0], axes.Aggregate((a, b) => a * b), channels]), MaskOf(golden),
            run.Pass);
        if (result.Logits is { } logits) run.Output("output", logits);
        else run.Output("output", result.Latents);
        if (golden.Has("out/embeddings")) run.Output("embeddings", result.Latents);
        for (var i = 0; i < depth.Depth; i++)
        {
            var (layer, again) = tied && i > 1 ? (1, i - 1) : (i, 0);
            run.Attention($"layers.{layer}.cross.attn", $"layer{i}.cross", again);
            for (var j = 0; j < self; j++) run.Attention($"layers.{layer}.self.{j}.attn", $"layer{i}.self{j}", again);
        }

        run.Backward(parameters);
    }

    public static void RunHuggingFace(GoldenCase golden, Comparison comparison)
    {
        using var run = new ModuleRun(golden, comparison);
        var (width, seen, widening) = (golden.Int("d_latents"), golden.Int("d_model"), golden.Int("widening_factor"));
        var (self, blocks) = (golden.Int("self_attends_per_block"), golden.Int("num_blocks"));
        var (classes, residual) = (golden.OptionalInt("classes"), golden.Flag("use_query_residual"));
        run.Sizes("inputs", "batch", "input_len");
        comparison.States("activation", "gelu exact");
        comparison.States("qk_channels", "cross_attention_shape_for_attention=kv");
        golden.Described("layer_norm_eps"); // the reference's normalisations do not take it
        var model = new PerceiverIo(new PerceiverIoOptions(seen, width, golden.Int("num_latents"))
        {
            Layout = PerceiverLayout.HuggingFace,
            Cross = new PerceiverAttention(golden.Int("cross_heads"), seen / golden.Int("cross_heads"), widening),
            Self = new PerceiverAttention(golden.Int("self_heads"), width / golden.Int("self_heads"), widening),
            Layers = (self, blocks),
            Output = classes is null ? null : new PerceiverOutput(width, new PerceiverAttention(1, width, 1))
            {
                Queries = 1,
                Residual = residual,
                FeedForward = true,
                Channels = classes,
            },
        }, new RandomSource(1));
        var parameters = new ParameterMap(golden, model, PerceiverIo.HuggingFaceNames);
        var result = model.Forward(run.Input("inputs"), HuggingFace.Mask(golden, "attention_mask"), null, run.Pass);
        run.Output("last_hidden_state", result.Latents);
        if (result.Output is { } output) run.Output("logits", run.Pass.Reshape(output, [output.Shape[0], output.Shape[2]]));

        // The reference lists what a layer is given, and after every round what the last layer gave.
        for (var (round, at) = (0, 0); round < blocks; round++)
            for (var i = 0; i <= self; i++) run.Output($"hidden.{at++}", result.Hidden[round * self + i]);
        run.Attention("encoder.attn", "cross.0");
        for (var i = 0; i < self * blocks; i++) run.Attention($"layers.{i % self}.attn", $"self.{i}", i / self);
        if (classes is not null) run.Attention("decoder.attn", "cross.1");
        run.Backward(parameters);
    }

    private static PerceiverAttention Part(GoldenCase golden, string kind) =>
        new(golden.Int($"{kind}_heads"), golden.Int($"{kind}_dim_head"), Widening: 4);

    /// <summary>The mask, with the samples that the reference attends uniformly.</summary>
    private static Mask? MaskOf(GoldenCase golden)
    {
        if (!golden.Has("in/mask")) return null;
        var stored = golden.Stored("in/mask");
        var (batch, count) = (stored.Shape[0], stored.Shape[1]);
        var real = stored.ToBooleans();
        var mask = Mask.Allowed(real, [batch, 1, 1, count]);
        var uniform = new bool[batch, 1];
        for (var b = 0; b < batch; b++) uniform[b, 0] = !real.AsSpan(b * count, count).Contains(true) && Conventions.IsUniform(golden);
        return uniform.Cast<bool>().Any(u => u) ? mask.Uniform(uniform) : mask;
    }
}
