using System.IO.Enumeration;
using CrossModal.Attention;
using CrossModal.Engine.Tensors;

namespace CrossModal.Tests.Golden;

/// <summary>Every place where this library means something else than the reference, with the reason. Nothing else may differ.</summary>
internal static class Conventions
{
    /// <summary>Tensors that are not compared: beginning of the case, the tensor with * for anything, reason.</summary>
    private static readonly (string Case, string Tensor, string Reason)[] NotCompared =
    [
        ("torch_mha/full_", "attn/average", "NaN in the reference, and alt_zero stores no mean; the weights per head are compared"),
        ("explain/rules_identity", "out/hat_R_tt", "0/0 is NaN in the reference and 0 here, as its notes advise: R̂ of I is I"),
        ("explain/rules_identity", "out/normalised/add_R_tv_*",
            "the same: NaN, or 0 for the whole; here it is the unnormalised Ā, which is compared"),
        ("training/", "final64/*.keyProj.bias",
            "its gradient is 0 in theory; Adam turns the rounding noise into steps of the size of the learning rate"),
    ];

    /// <summary>Where the reference attends to all keys alike because it fills what is forbidden with a very low number, and a row here
    /// would be zeros.</summary>
    private static readonly (string Group, Func<GoldenCase, int, int, bool> Rows, string Reason)[] AttendsUniformly =
    [
        ("flamingo", (c, time, _) => !c.Flag("only_attend_immediate_media") && time == 0,
            "a word before the first medium, when all media before it count"),
        ("flamingo", (c, time, media) => c.Flag("only_attend_immediate_media") && time > media,
            "a word after a location for which there is no medium"),
        ("perceiver", (_, _, _) => true, "a sample that is all padding"),
    ];

    /// <summary>Whether a query with nothing to attend attends to all keys alike in the reference.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="time">Of a word in Flamingo, how many media stand before it or at it.</param>
    /// <param name="media">In Flamingo, how many media there are.</param>
    public static bool IsUniform(GoldenCase golden, int time = 0, int media = 0) =>
        AttendsUniformly.Any(u => u.Group == golden.Group && u.Rows(golden, time, media));

    /// <summary>Why a tensor is not compared, or null when it must be.</summary>
    public static string? Reason(string golden, string tensor) => NotCompared
        .Where(n => golden.StartsWith(n.Case, StringComparison.Ordinal)
            && FileSystemName.MatchesSimpleExpression(n.Tensor, tensor, ignoreCase: false))
        .Select(n => n.Reason).FirstOrDefault();

    /// <summary>The tolerance a group of tensors is held to: the manifest's, but for the weights after training.</summary>
    /// <remarks>Thirty steps of Adam in float32 against float64; the manifest states no tolerance for weights.</remarks>
    public static (double Relative, double Absolute) Tolerance(GoldenCase golden, string kind) =>
        kind == "final" ? (1e-3, 1e-4) : golden.Tolerance(kind);

    /// <summary>A padding mask of Hugging Face's models, true = real.</summary>
    /// <remarks>They add a very negative number instead of −∞, so a sample without a real token attends to its padding, evenly where the
    /// number swallows the scores, and gives zeros here. Where a case has such a sample, its row is given as the reference's
    /// numbers.</remarks>
    /// <param name="real">Which tokens are real, <c>[batch, count]</c>.</param>
    /// <param name="batch">Number of samples.</param>
    /// <param name="count">Number of tokens.</param>
    /// <param name="added">What the reference adds to the scores of padding.</param>
    public static Mask Padding(ReadOnlySpan<bool> real, int batch, int count, float added)
    {
        var scores = Tensor.Zeros([batch, 1, 1, count]);
        for (var b = 0; b < batch; b++)
        {
            var row = real.Slice(b * count, count);
            var masked = row.Contains(true) ? float.NegativeInfinity : added;
            for (var i = 0; i < count; i++) scores.Span[b * count + i] = row[i] ? 0 : masked;
        }

        return Mask.Additive(scores);
    }

    /// <summary>The stored tensor that a result is held against.</summary>
    /// <remarks>A query that may attend to nothing is NaN in torch 1.13 and zeros here; the reference stores that convention under
    /// alt_zero/.</remarks>
    public static string Stored(GoldenCase golden, string tensor)
    {
        var start = tensor.StartsWith("out/", StringComparison.Ordinal) || tensor.StartsWith("attn/", StringComparison.Ordinal)
            ? tensor.IndexOf('/') + 1
            : 0;
        return golden.Has($"alt_zero/{tensor[start..]}") ? $"alt_zero/{tensor[start..]}" : tensor;
    }
}
