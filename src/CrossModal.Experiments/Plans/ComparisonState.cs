using CrossModal.Experiments.Cells;

namespace CrossModal.Experiments.Plans;

/// <summary>How far a comparison is.</summary>
/// <param name="Finished">Cells finished, those of earlier sessions included.</param>
/// <param name="Planned">All cells, each counted once.</param>
/// <param name="Running">Cells under way.</param>
/// <param name="Left">Estimate of the time to go.</param>
internal sealed record ComparisonState(int Finished, int Planned, IReadOnlyList<RunningCell> Running, TimeSpan Left);

/// <summary>A cell under way.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Status">What it does; null before it said.</param>
internal sealed record RunningCell(PlannedCell Cell, CellStatus? Status);

/// <summary>Somebody who watches a comparison; called on any thread, one call at a time.</summary>
internal interface IComparisonWatcher
{
    /// <summary>Something moved on.</summary>
    void Changed(ComparisonState state);

    /// <summary>A cell is finished.</summary>
    void Finished(PlannedCell cell, CellResult result, ComparisonState state);
}
