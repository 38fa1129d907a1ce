namespace CrossModal.Benchmarks.Kernels;

/// <summary>Sizes of one attention.</summary>
/// <param name="Batch">Samples B.</param>
/// <param name="Queries">Queries Nq.</param>
/// <param name="Keys">Keys Nk.</param>
/// <param name="Heads">Heads H.</param>
/// <param name="HeadDim">Width D of a head.</param>
internal sealed record AttentionSize(int Batch, int Queries, int Keys, int Heads, int HeadDim)
{
    /// <inheritdoc/>
    public override string ToString() => $"B{Batch} Nq{Queries} Nk{Keys} H{Heads} D{HeadDim}";
}
