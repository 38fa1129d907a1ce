namespace CrossModal.Engine.Kernels;

/// <summary>The same few keys for every query and head of a sample, whose values were gathered before.</summary>
internal readonly unsafe struct GivenKeys : IKeyChoice
{
    /// <inheritdoc/>
    public static bool ValuesGathered => true;

    /// <inheritdoc/>
    public void Begin(in AttentionOperands o)
    {
    }

    /// <inheritdoc/>
    public long Scratch(in AttentionShape shape) => 0;

    /// <inheritdoc/>
    public void Prepare(in AttentionOperands o, int batch, int head, int query, int queries, float* scratch)
    {
    }

    /// <inheritdoc/>
    public int Choose(in AttentionOperands o, int batch, int head, int query, int lane, int* keys, float* scratch)
    {
        var ids = o.Ids + (nint)batch * o.ValueRows;
        for (var n = 0; n < o.ValueRows; n++) keys[n] = (int)ids[n];
        return o.ValueRows;
    }
}
