using CrossModal.Attention;
using CrossModal.Engine.Tensors;

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

    /// <summary>Why a tensor is not compared, or null when it must be.</summary>
    public static string? Reason(string golden, string tensor) => NotCompared
        .Where(n => golden.StartsWith(n.Case, StringComparison.Ordinal) && tensor.StartsWith(n.Tensor, StringComparison.Ordinal))
        .Select(n => n.Reason).FirstOrDefault();

    /// <summary>The tolerance a group of tensors is held to: the manifest's, but for the weights after training.</summary>
    /// <remarks>Thirty steps of Adam in float32 against float64; the manifest states no tolerance for weights.</remarks>
    public static (double Relative, double Absolute) Tolerance(GoldenCase golden, string kind) => kind == "final" ? (1e-3, 1e-4) : golden.Tolerance(kind);

    /// <summary>A padding mask of Hugging Face's models, true = real.</summary>
    /// <remarks>They add the most negative number instead of −∞, so a sample without a real token attends evenly to all of its padding, and
    /// gives zeros here. Where a case has such a sample, that sample's row is given as the reference's numbers; all others are ours.</remarks>
    public static Mask Padding(ReadOnlySpan<bool> real, int batch, int count)
    {
        var scores = Tensor.Zeros([batch, 1, 1, count]);
        for (var b = 0; b < batch; b++)
        {
            var row = real.Slice(b * count, count);
            var masked = row.Contains(true) ? float.NegativeInfinity : float.MinValue;
            for (var i = 0; i < count; i++) scores.Span[b * count + i] = row[i] ? 0 : masked;
        }

        return Mask.Additive(scores);
    }

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
