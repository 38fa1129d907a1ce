using CrossModal.Experiments.Analysis;
using CrossModal.Reports;

namespace CrossModal.Cli.Comparisons;

/// <summary>Intervals of results as reports draw them.</summary>
internal static class DrawnInterval
{
    /// <summary>The mean of a share with its interval.</summary>
    public static Interval Drawn(this Share share) => new(share.Interval.Value, share.Interval.Lower, share.Interval.Upper);
}
