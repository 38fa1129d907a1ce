using CrossModal.Layers;
using CrossModal.Models;

namespace CrossModal.Tabletop.Comparison;

/// <summary>Whether a training left numbers behind: its last step may make weights that no loss is computed with any more.</summary>
internal static class FiniteWeights
{
    /// <summary>Requires every weight to be finite.</summary>
    /// <exception cref="WeightOverflowException">One is not; the message names its parameter.</exception>
    public static void Require(LanguagePolicy policy)
    {
        foreach (var (name, value) in policy.Parameters())
            foreach (var weight in value.Span)
                if (!float.IsFinite(weight)) throw new WeightOverflowException("the trained policy", FormattableString.Invariant($"a weight of '{name}' is {weight}"), policy);
    }
}
