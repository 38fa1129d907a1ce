using CrossModal.Experiments.Cells;

namespace CrossModal.Experiments.Plans;

/// <summary>Chooses between runs by validation alone; tests have no say.</summary>
internal static class ComparisonChoice
{
    /// <summary>The run with most successes on validation layouts at its end; where these are even, that which points with the smallest
    /// error.</summary>
    public static CellResult? Best(IReadOnlyList<CellResult> results) => results.Where(r => r.Diverged is null && r.Learning.Count > 0)
        .OrderByDescending(r => (double)r.Learning[^1].Successes / Math.Max(1, r.Learning[^1].Episodes))
            .ThenBy(r => r.Learning[^1].TargetErrorCentimetres).FirstOrDefault();
}
