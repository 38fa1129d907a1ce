namespace CrossModal.Engine.Kernels;

/// <summary>The keys whose score is at least the k-th largest of the row: ties survive. Keys of -infinity are never chosen.</summary>
/// <param name="k">How many, at least.</param>
internal readonly unsafe struct TopKeys(int k) : IKeyChoice
{
    /// <inheritdoc/>
    public static bool ValuesGathered => false;

    /// <inheritdoc/>
    public void Begin(in AttentionOperands o)
    {
    }

    /// <inheritdoc/>
    public long Scratch(in AttentionShape shape) => ScoreRows.Scratch(shape.HeadDim, shape.Keys) + Math.Min(k, shape.Keys);

    /// <inheritdoc/>
    public void Prepare(in AttentionOperands o, int batch, int head, int query, int queries, float* scratch) =>
        ScoreRows.Compute(o, batch, head, query, queries, scratch);

    /// <inheritdoc/>
    public int Choose(in AttentionOperands o, int batch, int head, int query, int lane, int* keys, float* scratch)
    {
        var count = o.Shape.Keys;
        var rows = ScoreRows.Rows(o.Shape.HeadDim, scratch);
        var row = rows + (nint)lane * count;
        var threshold = LargestValues.Threshold(row, count, k, rows + (nint)AttentionTile.Queries * count);
        return LargestValues.AtLeast(row, count, threshold, keys);
    }
}
