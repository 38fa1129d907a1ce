namespace CrossModal.Experiments.Statistics;

/// <summary>A value and the middle 95 % of what resampling gave.</summary>
/// <param name="Value">The value of the sample itself.</param>
/// <param name="Lower">2.5th percentile.</param>
/// <param name="Upper">97.5th percentile.</param>
public readonly record struct ConfidenceInterval(double Value, double Lower, double Upper)
{
    /// <summary>Whether 0 lies outside.</summary>
    public bool ExcludesZero => Lower > 0 || Upper < 0;
}
