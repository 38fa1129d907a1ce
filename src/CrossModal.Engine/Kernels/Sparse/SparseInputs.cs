namespace CrossModal.Engine.Kernels;

/// <summary>What a sparse attention reads, dense: q [B, Nq, H D], k [B, Nk, H D], v [B, Nk or gathered, H Dv], a mask or nothing.</summary>
internal readonly ref struct SparseInputs
{
    /// <summary>Queries.</summary>
    public ReadOnlySpan<float> Q { get; init; }

    /// <summary>Keys.</summary>
    public ReadOnlySpan<float> K { get; init; }

    /// <summary>Values.</summary>
    public ReadOnlySpan<float> V { get; init; }

    /// <summary>Added to the scores, or empty.</summary>
    public ReadOnlySpan<float> Mask { get; init; }

    /// <summary>Sizes of the mask.</summary>
    public MaskShape MaskShape { get; init; }

    /// <summary>What scores are multiplied by.</summary>
    public float Scale { get; init; }

    /// <summary>Which keys the values belong to, [B, k], where they were gathered before; or empty.</summary>
    public ReadOnlySpan<float> Ids { get; init; }
}
