namespace CrossModal.Server.Viewing;

/// <summary>Which map of a step is shown.</summary>
/// <param name="Method">Name of the method of explanation.</param>
/// <param name="Layer">Name of a layer, for raw attention; null for the one with the least spread.</param>
/// <param name="Head">Number of a head, for raw attention; null for the mean over heads.</param>
internal sealed record MapChoice(string Method, string? Layer = null, int? Head = null)
{
    /// <summary>The method that has layers and heads.</summary>
    public const string Raw = "raw";
}

/// <summary>A map of every word, or one of the decision as a whole.</summary>
/// <param name="Layer">The layer of raw attention; null for another method.</param>
/// <param name="Rows">For each word the weight of each patch, camera after camera <c>[V·N]</c>, which sum to 1 or less.</param>
/// <param name="OfWords">Whether each row is a word's; otherwise there is one of the decision as a whole.</param>
internal sealed record ShownMap(string? Layer, IReadOnlyList<float[]> Rows, bool OfWords)
{
    /// <summary>The row of a word; the mean over words for null.</summary>
    public float[] Of(int? word)
    {
        if (!OfWords) return Rows[0];
        if (word is { } index) return Rows[index];
        var mean = new float[Rows[0].Length];
        foreach (var row in Rows)
            for (var i = 0; i < mean.Length; i++) mean[i] += row[i] / Rows.Count;
        return mean;
    }
}

/// <summary>One head of a layer, and how well its map fits.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Head">Its number.</param>
/// <param name="Weights">The weight of each patch, camera after camera.</param>
/// <param name="Lift">Share of the map on what the word names over that thing's share of the pictures; null where nothing is
/// known.</param>
/// <param name="Concentration">1 − entropy / ln N, 0 (even) to 1 (one patch).</param>
internal sealed record HeadMap(string Layer, int Head, float[] Weights, double? Lift, double Concentration);
