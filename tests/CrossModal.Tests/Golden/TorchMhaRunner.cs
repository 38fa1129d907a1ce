using CrossModal.Attention;
using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Golden;

/// <summary>torch.nn.MultiheadAttention against ours.</summary>
internal static class TorchMhaRunner
{
    public static void Run(GoldenCase golden, Comparison comparison)
    {
        var width = golden.Int("embed_dim");
        var attention = new MultiHeadAttention(new AttentionOptions(width, golden.Int("num_heads"))
        {
            Biases = golden.Flag("bias", otherwise: true) ? AttentionBiases.All : AttentionBiases.None,
            Widths = new AttentionWidths { Key = golden.OptionalInt("kdim") ?? width, Value = golden.OptionalInt("vdim") ?? width },
            Appended = (golden.Flag("add_bias_kv") ? AppendedKeys.Learned : 0) | (golden.Flag("add_zero_attn") ? AppendedKeys.Zero : 0),
        }, new RandomSource(1));
        var parameters = new ParameterMap(golden, attention, []);
        parameters.Load();
        using var run = new ModuleRun(golden, comparison);
        var query = run.Input("query");
        var key = run.Input(golden.Has("in/key") ? "key" : "key_value");
        var value = run.Input(golden.Has("in/value") ? "value" : "key_value");
        var heads = golden.Int("num_heads");
        run.Sizes("query", "batch", "query_len");
        run.Sizes(golden.Has("in/key") ? "key" : "key_value", "batch", "key_len");
        TorchMasks.Evaluation(comparison);
        comparison.States("head_dim", width / heads);
        comparison.States("scale", "1/sqrt(head_dim)");
        var mask = Mask.Both(TorchMasks.Padding(golden, "key_padding_mask"), TorchMasks.Attention(golden, "attn_mask", heads), run.Pass);
        run.Output("output", attention.Forward(query, key, value, mask, run.Pass));
        run.Attention(0, "per_head", "average");
        run.Backward(parameters);
    }
}

/// <summary>torch's masks as ours: there, true means "may not be attended".</summary>
internal static class TorchMasks
{
    /// <summary>Demands what torch's cases have in common: no dropout, and the batch as the first axis.</summary>
    public static void Evaluation(Comparison comparison)
    {
        comparison.States("dropout", 0);
        comparison.States("batch_first", true);
    }

    /// <summary>A key padding mask <c>[B, Nk]</c>, or null when the case has none.</summary>
    public static Mask? Padding(GoldenCase golden, string name)
    {
        if (!golden.Has($"in/{name}")) return null;
        var stored = golden.Stored($"in/{name}");
        return Mask.FromIgnored(stored.ToBooleans(), [stored.Shape[0], 1, 1, stored.Shape[1]]);
    }

    /// <summary>A mask <c>[Nq, Nk]</c> or <c>[B·H, Nq, Nk]</c>, boolean or additive, or null when the case has none.</summary>
    public static Mask? Attention(GoldenCase golden, string name, int heads)
    {
        if (!golden.Has($"in/{name}")) return null;
        var stored = golden.Stored($"in/{name}");
        Shape shape = stored.Shape.Length == 2
            ? [1, 1, stored.Shape[0], stored.Shape[1]]
            : [stored.Shape[0] / heads, heads, stored.Shape[1], stored.Shape[2]];
        return golden.IsBoolean($"in/{name}")
            ? Mask.FromIgnored(stored.ToBooleans(), shape)
            : Mask.Additive(Tensor.From(stored.ToSingles(), shape));
    }
}
