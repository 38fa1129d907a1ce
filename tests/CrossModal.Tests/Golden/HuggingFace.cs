using CrossModal.Attention;

namespace CrossModal.Tests.Golden;

/// <summary>What the cases of Hugging Face's models have in common.</summary>
internal static class HuggingFace
{
    /// <summary>The activation function as a published configuration names it; manifests say "gelu exact" where those say "gelu".</summary>
    public static string Activation(GoldenCase golden) => golden.OptionalText("activation") switch
    {
        null or "gelu exact" => "gelu",
        "gelu tanh" => "gelu_new",
        var other => other,
    };

    /// <summary>Rows of a stored parameter: how many positions or segments there are, which no manifest says.</summary>
    public static int Rows(this GoldenCase golden, string parameter) => golden.Stored($"param/{parameter}").Shape[0];

    /// <summary>A padding mask <c>[B, N]</c> of 1 = real, or null when the case has none.</summary>
    /// <param name="golden">The case.</param>
    /// <param name="name">Name of the stored mask.</param>
    /// <param name="added">What the reference adds to the scores of padding.</param>
    public static Mask? Mask(GoldenCase golden, string name, float added = float.MinValue)
    {
        if (!golden.Has($"in/{name}")) return null;
        var stored = golden.Stored($"in/{name}");
        return Conventions.Padding(stored.ToBooleans(), stored.Shape[0], stored.Shape[1], added);
    }
}
