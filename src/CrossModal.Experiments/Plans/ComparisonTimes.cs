namespace CrossModal.Experiments.Plans;

/// <summary>Times of steps that were measured by themselves, on a machine that did nothing else: the content of <c>times.json</c>, which
/// lies beside results and stands in place of the times they have.</summary>
internal sealed record ComparisonTimes
{
    /// <summary>The format of the file.</summary>
    public const string CurrentSchema = "crossmodal-times/1";

    /// <summary>The format it was written in.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Version of the library.</summary>
    public required string Version { get; init; }

    /// <summary>The command that made it.</summary>
    public required string Command { get; init; }

    /// <summary>Where it ran: cores, width of vectors and instruction set, runtime, system.</summary>
    public required string Machine { get; init; }

    /// <summary>Times a control step of every row was timed, all rows in turn.</summary>
    public required int Rounds { get; init; }

    /// <summary>Time of a control step, and of a training step, of each row.</summary>
    public required IReadOnlyList<SpeedRecord> Rows { get; init; }
}
