namespace CrossModal.Benchmarks.Cases;

/// <summary>How a layer treats the projections of the visual tokens.</summary>
internal enum Association
{
    /// <summary>Every visual token is projected.</summary>
    Ordinary,

    /// <summary>The projections are absorbed into the queries.</summary>
    Absorbed,

    /// <summary>Whichever costs less.</summary>
    Cheaper,
}
