namespace CrossModal.Explain;

/// <summary>Whether a word attends to the right object, judged on raw patch weights and the object's exact mask.</summary>
/// <param name="Mass">Share of the word's attention that lies on the object: Σ A_j c_j / Σ A_j, c_j being the share of patch j the object
/// covers.</param>
/// <param name="Area">Share of the picture the object covers.</param>
/// <param name="Pointed">Whether the most attended patch touches the object.</param>
public readonly record struct Grounding(double Mass, double Area, bool Pointed)
{
    /// <summary>Mass over area: 1 is chance. NaN when the object is not to be seen.</summary>
    public double Lift => Mass / Area;

    /// <summary>Judges one word in one picture.</summary>
    /// <param name="weights">The word's weights over the patches.</param>
    /// <param name="coverage">Share of each patch the object covers, 0 to 1.</param>
    /// <exception cref="ArgumentException">The numbers of patches differ, or there are none.</exception>
    public static Grounding Measure(ReadOnlySpan<float> weights, ReadOnlySpan<float> coverage)
    {
        if (weights.IsEmpty || weights.Length != coverage.Length)
            throw new ArgumentException($"Grounding: {weights.Length} weights and {coverage.Length} patches of coverage");
        double mass = 0, total = 0, area = 0;
        var best = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            mass += (double)weights[i] * coverage[i];
            total += weights[i];
            area += coverage[i];
            if (weights[i] > weights[best]) best = i;
        }

        return new Grounding(total > 0 ? mass / total : 0, area / weights.Length, total > 0 && coverage[best] > 0);
    }
}
