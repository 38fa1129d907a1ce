namespace CrossModal.Experiments.Cells;

/// <summary>What a running cell does at the moment.</summary>
/// <param name="Phase">Its teacher's training, pre-training, training, validating or testing.</param>
/// <param name="Share">Share of the phase that is done, 0 to 1.</param>
internal sealed record CellStatus(CellPhase Phase, double Share)
{
    /// <summary>Latest mean loss; null before the first step.</summary>
    public double? Loss { get; init; }

    /// <summary>Successes so far: of the latest validation while training, of all tests while testing.</summary>
    public int Successes { get; init; }

    /// <summary>Episodes these successes are of.</summary>
    public int Episodes { get; init; }
}

/// <summary>What a cell does.</summary>
internal enum CellPhase
{
    /// <summary>Its teacher, whose weights are gone, learns again.</summary>
    Teacher,

    /// <summary>It learns from captions.</summary>
    Pretraining,

    /// <summary>It learns.</summary>
    Training,

    /// <summary>It is tried on validation layouts.</summary>
    Validating,

    /// <summary>It is tested.</summary>
    Testing,
}
