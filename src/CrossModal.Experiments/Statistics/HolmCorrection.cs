namespace CrossModal.Experiments.Statistics;

/// <summary>Adjusts p-values for having been asked for together (Holm, "A simple sequentially rejective multiple test procedure",
/// 1979).</summary>
internal static class HolmCorrection
{
    /// <summary>Name of the correction, for reports.</summary>
    public const string Name = "Holm–Bonferroni";

    /// <summary>
    /// The adjusted p-values, in the given order: below α exactly where the procedure rejects at a family-wise error of α, whatever depends
    /// on what.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is not in [0, 1].</exception>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        foreach (var p in pValues)
            if (!(p is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(pValues), p, "HolmCorrection: a p-value is not in [0, 1]");
        var adjusted = new double[pValues.Count];
        var largest = 0.0;
        foreach (var (rank, index) in Enumerable.Range(0, adjusted.Length).OrderBy(i => pValues[i]).Index())
            adjusted[index] = largest = Math.Max(largest, Math.Min(1, (adjusted.Length - rank) * pValues[index]));
        return adjusted;
    }
}
