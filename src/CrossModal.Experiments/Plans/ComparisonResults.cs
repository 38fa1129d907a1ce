using System.Text.Json.Serialization;
using CrossModal.Experiments.Cells;

namespace CrossModal.Experiments.Plans;

/// <summary>A comparison with everything needed to report it: the content of <c>results.json</c>.</summary>
internal sealed record ComparisonResults
{
    /// <summary>The format of the file.</summary>
    public const string CurrentSchema = "crossmodal-comparison/1";

    /// <summary>The format it was written in.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Version of the library.</summary>
    public required string Version { get; init; }

    /// <summary>The command that made it.</summary>
    public required string Command { get; init; }

    /// <summary>Name of the protocol: quick, default or full.</summary>
    public required string Protocol { get; init; }

    /// <summary>Where it ran.</summary>
    public required string Machine { get; init; }

    /// <summary>Training seeds.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>Seconds this and earlier sessions of the comparison worked: the sum over its cells, one thread each.</summary>
    public required double CellSeconds { get; init; }

    /// <summary>Seconds the last session took.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Cells that were planned and are not finished, by name; empty when the comparison is complete.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Groups asked for in the sessions that made the file; null in a file that is older than this list.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Time of a control step of each variant, measured in turn when nothing else ran.</summary>
    public IReadOnlyList<SpeedRecord> Speeds { get; init; } = [];

    /// <summary>The finished cells in the order of the plan; a cell that serves several groups appears in each.</summary>
    public required IReadOnlyList<ComparedCell> Cells { get; init; }

    /// <summary>Number of finished cells, each counted once.</summary>
    [JsonIgnore]
    public int Finished => Cells.Select(c => c.Result.Key).Distinct().Count();
}

/// <summary>A finished cell and its place in the comparison.</summary>
/// <param name="Place">Where it belongs.</param>
/// <param name="Result">What was measured.</param>
internal sealed record ComparedCell(CellPlace Place, CellResult Result);

/// <summary>Where a cell belongs; says nothing about what is computed.</summary>
/// <param name="Group">What is compared: <c>strategies</c>, the name of an ablation, or <c>distillation</c>.</param>
/// <param name="Variant">Short name of the row, the same for all its seeds and budgets.</param>
/// <param name="Label">The row's name for readers.</param>
/// <param name="Role">What the cell is for.</param>
/// <param name="Setting">Value of what an ablation changes, such as 8 heads; empty elsewhere.</param>
internal sealed record CellPlace(string Group, string Variant, string Label, CellRole Role, string Setting = "");

/// <summary>What a cell is for.</summary>
internal enum CellRole
{
    /// <summary>One learning rate of the sweep, judged on validation layouts, at a part of the budget.</summary>
    Sweep,

    /// <summary>A run of its own with a shorter budget: a point of success against budget.</summary>
    Budget,

    /// <summary>The whole budget: what the table shows.</summary>
    Final,
}

/// <summary>Time of one control step of a variant on one thread, compiled, from picture to action while the instruction stays.</summary>
/// <param name="Variant">Short name of the variant.</param>
/// <param name="MedianMilliseconds">Median.</param>
/// <param name="LowMilliseconds">Lower quartile.</param>
/// <param name="HighMilliseconds">Upper quartile.</param>
internal sealed record SpeedRecord(string Variant, double MedianMilliseconds, double LowMilliseconds, double HighMilliseconds)
{
    /// <summary>
    /// Time of one training step on one thread, the lower quartile, as what disturbs only adds; null where it was not timed, as for the
    /// settings of ablations.
    /// </summary>
    public double? TrainingMilliseconds { get; init; }
}
