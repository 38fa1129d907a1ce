namespace CrossModal.Tests.Golden;

/// <summary>Every place where this library means something else than the reference, with the reason. Nothing else may differ.</summary>
internal static class Conventions
{
    /// <summary>Tensors that are not compared: beginnings of case and tensor, reason.</summary>
    private static readonly (string Case, string Tensor, string Reason)[] NotCompared =
    [
        ("torch_mha/full_", "attn/average", "NaN in the reference, and alt_zero stores no mean; the weights per head are compared"),
        .. new[] { 0, 1 }.Select(layer => ("training/", $"final64/fusion.layers.{layer}.crossAttention.keyProj.bias",
            "its gradient is 0 in theory; Adam turns the rounding noise into steps of the size of the learning rate")),
    ];

    /// <summary>Gradients compared with a wider absolute tolerance: beginning of the case, tolerance, reason.</summary>
    private static readonly (string Case, double Absolute, string Reason)[] Wider =
    [
        ("torch_mha/huge_logits_", 0.05, "queries reach 8800 and scores 1e4: a saturated row has the gradient p·(dp − Σ p·dp), which the reference, "
            + "holding the whole row, finds to be exactly 0; the streamed kernel takes Σ p·dp from the output and p from a float32 logarithm of 1e4, "
            + "and what is left of rounding (1e-7 to 5e-4 of dp) is multiplied by the queries. The largest gradients there are 15 to 23."),
    ];

    /// <summary>Why a tensor is not compared, or null when it must be.</summary>
    public static string? Reason(string golden, string tensor) => NotCompared
        .Where(n => golden.StartsWith(n.Case, StringComparison.Ordinal) && tensor.StartsWith(n.Tensor, StringComparison.Ordinal))
        .Select(n => n.Reason).FirstOrDefault();

    /// <summary>The tolerance a group of tensors is held to.</summary>
    public static (double Relative, double Absolute) Tolerance(GoldenCase golden, string kind)
    {
        // Thirty steps of Adam in float32 against float64; the manifest states no tolerance for weights.
        if (kind == "final") return (1e-3, 1e-4);
        var stated = golden.Tolerance(kind);
        if (kind != "gradients" || !IsWider(golden.Name)) return stated;
        return (stated.Relative, Wider.First(w => golden.Name.StartsWith(w.Case, StringComparison.Ordinal)).Absolute);
    }

    /// <summary>Whether some of a case is held to a wider tolerance than its manifest states.</summary>
    public static bool IsWider(string golden) => Wider.Any(w => golden.StartsWith(w.Case, StringComparison.Ordinal));

    /// <summary>The stored tensor that a result is held against.</summary>
    /// <remarks>A query that may attend to nothing is NaN in torch 1.13 and zeros here; the reference stores that convention under alt_zero/.</remarks>
    public static string Stored(GoldenCase golden, string tensor)
    {
        var start = tensor.StartsWith("out/", StringComparison.Ordinal) || tensor.StartsWith("attn/", StringComparison.Ordinal)
            ? tensor.IndexOf('/') + 1
            : 0;
        return golden.Has($"alt_zero/{tensor[start..]}") ? $"alt_zero/{tensor[start..]}" : tensor;
    }
}
